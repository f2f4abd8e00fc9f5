// Tool calls of a message: name, arguments and result of each, or a form for the result that a person gives.

import { h, icon } from "./dom.js";

export class Calls {
  constructor(node, app) {
    this.node = node;
    this.app = app;
    this.cards = [];
    this.element = h("div", { class: "calls" });
  }

  /** Show calls and arguments that have arrived. */
  grow() {
    this.node.calls.forEach((call, index) => {
      this.cards[index] ??= this.append(new Card(call, this.app));
      this.cards[index].grow();
    });
  }

  append(card) {
    this.element.append(card.element);
    return card;
  }

  /** Show results; `isOpen` is true if calls without one wait for it. */
  update(results, isOpen) {
    this.grow();
    for (const card of this.cards) card.finish(results.get(card.call.id), isOpen);
  }
}

class Card {
  constructor(call, app) {
    this.call = call;
    this.app = app;
    this.name = h("code", {});
    this.state = h("span", { class: "muted" });
    this.input = h("pre", { tabindex: "0", role: "region", "aria-label": "Arguments" });
    this.output = h("div", { class: "result" });
    this.element = h(
      "details",
      { class: "call", open: true },
      h("summary", {}, icon("tool"), this.name, this.state),
      this.input,
      this.output,
    );
  }

  grow() {
    this.name.textContent = this.call.name;
    const text = indented(this.call.arguments);
    if (this.input.textContent !== text) this.input.textContent = text;
  }

  finish(result, isOpen) {
    if (result) {
      this.state.textContent = "answered";
      this.output.replaceChildren(
        h("span", { class: "label" }, "Result"),
        h("pre", { tabindex: "0", role: "region", "aria-label": "Result" }, result.content),
      );
    } else if (isOpen) {
      this.state.textContent = "waits for your answer";
      if (!this.output.querySelector("form")) this.output.replaceChildren(this.form());
    } else {
      this.state.textContent = "";
      this.output.replaceChildren();
    }
  }

  form() {
    const field = h("textarea", {
      rows: "2",
      "aria-label": `Result of ${this.call.name}`,
      placeholder: "What the tool returns",
    });
    const submit = (event) => {
      event.preventDefault();
      this.app.answerCall(this.call, field.value);
    };
    return h("form", { onsubmit: submit }, field, h("button", { class: "primary" }, "Send result"));
  }
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
