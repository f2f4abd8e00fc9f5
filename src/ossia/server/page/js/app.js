// State of the page: the conversation that is shown, those in which a model is writing, and what people can do to them.

import { addResult, ask } from "./ask.js";
import * as client from "./client.js";
import { add, newConversation, noSettings, openCalls, path, show } from "./conversation.js";
import { announce } from "./dom.js";
import * as store from "./store.js";

const SAVE_EVERY = 1000; // milliseconds, while an answer grows
const DEFAULTS = "ossia.defaults";
const MODEL = "ossia.model";

/** Events: "shown" (another conversation), "changed" (its messages), "grown" (a message), "listed", "models", "key". */
export class App extends EventTarget {
  models = [];
  problem = null; // why the models are not known
  running = new Map(); // conversations in which a model is writing, by id
  conversation = this.blank();

  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  on(type, listener) {
    this.addEventListener(type, (event) => listener(event.detail));
  }

  blank() {
    let settings = noSettings();
    try {
      settings = { ...settings, ...JSON.parse(localStorage.getItem(DEFAULTS) ?? "{}") };
    } catch {
      /* what cannot be read is forgotten */
    }
    return newConversation(localStorage.getItem(MODEL) ?? "", settings);
  }

  async loadModels() {
    try {
      this.models = (await client.models()).filter((model) => !isForEmbeddings(model));
      this.problem = null;
    } catch (failure) {
      this.problem = failure;
      if (failure.status === 401) this.tell("key", failure);
    }
    const names = this.models.map((model) => model.name);
    const isStale = !this.conversation.leaf && !names.includes(this.conversation.model);
    if (isStale && names.length) this.conversation.model = names[0];
    this.tell("models");
  }

  choose(model) {
    this.conversation.model = model;
    localStorage.setItem(MODEL, model);
    if (path(this.conversation).length) this.save(this.conversation);
    this.tell("models");
  }

  configure(settings, isDefault) {
    this.conversation.settings = settings;
    if (isDefault) localStorage.setItem(DEFAULTS, JSON.stringify(settings));
    if (path(this.conversation).length) this.save(this.conversation);
    this.tell("models");
  }

  fresh() {
    this.conversation = this.blank();
    this.conversation.model ||= this.models[0]?.name ?? "";
    this.tell("shown");
  }

  /** Show a stored conversation. What was being written when the page was closed was interrupted. */
  open(conversation) {
    this.conversation = this.live(conversation);
    if (!this.isRunning) {
      for (const node of Object.values(conversation.nodes)) if (node.state === "writing") node.state = "interrupted";
    }
    this.tell("shown");
  }

  /** Return the conversation itself, of which `stored` may be a copy that is no longer true. */
  live(stored) {
    if (this.conversation.id === stored.id) return this.conversation;
    return this.running.get(stored.id)?.conversation ?? stored;
  }

  /** Show what another tab has made of the conversation. */
  async reload(id) {
    if (id !== this.conversation.id || this.isRunning) return;
    const stored = (await store.all()).find((each) => each.id === id);
    if (!stored || this.isRunning) return;
    this.conversation = stored;
    this.tell("shown");
  }

  get isRunning() {
    return this.running.has(this.conversation.id);
  }

  async send(text) {
    add(this.conversation, { role: "user", content: text });
    await this.run();
  }

  /** Say something else in place of a message of the user, on a branch of its own. */
  async resend(node, text) {
    add(this.conversation, { role: "user", content: text }, node.parent);
    await this.run();
  }

  /** Let the model answer again, on a branch of its own. */
  async again(node) {
    this.conversation.leaf = node.parent;
    await this.run();
  }

  async answerCall(call, text) {
    addResult(this.conversation, call, text);
    if (openCalls(this.conversation).length) this.changed(this.conversation);
    else await this.run();
  }

  showBranch(node) {
    show(this.conversation, node);
    this.changed(this.conversation);
  }

  stop() {
    this.running.get(this.conversation.id)?.controller.abort();
  }

  async run() {
    const conversation = this.conversation;
    const controller = new AbortController();
    this.running.set(conversation.id, { conversation, controller });
    this.changed(conversation);
    announce("The model is answering.");
    const saving = setInterval(() => store.save(conversation), SAVE_EVERY);
    const node = await ask(conversation, {
      signal: controller.signal,
      added: () => this.changed(conversation),
      grown: (grown) => this.conversation === conversation && this.tell("grown", grown),
    });
    clearInterval(saving);
    this.running.delete(conversation.id);
    this.changed(conversation);
    announce(ANNOUNCED[node.state] ?? "");
    if (node.status === 401) this.tell("key", node);
  }

  changed(conversation) {
    this.save(conversation);
    if (this.conversation === conversation) this.tell("changed");
  }

  async save(conversation) {
    await store.save(conversation);
    this.tell("listed");
  }

  async remove(conversation) {
    this.running.get(conversation.id)?.controller.abort();
    await store.remove(conversation.id);
    if (this.conversation.id === conversation.id) this.fresh();
    this.tell("listed");
  }
}

const ANNOUNCED = { done: "The answer is complete.", stopped: "The answer was stopped.", failed: "The answer failed." };

const isForEmbeddings = ({ capabilities = [] }) =>
  capabilities.includes("embedding") && !capabilities.includes("completion");
