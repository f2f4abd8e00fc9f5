// The field for the next message, with the buttons that send it and stop the answer.

import { filesButton, textOf, watchFiles } from "./attach.js";
import { h, iconButton } from "./dom.js";

export class Composer {
  constructor(element, app) {
    this.app = app;
    this.field = h("textarea", {
      id: "input",
      rows: "1",
      placeholder: "Ask something",
      "aria-label": "Message",
      oninput: () => this.fit(),
      onkeydown: (event) => this.key(event),
    });
    this.sendButton = iconButton("send", "Send message", () => this.submit(), { class: "icon-button send" });
    this.stopButton = iconButton("stop", "Stop answering", () => app.stop(), { class: "icon-button send" });
    this.note = h("span", { class: "muted" });
    this.problem = h("p", { class: "failure", role: "alert", hidden: true });
    const take = (files) => this.take(files);
    watchFiles(this.field, take);
    element.append(
      h(
        "div",
        { class: "composer" },
        this.problem,
        this.field,
        h("div", { class: "row" }, filesButton(take), this.note, this.stopButton, this.sendButton),
      ),
    );
    for (const event of ["shown", "changed", "models"]) app.on(event, () => this.update());
    app.on("shown", () => this.field.focus());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && app.isRunning && !document.querySelector("dialog[open]")) app.stop();
    });
    this.update();
  }

  update() {
    const { isRunning, conversation } = this.app;
    const hadFocus = document.activeElement === this.sendButton || document.activeElement === this.stopButton;
    this.sendButton.hidden = isRunning;
    this.stopButton.hidden = !isRunning;
    if (hadFocus) this.field.focus();
    const { settings } = conversation;
    const count = settings.tools.length;
    this.note.textContent = [
      settings.system && "System prompt",
      settings.useSchema && "JSON schema",
      count && `${count} ${count === 1 ? "tool" : "tools"}`,
    ]
      .filter(Boolean)
      .join(" · ");
    this.fit();
  }

  /** Give the field the height of its text. */
  fit() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
    this.sendButton.disabled = !this.field.value.trim() || !this.app.conversation.model;
  }

  /** Put the text of files behind what is written. */
  async take(files) {
    this.problem.hidden = true;
    try {
      const text = await textOf(files);
      this.field.value = [this.field.value.trimEnd(), text].filter(Boolean).join("\n\n");
    } catch (problem) {
      this.problem.textContent = problem.message;
      this.problem.hidden = false;
    }
    this.fit();
    this.field.focus();
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const text = this.field.value;
    if (!text.trim() || this.app.isRunning || !this.app.conversation.model) return;
    this.field.value = "";
    this.problem.hidden = true;
    this.app.send(text);
  }
}
