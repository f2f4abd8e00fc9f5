// What the model thought before its answer: folded, with the time that it took. It is shown as plain text.

import { h, icon } from "./dom.js";

export class Thinking {
  constructor(node) {
    this.node = node;
    this.label = h("span", {});
    this.text = document.createTextNode("");
    this.element = h(
      "details",
      { class: "thinking", hidden: true },
      h("summary", {}, icon("right"), this.label),
      h("div", { class: "thought" }, this.text),
    );
  }

  update() {
    const { thinking = "", thinkingSeconds: seconds, state } = this.node;
    this.element.hidden = !thinking;
    if (thinking.length > this.text.length) this.text.appendData(thinking.slice(this.text.length));
    const isThinking = state === "writing" && seconds === undefined;
    this.element.classList.toggle("active", isThinking);
    const label = isThinking ? "Thinking" : seconds === undefined ? "Thought" : `Thought for ${duration(seconds)}`;
    if (this.label.textContent !== label) this.label.textContent = label;
  }
}

function duration(seconds) {
  if (seconds < 0.1) return "a moment";
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
