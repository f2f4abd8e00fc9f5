// Markdown that grows: finished blocks are left alone, so that a long answer costs no more at its end than before.

import DOMPurify from "/page/vendor/dompurify.js";
import hljs from "/page/vendor/highlight.js";
import { Lexer, Parser, Renderer, Tokenizer } from "/page/vendor/marked.js";
import { copyButton, h, place } from "./dom.js";

const OPEN = 2; // blocks at the end that more text may still change
const HIGHLIGHTED = 20_000; // characters of the longest code that is coloured
const GROWING = {
  list: { parts: "items", keyOf: (item) => item.raw, holder: (element) => element },
  table: {
    parts: "rows",
    keyOf: (row) => row.map((cell) => cell.text).join("|"),
    holder: (element) => element.querySelector("tbody"),
  },
};
const TAGS =
  "p br hr h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong del a table thead tbody tr th td input span";
const CLEAN = {
  RETURN_DOM_FRAGMENT: true,
  ALLOWED_TAGS: TAGS.split(" "),
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

const FORMULA = /^(?:\\\(([^]{1,1000}?)\\\)|\\\[([^]{1,1000}?)\\\]|\$\$([^$]{1,1000}?)\$\$)/;
const NEAR = 1000; // characters: to look for a formula further away at every word would take ever longer

/** Markdown's words, except that a formula in TeX is kept as it is: its signs mean nothing to Markdown. */
class Formulas extends Tokenizer {
  escape(source) {
    return formula(source) ?? super.escape(source);
  }

  inlineText(source) {
    const found = formula(source);
    if (found) return found;
    const begin = source.slice(0, NEAR).indexOf("$$", 1);
    return super.inlineText(begin > 0 ? source.slice(0, begin) : source);
  }
}

function formula(source) {
  const [raw, ...inner] = FORMULA.exec(source) ?? [];
  return raw && { type: "codespan", raw, text: inner.find(Boolean).trim() };
}

const escape = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A text of Markdown that is shown in `element` and may become longer. */
export class Markdown {
  constructor(element) {
    this.element = element;
    this.tail = h("div", { class: "tail" });
    this.begin();
  }

  begin() {
    this.done = 0; // characters of blocks that are finished
    this.links = {}; // addresses that references name
    this.growing = new Map(); // lists, tables and code that may become longer, by where they begin
    this.element.replaceChildren(this.tail);
  }

  /** Show the text, which begins with the text that was shown before. */
  show(text, isWhole) {
    const tokens = this.read(text.replace(/\r\n?/g, "\n"));
    if (isWhole && this.done && Object.keys(this.links).length) {
      this.begin(); // a reference may stand long before its address
      return this.show(text, true);
    }
    const finished = isWhole ? tokens.length : Math.max(0, tokens.length - OPEN);
    for (const token of tokens.slice(0, finished)) {
      this.tail.before(...this.draw(token, this.done, true));
      this.growing.delete(this.done);
      this.done += token.raw.length;
    }
    let at = this.done;
    const open = tokens.slice(finished).flatMap((token) => {
      at += token.raw.length;
      return this.draw(token, at - token.raw.length, false);
    });
    place(this.tail, open);
  }

  /** Return the blocks of the text behind those that are finished. */
  read(text) {
    const lexer = new Lexer({ gfm: true, tokenizer: new Formulas() });
    Object.assign(lexer.tokens.links, this.links);
    const tokens = lexer.lex(text.slice(this.done));
    this.links = tokens.links;
    return tokens;
  }

  draw(token, at, isFinished) {
    if (token.type in GROWING) return [this.grow(token, at)];
    return token.type === "code" && !isFinished ? [this.growCode(token, at)] : block(token, isFinished);
  }

  /** Return the element of a list or table. Parts that are as they were are not made anew. */
  grow(token, at) {
    const { parts, keyOf, holder } = GROWING[token.type];
    const keys = token[parts].map(keyOf);
    const kind = JSON.stringify([token.type, token.ordered, token.start, token.loose, token.header]);
    const known = this.growing.get(at);
    const rows = known?.kind === kind && holder(known.element);
    if (!rows) {
      const [element] = block(token, true);
      this.growing.set(at, { kind, keys, element });
      return element;
    }
    const changed = keys.findIndex((key, index) => key !== known.keys[index]);
    const first = changed < 0 ? keys.length : changed;
    while (rows.children.length > first) rows.lastElementChild.remove();
    if (first < keys.length) {
      const [fresh] = block({ ...token, [parts]: token[parts].slice(first) }, true);
      rows.append(...holder(fresh).children);
    }
    known.keys = keys;
    return known.element;
  }

  /** Return the box of code that is still being written, without colours. */
  growCode({ text, lang }, at) {
    const known = this.growing.get(at);
    if (known?.kind === `code ${lang}` && text.startsWith(known.text)) {
      known.element.querySelector("code").append(text.slice(known.text.length));
      known.text = text;
      return known.element;
    }
    const element = codeBlock(text, lang, false);
    this.growing.set(at, { kind: `code ${lang}`, text, element });
    return element;
  }
}

function block(token, isFinished) {
  if (token.type === "space" || token.type === "def") return [];
  if (token.type === "code") return [codeBlock(token.text, token.lang, isFinished)];
  const html = Parser.parse([token], { gfm: true, renderer: new Plain() });
  const fragment = DOMPurify.sanitize(html, CLEAN);
  for (const link of fragment.querySelectorAll("a")) finishLink(link);
  for (const input of fragment.querySelectorAll("input")) finishTask(input);
  for (const list of fragment.querySelectorAll("ul, ol")) list.dir = "auto";
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
  const copy = copyButton("Copy code", () => code.textContent);
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
