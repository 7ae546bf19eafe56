/** Remember the chosen appearance in this browser. Without script the choice holds within the page, by `:has()` in tokens.css. */
const KEY = "theme";
const root = document.documentElement;

/** Read the remembered choice; storage may be refused altogether. */
function remembered() {
  try {
    return localStorage.getItem(KEY) ?? "auto";
  } catch {
    return "auto";
  }
}

function choose(theme) {
  root.dataset.theme = theme;
  try {
    if (theme === "auto") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // The choice then holds for this page.
  }
}

// At once, before the first paint; the form stands at the end of the page and comes later.
root.dataset.theme = remembered();

function connect() {
  for (const radio of document.querySelectorAll("input[name=theme]")) {
    radio.checked = radio.value === root.dataset.theme;
    radio.addEventListener("change", () => choose(radio.value));
  }
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", connect);
else connect();
