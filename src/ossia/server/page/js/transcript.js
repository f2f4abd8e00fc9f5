// The messages of the branch that is shown. Views are kept by message, so that only what changed is drawn.

import { path, siblings } from "./conversation.js";
import { h, iconButton, place } from "./dom.js";
import { AssistantMessage, UserMessage } from "./message.js";

const NEAR = 60; // pixels from the end within which the end is followed
const SUGGESTIONS = [
  "Explain what a chord's inversion is.",
  "Write a Python function that merges two sorted lists.",
  "What is the difference between TCP and UDP?",
];

export class Transcript {
  constructor(element, app) {
    this.element = element;
    this.app = app;
    this.list = h("div", { class: "messages" });
    this.jump = iconButton("down", "Go to the end", () => this.goToEnd(), { class: "icon-button jump", hidden: true });
    element.append(this.list, this.jump);
    this.follows = true;
    element.addEventListener(
      "scroll",
      () => {
        this.follows = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
        this.jump.hidden = this.follows;
      },
      { passive: true },
    );
    app.on("shown", () => this.reset());
    app.on("changed", () => this.draw());
    app.on("models", () => this.draw());
    app.on("grown", (node) => this.views.get(node.id)?.grow(() => this.follow()));
    this.reset();
  }

  reset() {
    this.views = new Map();
    this.list.replaceChildren();
    this.follows = true;
    this.draw();
  }

  draw() {
    const { conversation } = this.app;
    const nodes = path(conversation);
    this.follows ||= nodes.at(-1)?.role === "user";
    const results = new Map(nodes.filter((node) => node.role === "tool").map((node) => [node.call, node]));
    const branchesOf = siblings(conversation);
    const elements = nodes
      .filter((node) => node.role !== "tool")
      .map((node) => {
        const view = this.view(node);
        view.update({
          branches: branchesOf(node),
          results,
          isLast: node.id === lastShown(nodes)?.id,
          isBusy: this.app.isRunning,
        });
        return view.element;
      });
    place(this.list, elements.length ? elements : [this.welcome()]);
    this.follow();
  }

  view(node) {
    const known = this.views.get(node.id);
    if (known?.node === node) return known;
    const view = node.role === "user" ? new UserMessage(node, this.app) : new AssistantMessage(node, this.app);
    this.views.set(node.id, view);
    return view;
  }

  follow() {
    if (this.follows) this.element.scrollTop = this.element.scrollHeight;
  }

  goToEnd() {
    this.follows = true;
    this.follow();
    document.getElementById("input").focus();
  }

  welcome() {
    const { problem, models } = this.app;
    if (problem) return notice(problem.message, problem.hint, retryButton(this.app));
    if (!models.length) return notice("There is no model here yet.", "Choose “Models” above and download one.");
    const buttons = SUGGESTIONS.map((text) =>
      h("button", { type: "button", onclick: () => this.app.send(text) }, text),
    );
    return h(
      "div",
      { class: "welcome" },
      h("p", { class: "brand" }, "ossia"),
      h("h1", {}, "What would you like to know?"),
      h("div", { class: "suggestions" }, buttons),
    );
  }
}

const notice = (text, hint, ...more) =>
  h(
    "div",
    { class: "welcome" },
    h("p", { class: "brand" }, "ossia"),
    h("h1", {}, text),
    hint && h("p", { class: "muted" }, hint),
    more,
  );

const retryButton = (app) => h("button", { type: "button", onclick: () => app.loadModels() }, "Try again");

const lastShown = (nodes) => nodes.findLast((node) => node.role !== "tool");
