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

// Inline elements that are the same however they nest. Notes, terms and links are things: split in two they would be two.
const FLAT = "b, i, u, s, small, sub, sup, code, cite, mark, del, ins, kbd, strong, em, span:not(.footnote, .term)";

/** Take away what the editor adds: the kind of every list, and a paragraph around the words of every item. */
function tidied(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const list of body.querySelectorAll('ol[data-type="decimal"]')) list.removeAttribute("data-type");
  for (const item of body.querySelectorAll("li")) {
    const paragraphs = [...item.children].filter((child) => child.tagName === "P");
    if (paragraphs.length === 1 && paragraphs[0] === item.firstElementChild && !paragraphs[0].attributes.length) paragraphs[0].replaceWith(...paragraphs[0].childNodes);
  }
  return body;
}

/** Write HTML in one form, so that two bodies can be compared by what they say. */
export function canonical(html) {
  const body = tidied(html);
  const write = (node, marks = []) => {
    if (node.nodeType === 3) {
      const text = node.data.replace(/\s+/g, " ").replace(/[<&]/g, (sign) => `&#${sign.charCodeAt(0)};`);
      // Which of two emphases stands outside says nothing, so each letter carries its own.
      return [...text].map((letter) => letter + (marks.length ? `<~${[...marks].sort().join("")}>` : "")).join("");
    }
    if (node.nodeType !== 1) return "";
    const attributes = [...node.attributes].map(({ name, value }) => ` ${name}=${JSON.stringify(value)}`).sort();
    const name = node.tagName + attributes.join("");
    if (node.matches(FLAT)) return [...node.childNodes].map((child) => write(child, [...marks, name])).join("");
    return `<${name}>${[...node.childNodes].map((child) => write(child, marks)).join("")}</${node.tagName}>`;
  };
  const around = new RegExp(`\\s*(</?(?:${BLOCKS.join("|")}|BR)(?: [^>]*)?>)\\s*`, "g");
  return [...body.childNodes].map((node) => write(node)).join("").replace(around, "$1").replace(/(<P><\/P>)+$/, "").trim();
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
  let opened = "";

  function show(mode) {
    note.textContent = "";
    if (mode === "editor" && !editor) {
      if (!keeps(area.value, make)) {
        note.textContent = note.dataset.kept;
        return;
      }
      opened = area.value;
      editor = make(area);
    }
    if (mode === "source" && editor) {
      tidy();
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

  /** Leave in the text area what is to be stored, if the editor changed anything. */
  function tidy() {
    if (editor && area.value !== opened) area.value = tidied(area.value).innerHTML;
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
    // Unfold's window sets the value and tells nobody.
    Object.defineProperty(chosen, "value", { get: () => "", set: (id) => insert(figure(id)) });
    const lookup = Object.assign(document.createElement("a"), { id: "lookup_id_body_picture", href: widget.dataset.pictures });
    window.showRelatedObjectLookupPopup(lookup);
  }

  widget.querySelector(".body-bar").hidden = false;
  area.form.addEventListener("submit", tidy);
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
