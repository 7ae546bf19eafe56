/** Solve a challenge while the address is typed, and send the solution along. Whatever fails, the form is sent without. */
const PATIENCE_MS = 20_000;
const field = document.querySelector("input[name=altcha]");
const { form } = field;
let solution;

$altcha.defaults.set({ credentials: "omit", humanInteractionSignature: false });
$altcha.algorithms.set("PBKDF2/SHA-256", () => new Worker(field.dataset.worker));

function forget() {
  field.value = "";
  form.removeAttribute("aria-busy");
  document.querySelector("altcha-widget")?.remove();
  solution = undefined;
}

function solve() {
  // It has nothing to show; inside the form, its required tick would hold the form back where solving fails.
  const widget = document.createElement("altcha-widget");
  widget.hidden = true;
  widget.setAttribute("auto", "onload");
  widget.setAttribute("challenge", field.dataset.challenge);
  return new Promise((resolve) => {
    widget.addEventListener("statechange", ({ detail }) => {
      if (detail.state === "verifying") return;
      if (detail.state === "verified") field.value = detail.payload;
      else forget();
      resolve();
    });
    document.body.append(widget);
  });
}

const start = () => (solution ??= solve());

forget();
if (form.contains(document.activeElement)) start();
form.addEventListener("focusin", start);
form.addEventListener("submit", async (event) => {
  if (field.value) return;
  event.preventDefault();
  if (form.hasAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  await Promise.race([start(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  form.submit();
});
// The page that comes back by the back button holds a solution that has been used.
addEventListener("pageshow", ({ persisted }) => persisted && forget());
