/** The vocabulary of a body for the editor: what it can edit, and islands that it carries through untouched. */
import { Blockquote, Bold, BulletList, Document, Dropcursor, Extension, Gapcursor, HardBreak, Heading, History, Italic, Link, ListItem, Mark, Menu, Node, OrderedList, Paragraph, Text } from "django-prose-editor/editor";

const INLINE = ["b", "i", "u", "s", "small", "q", "sub", "sup", "code", "cite", "abbr", "mark", "time", "del", "ins", "kbd", "span"];
const INLINE_ATTRIBUTES = ["lang", "class", "id", "title", "datetime", "data-pinyin", "data-gloss"];
const BLOCK_ISLANDS = "figure, aside, table, div, hr, dl, pre, ol.ranking, ul.references, audio";
const INLINE_ISLANDS = "ruby, img";
// Before the rules of the editor's own nodes and marks (50), which would take b for strong or hr for a plain rule.
const FIRST = 60;

/** Keep an attribute as it is written, and leave it out where there is none. */
const kept = (name) => ({ default: null, parseHTML: (element) => element.getAttribute(name) });
const keptAll = (names) => Object.fromEntries(names.map((name) => [name, kept(name)]));

/** Marks stand in each other by their priority, the highest outside: a note holds a link, a link a term, a term emphasis. */
const PRIORITIES = { footnote: 2000, term: 900, q: 800, abbr: 800, time: 800, span: 50 };

const mark = (name, tag, selector = tag) =>
  Mark.create({
    name: `tag_${name}`,
    priority: PRIORITIES[name] ?? 100,
    // A language within a currency: spans may stand in spans.
    excludes: tag === "span" ? "" : undefined,
    inclusive: false,
    addAttributes: () => keptAll(INLINE_ATTRIBUTES),
    parseHTML: () => [{ tag: selector, priority: selector === tag ? FIRST : FIRST + 5 }],
    renderHTML: ({ HTMLAttributes }) => [tag, HTMLAttributes, 0],
  });

const inlineMarks = [mark("footnote", "span", "span.footnote"), mark("term", "span", "span.term"), ...INLINE.map((tag) => mark(tag, tag))];

const BlockAttributes = Extension.create({
  name: "blockAttributes",
  addGlobalAttributes: () => [
    { types: ["paragraph", "heading", "bulletList", "orderedList", "listItem", "blockquote"], attributes: keptAll(["id", "class", "lang"]) },
    { types: ["orderedList"], attributes: keptAll(["reversed"]) },
    { types: ["listItem"], attributes: keptAll(["value"]) },
  ],
});

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild ?? document.createElement("span");
}

/** Name an island for the person who writes. */
function label(island) {
  const kind = island.dataset.embed ? "embed" : island.classList[0];
  return kind ?? { FIGURE: "picture", HR: "break", DL: "definitions", PRE: "code", TABLE: "table" }[island.tagName] ?? island.tagName.toLowerCase();
}

/** Show what is in an island without running any of it: its pictures and its words. */
function view(html, isInline) {
  const island = element(html);
  const box = document.createElement(isInline ? "span" : "div");
  box.className = isInline ? "island island--inline" : "island";
  box.dataset.label = label(island);
  for (const image of [island, ...island.querySelectorAll("img")].filter((part) => part.tagName === "IMG" && /^(https?:|\/)/.test(part.getAttribute("src") ?? ""))) {
    const picture = document.createElement("img");
    picture.src = image.getAttribute("src");
    picture.alt = image.getAttribute("alt") ?? "";
    box.append(picture);
  }
  box.append(island.dataset.embed ?? island.dataset.article ?? "", " ", island.textContent.trim());
  return box;
}

/** Let the HTML of one island be changed. */
function edit(html, done) {
  const dialog = document.createElement("dialog");
  const area = Object.assign(document.createElement("textarea"), { value: html, rows: 10, cols: 80 });
  const form = Object.assign(document.createElement("form"), { method: "dialog" });
  form.append(area, document.createElement("br"), Object.assign(document.createElement("button"), { textContent: "OK" }));
  dialog.append(form);
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    if (area.value.trim() && area.value !== html) done(area.value.trim());
    dialog.remove();
  });
  dialog.showModal();
}

const island = (name, selector, isInline) =>
  Node.create({
    name,
    group: isInline ? "inline" : "block",
    inline: isInline,
    atom: true,
    selectable: true,
    draggable: true,
    addAttributes: () => ({ html: { default: "", parseHTML: (found) => found.outerHTML, rendered: false } }),
    parseHTML: () => selector.split(", ").map((tag) => ({ tag, priority: FIRST + 40 })),
    renderHTML: ({ node }) => element(node.attrs.html),
    addNodeView: () => ({ node, getPos, editor }) => {
      const dom = view(node.attrs.html, isInline);
      dom.addEventListener("dblclick", () =>
        edit(node.attrs.html, (html) => editor.chain().setNodeSelection(getPos()).insertContent(html).run()),
      );
      return { dom };
    },
  });

export const extensions = [
  Document,
  Text,
  Paragraph,
  Heading.configure({ levels: [2, 3, 4] }),
  HardBreak,
  BulletList,
  OrderedList,
  ListItem,
  Blockquote,
  Bold,
  Italic,
  Link.configure({ enableTarget: false }),
  History,
  Dropcursor,
  Gapcursor,
  Menu,
  BlockAttributes,
  island("blockIsland", BLOCK_ISLANDS, false),
  island("inlineIsland", INLINE_ISLANDS, true),
  ...inlineMarks,
];
