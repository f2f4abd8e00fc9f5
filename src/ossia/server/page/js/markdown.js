// Markdown that grows: finished blocks are left alone, so that a long answer costs no more at its end than at its start.

import DOMPurify from "/page/vendor/dompurify.js";
import hljs from "/page/vendor/highlight.js";
import { Lexer, Parser } from "/page/vendor/marked.js";
import { h, iconButton } from "./dom.js";

const OPEN = 2; // blocks at the end that more text may still change
const HIGHLIGHTED = 20_000; // characters of the longest code that is coloured
const CLEAN = {
  RETURN_DOM_FRAGMENT: true,
  ALLOWED_TAGS: ["p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em",
    "strong", "del", "a", "table", "thead", "tbody", "tr", "th", "td", "sup", "sub", "kbd", "input", "span"],
  ALLOWED_ATTR: ["href", "title", "align", "start", "class", "type", "checked", "disabled"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
};

/** A text of Markdown that is shown in `element` and may become longer. */
export class Markdown {
  constructor(element) {
    this.element = element;
    this.done = 0; // characters of blocks that are finished
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
    this.tail.replaceChildren(...tokens.slice(finished).flatMap((token) => block(token, tokens.links, false)));
  }
}

function block(token, links, isFinished) {
  if (token.type === "space" || token.type === "def") return [];
  if (token.type === "code") return [codeBlock(token.text, token.lang, isFinished)];
  const html = Parser.parse(Object.assign([asText(token)], { links }), { gfm: true });
  const fragment = DOMPurify.sanitize(html, CLEAN);
  for (const link of fragment.querySelectorAll("a")) finishLink(link);
  for (const input of fragment.querySelectorAll("input")) finishTask(input);
  for (const table of fragment.querySelectorAll("table")) wrapTable(table);
  for (const code of fragment.querySelectorAll("pre > code")) {
    code.parentNode.replaceWith(codeBlock(code.textContent, /language-(\S+)/.exec(code.className)?.[1], isFinished));
  }
  return [...fragment.childNodes];
}

/** HTML in an answer is shown as the text that the model wrote. */
function asText(token) {
  if (token.type === "html") return { ...token, type: "text", text: token.raw, tokens: undefined, escaped: false };
  if (token.type === "image") return { ...token, type: "link", tokens: [{ type: "text", raw: token.text, text: token.text }] };
  const changed = { ...token };
  if (token.tokens) changed.tokens = token.tokens.map(asText);
  if (token.items) changed.items = token.items.map(asText);
  if (token.header) changed.header = token.header.map(asText);
  if (token.rows) changed.rows = token.rows.map((row) => row.map(asText));
  return changed;
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
  return h("div", { class: "code" }, h("div", { class: "code-head" }, h("span", {}, name), copy),
    h("pre", { tabindex: "0", role: "region", "aria-label": name ? `Code in ${name}` : "Code" }, code));
}

function coloured(text, language) {
  if (!hljs.getLanguage(language) || text.length > HIGHLIGHTED) return text;
  const html = hljs.highlight(text, { language, ignoreIllegals: true }).value;
  return DOMPurify.sanitize(html, { RETURN_DOM_FRAGMENT: true, ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"] });
}
