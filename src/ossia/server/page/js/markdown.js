// Markdown that grows: finished blocks are left alone, so that a long answer costs no more at its end than before.

import DOMPurify from "/page/vendor/dompurify.js";
import hljs from "/page/vendor/highlight.js";
import { Lexer, Parser, Renderer } from "/page/vendor/marked.js";
import { h, iconButton } from "./dom.js";

const OPEN = 2; // blocks at the end that more text may still change
const HIGHLIGHTED = 20_000; // characters of the longest code that is coloured
const CLEAN = {
  RETURN_DOM_FRAGMENT: true,
  ALLOWED_TAGS: [
    "p",
    "br",
    "hr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "code",
    "em",
    "strong",
    "del",
    "a",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "sup",
    "sub",
    "kbd",
    "input",
    "span",
  ],
  ALLOWED_ATTR: ["href", "title", "align", "start", "class", "type", "checked", "disabled"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ADD_URI_SAFE_ATTR: ["align", "start", "type"], // their values are no addresses
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

/** Markdown's HTML, except that a model's own HTML is the text that it wrote, and an image a link to it. */
class Plain extends Renderer {
  html({ raw, block }) {
    return block ? `<p>${escape(raw.trim())}</p>` : escape(raw);
  }

  image({ href, title, text }) {
    return this.link({ href, title, tokens: [{ type: "text", raw: text, text }] });
  }
}

const escape = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A text of Markdown that is shown in `element` and may become longer. */
export class Markdown {
  constructor(element) {
    this.done = 0; // characters of blocks that are finished
    this.list = null; // the list at the end, if the text ends with one
    this.tail = h("div", { class: "tail" });
    element.append(this.tail);
  }

  /** Show the text, which begins with the text that was shown before. */
  show(text, isWhole) {
    const tokens = Lexer.lex(text.slice(this.done), { gfm: true });
    const finished = isWhole ? tokens.length : Math.max(0, tokens.length - OPEN);
    for (const token of tokens.slice(0, finished)) {
      this.tail.before(...block(token, tokens.links, true));
      this.done += token.raw.length;
    }
    const open = tokens.slice(finished);
    const last = open.findLast((token) => token.type !== "space");
    place(
      this.tail,
      open.flatMap((token) =>
        token === last && token.type === "list" ? this.growing(token, tokens.links) : block(token, tokens.links, false),
      ),
    );
  }

  /** Return the element of a list whose end may change. Items that are as they were are not made anew. */
  growing(token, links) {
    const kind = `${this.done} ${token.ordered} ${token.start} ${token.loose}`;
    if (this.list?.kind !== kind) {
      const start = token.ordered && token.start !== 1 ? token.start : null;
      this.list = { kind, items: [], element: h(token.ordered ? "ol" : "ul", { start }) };
    }
    const { items, element } = this.list;
    const same = token.items.findIndex((item, index) => item.raw !== items[index]);
    const first = same < 0 ? token.items.length : same;
    while (element.children.length > first) element.lastChild.remove();
    if (first < token.items.length) {
      const [rest] = block({ ...token, items: token.items.slice(first) }, links, false);
      element.append(...rest.children);
    }
    this.list.items = token.items.map((item) => item.raw);
    return [element];
  }
}

/** Make `nodes` the children of `parent` without touching those that are there already. */
function place(parent, nodes) {
  for (const child of [...parent.childNodes]) if (!nodes.includes(child)) child.remove();
  nodes.forEach((node, index) => {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] ?? null);
  });
}

function block(token, links, isFinished) {
  if (token.type === "space" || token.type === "def") return [];
  if (token.type === "code") return [codeBlock(token.text, token.lang, isFinished)];
  const html = Parser.parse(Object.assign([token], { links }), { gfm: true, renderer: new Plain() });
  const fragment = DOMPurify.sanitize(html, CLEAN);
  for (const link of fragment.querySelectorAll("a")) finishLink(link);
  for (const input of fragment.querySelectorAll("input")) finishTask(input);
  for (const table of fragment.querySelectorAll("table")) wrapTable(table);
  for (const code of fragment.querySelectorAll("pre > code")) {
    code.parentNode.replaceWith(codeBlock(code.textContent, /language-(\S+)/.exec(code.className)?.[1], isFinished));
  }
  return [...fragment.childNodes].filter((node) => node.nodeType === Node.ELEMENT_NODE || node.textContent.trim());
}

function finishLink(link) {
  if (!link.hasAttribute("href")) return;
  link.rel = "noopener noreferrer nofollow";
  link.target = "_blank";
}

function finishTask(input) {
  if (input.type !== "checkbox") input.remove();
  input.disabled = true;
  input.setAttribute("aria-label", input.checked ? "done" : "to do");
}

function wrapTable(table) {
  const box = h("div", { class: "table", tabindex: "0", role: "region", "aria-label": "Table" });
  table.replaceWith(box);
  box.append(table);
}

/** Make a box with code, its language, and a button that copies it. */
export function codeBlock(text, language = "", isFinished = true) {
  const name = (language ?? "").trim().split(/\s/)[0];
  const code = h("code", {}, isFinished ? coloured(text, name) : text);
  const copy = iconButton("copy", "Copy code", () => navigator.clipboard?.writeText(text));
  return h(
    "div",
    { class: "code" },
    h("div", { class: "code-head" }, h("span", {}, name), copy),
    h("pre", { tabindex: "0", role: "region", "aria-label": name ? `Code in ${name}` : "Code" }, code),
  );
}

function coloured(text, language) {
  if (!hljs.getLanguage(language) || text.length > HIGHLIGHTED) return text;
  const html = hljs.highlight(text, { language, ignoreIllegals: true }).value;
  return DOMPurify.sanitize(html, { RETURN_DOM_FRAGMENT: true, ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"] });
}
