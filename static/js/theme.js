/** Remember the chosen appearance in this browser. Without script the choice holds within the page, by `:has()` in tokens.css. */
const KEY = "theme";
const root = document.documentElement;

function choose(theme) {
  root.dataset.theme = theme;
  try {
    if (theme === "auto") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // The choice then holds for this page.
  }
}

// The early script in the head has set it before the first paint; modules run when the page is complete.
for (const radio of document.querySelectorAll("input[name=theme]")) {
  radio.checked = radio.value === (root.dataset.theme ?? "auto");
  radio.addEventListener("change", () => choose(radio.value));
}
