// One message: what a person said, or what the model thought, called and answered.

import { Calls } from "./calls.js";
import { copyButton, h, icon, iconButton } from "./dom.js";
import { Markdown, codeBlock } from "./markdown.js";
import { Thinking } from "./thinking.js";

const REST = 3; // times of the last drawing that pass before the next one, so that a long block leaves time for input
const SHORTEST = 0.1; // seconds of an answer whose speed says something
const ENDS = {
  stopped: "Stopped.",
  interrupted: "The page was closed while this was written.",
};

/** Buttons that lead from one branch to the next. */
function branchButtons(branches, node, app, isBusy) {
  if (branches.length < 2) return null;
  const index = branches.indexOf(node);
  const turn = (step, name, label) =>
    iconButton(name, label, () => app.showBranch(branches[index + step]), {
      disabled: isBusy || !branches[index + step],
    });
  return h(
    "span",
    { class: "branches" },
    turn(-1, "left", "Previous branch"),
    h(
      "span",
      { "aria-label": `Branch ${index + 1} of ${branches.length}`, role: "img" },
      `${index + 1}/${branches.length}`,
    ),
    turn(1, "right", "Next branch"),
  );
}

export class UserMessage {
  constructor(node, app) {
    this.node = node;
    this.app = app;
    this.bubble = h("div", { class: "bubble" }, node.content);
    this.actions = h("div", { class: "actions" });
    this.element = h("article", { class: "message user", "aria-label": "You" }, this.bubble, this.actions);
  }

  update({ branches, isBusy }) {
    const state = JSON.stringify([isBusy, branches.map(({ id }) => id)]);
    if (this.state === state) return;
    this.state = state;
    this.actions.replaceChildren(
      ...[
        branchButtons(branches, this.node, this.app, isBusy),
        copyButton("Copy message", () => this.node.content),
        iconButton("edit", "Edit message", () => this.edit(), { disabled: isBusy }),
      ].filter(Boolean),
    );
  }

  grow() {}

  edit() {
    const field = h("textarea", { "aria-label": "Edited message", rows: "3", value: this.node.content });
    const close = () => {
      form.replaceWith(this.bubble);
      this.actions.hidden = false;
    };
    const submit = (event) => {
      event.preventDefault();
      close();
      if (field.value.trim()) this.app.resend(this.node, field.value);
    };
    const form = h(
      "form",
      { class: "edit", onsubmit: submit },
      field,
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", onclick: close }, "Cancel"),
        h("button", { class: "primary" }, "Ask again"),
      ),
    );
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        close();
      }
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    this.actions.hidden = true;
    this.bubble.replaceWith(form);
    field.focus();
  }
}

export class AssistantMessage {
  constructor(node, app) {
    this.node = node;
    this.app = app;
    this.thinking = new Thinking(node);
    this.waiting = h(
      "p",
      { class: "waiting" },
      h("span", { class: "dots", "aria-hidden": "true" }),
      "Waiting for the model",
    );
    this.body = h("div", { class: "prose" });
    this.calls = new Calls(node, app);
    this.end = h("div", { class: "end" });
    this.actions = h("div", { class: "actions" });
    this.element = h(
      "article",
      { class: "message assistant", "aria-label": node.model || "Model" },
      this.thinking.element,
      this.body,
      this.calls.element,
      this.waiting,
      this.end,
      this.actions,
    );
    this.markdown = new Markdown(this.body);
    this.drawn = null;
    this.next = 0;
  }

  update({ branches, results, isLast, isBusy }) {
    this.calls.update(results, isLast && !isBusy);
    this.draw();
    const { node } = this;
    const isStep = node.calls.length > 0 && !node.content && !isLast && branches.length < 2;
    const state = JSON.stringify([isBusy, branches.map(({ id }) => id), node.state, facts(node), isStep]);
    if (this.state === state) return;
    this.state = state;
    const isWriting = node.state === "writing";
    this.element.setAttribute("aria-busy", isWriting);
    this.end.replaceChildren(...ending(node));
    this.actions.hidden = isWriting || isStep;
    this.actions.replaceChildren(
      ...[
        branchButtons(branches, node, this.app, isBusy),
        copyButton("Copy message", () => node.content),
        iconButton("again", "Answer again", () => this.app.again(node), { disabled: isBusy }),
        h("span", { class: "facts" }, facts(node)),
      ].filter(Boolean),
    );
  }

  /** Draw what has arrived, at the next frame that is not too soon after the last one. */
  grow(drawn) {
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const now = performance.now();
      if (now < this.next) return this.grow(drawn);
      this.draw();
      const end = performance.now();
      this.next = end + REST * (end - now);
      drawn();
    });
  }

  draw() {
    const { node } = this;
    const isWriting = node.state === "writing";
    this.thinking.update();
    this.calls.grow();
    this.waiting.hidden = !isWriting || Boolean(node.content || node.thinking || node.calls.length);
    const state = `${isWriting} ${node.content.length}`;
    if (this.drawn === state) return;
    this.drawn = state;
    if (node.format === "json")
      this.body.replaceChildren(codeBlock(pretty(node.content, isWriting), "json", !isWriting));
    else this.markdown.show(node.content, !isWriting);
  }
}

function pretty(text, isWriting) {
  if (isWriting) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function ending(node) {
  if (node.state === "failed") {
    return [
      h(
        "div",
        { class: "failure", role: "alert" },
        icon("close"),
        h("div", {}, h("strong", {}, node.error), node.hint && h("div", {}, node.hint)),
      ),
    ];
  }
  const note = ENDS[node.state] ?? (node.cut ? "Cut off: the answer reached its greatest length." : "");
  return note ? [h("p", { class: "muted note" }, note)] : [];
}

function facts(node) {
  const speed = node.tokens && node.seconds > SHORTEST ? `${(node.tokens / node.seconds).toFixed(1)} tokens/s` : "";
  return [node.model, node.tokens ? `${node.tokens} tokens` : "", speed].filter(Boolean).join(" · ");
}
