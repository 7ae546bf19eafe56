/** Write a body as HTML, or in the editor where the editor gives every element back. */
import { createTextareaEditor } from "django-prose-editor/editor";
import { extensions } from "./schema.js";

const SNIPPETS = {
  pull: '<figure class="pull"><blockquote><p>…</p></blockquote><figcaption>…</figcaption></figure>',
  footnote: '<span class="footnote">…</span>',
  divider: '<hr class="paywall-divider">',
  gloss: '<aside class="gloss" data-pinyin="…"><b>…</b>…</aside>',
  term: '<span class="term" data-pinyin="…" data-gloss="…">…</span>',
  also: '<aside class="also" data-article="…"></aside>',
  embed: '<figure class="embed" data-embed="https://…"><figcaption>…</figcaption></figure>',
  ranking: '<ol class="ranking"><li><h3>…</h3><span class="count num">1</span><p>…</p></li></ol>',
  table: '<table><caption>…</caption><thead><tr><th scope="col">…</th></tr></thead><tbody><tr><td>…</td></tr></tbody></table>',
  references: '<ul class="references"><li>…</li></ul>',
  appeal: '<aside class="appeal"></aside>',
};
const figure = (id) => `<figure><img data-image="${id}" alt=""><figcaption>… <span class="credit">…</span></figcaption></figure>`;
const BLOCKS = "P,H2,H3,H4,UL,OL,LI,BLOCKQUOTE,FIGURE,FIGCAPTION,ASIDE,TABLE,THEAD,TBODY,TFOOT,TR,TD,TH,CAPTION,HR,DL,DT,DD,DIV,PRE".split(",");

/** Write HTML in one form, so that two bodies can be compared by what they say. */
export function canonical(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  // The editor puts a paragraph into every item of a list; on saving it goes again.
  for (const only of body.querySelectorAll("li > p:only-child")) if (!only.attributes.length) only.replaceWith(...only.childNodes);
  for (const first of body.querySelectorAll("li > p:first-child")) if (!first.attributes.length) first.replaceWith(...first.childNodes);
  const write = (node) => {
    if (node.nodeType === 3) return node.data.replace(/\s+/g, " ").replace(/[<&]/g, (mark) => `&#${mark.charCodeAt(0)};`);
    if (node.nodeType !== 1) return "";
    const attributes = [...node.attributes].map(({ name, value }) => ` ${name}=${JSON.stringify(value)}`).sort();
    return `<${node.tagName}${attributes.join("")}>${[...node.childNodes].map(write).join("")}</${node.tagName}>`;
  };
  const around = new RegExp(`\\s*(</?(?:${BLOCKS.join("|")}|BR)(?: [^>]*)?>)\\s*`, "g");
  return [...body.childNodes].map(write).join("").replace(around, "$1").replace(/(<P><\/P>)+$/, "").trim();
}

/** Say whether the editor gives back what it was given. */
export function keeps(html, makeEditor) {
  const scratch = document.createElement("textarea");
  const holder = document.createElement("div");
  holder.hidden = true;
  holder.append(scratch);
  document.body.append(holder);
  scratch.value = html;
  const editor = makeEditor(scratch);
  const given = editor.getHTML();
  editor.destroy();
  holder.remove();
  return canonical(given) === canonical(html);
}

function connect(widget) {
  const area = widget.querySelector("textarea");
  const note = widget.querySelector("[role=status]");
  const make = (textarea) => createTextareaEditor(textarea, extensions);
  let editor = null;

  function show(mode) {
    note.textContent = "";
    if (mode === "editor" && !editor) {
      if (!keeps(area.value, make)) {
        note.textContent = note.dataset.kept;
        return;
      }
      editor = make(area);
    }
    if (mode === "source" && editor) {
      editor.destroy();
      editor = null;
      // What the editor wrapped around the text area goes with it.
      const wrapper = area.closest(".prose-editor");
      if (wrapper) wrapper.replaceWith(area);
      area.hidden = false;
      area.style.removeProperty("display");
    }
    for (const button of widget.querySelectorAll("[data-mode]")) button.setAttribute("aria-pressed", String((button.dataset.mode === "editor") === Boolean(editor)));
  }

  function insert(html) {
    if (editor) editor.chain().focus().insertContent(html).run();
    else {
      area.focus();
      area.setRangeText(html, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  /** Let a picture be chosen in the library's own window. */
  function pick() {
    const chosen = document.createElement("input");
    chosen.type = "hidden";
    chosen.id = "id_body_picture";
    document.getElementById(chosen.id)?.remove();
    widget.append(chosen);
    chosen.onchange = () => insert(figure(chosen.value));
    const lookup = Object.assign(document.createElement("a"), { id: "lookup_id_body_picture", href: widget.dataset.pictures });
    window.showRelatedObjectLookupPopup(lookup);
  }

  widget.querySelector(".body-bar").hidden = false;
  widget.addEventListener("click", (event) => {
    const mode = event.target.closest("[data-mode]")?.dataset.mode;
    if (mode) show(mode);
  });
  widget.querySelector("[data-insert]").addEventListener("change", (event) => {
    const kind = event.target.value;
    event.target.value = "";
    if (kind === "figure") pick();
    else if (kind) insert(SNIPPETS[kind]);
  });
}

for (const widget of document.querySelectorAll("[data-body-widget]")) connect(widget);
