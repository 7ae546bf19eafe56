/** Load the next article below this one before the reader gets there, and let the address follow what is read. Without script a link leads on. */
const MOST = 3; // so that the foot of the page can be reached
const AHEAD = "900px";
let loaded = 0;

const reading = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting || location.pathname === target.dataset.address) continue;
      history.replaceState(history.state, "", target.dataset.address);
      document.title = target.dataset.title;
    }
  },
  { rootMargin: "-50% 0px -50% 0px" },
);

const approaching = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      approaching.unobserve(target);
      load(target);
    }
  },
  { rootMargin: `0px 0px ${AHEAD} 0px` },
);

async function load(teaser) {
  if (loaded >= MOST || navigator.connection?.saveData) return;
  loaded += 1;
  const response = await fetch(teaser.dataset.continue, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!response?.ok) return;
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  const end = teaser.closest("[data-after-article]");
  const added = [...parsed.body.children];
  teaser.remove();
  end.after(...added);
  for (const element of added) {
    element.dispatchEvent(new CustomEvent("masthead:streamed", { bubbles: true }));
    watch(element);
  }
}

function watch(root) {
  const inside = (selector) => [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)];
  for (const article of inside("article[data-address]")) reading.observe(article);
  for (const teaser of inside("[data-continue]")) approaching.observe(teaser);
}

// A draft that the newsroom previews has no address to follow; a page with one article keeps its fragment.
watch(document);
