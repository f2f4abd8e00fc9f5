// State of the page: the conversation that is shown, those in which a model is writing, and what people can do to them.

import { addResult, ask } from "./ask.js";
import * as client from "./client.js";
import { add, merge, newConversation, noSettings, openCalls, path, show } from "./conversation.js";
import { announce } from "./dom.js";
import * as store from "./store.js";
import * as tabs from "./tabs.js";

const SAVE_EVERY = 1000; // milliseconds, while an answer grows
const ASK_EVERY = 3000; // milliseconds after which a tab that was writing is asked whether it still is
const PATIENCE = 1000; // milliseconds that its answer may take
const DEFAULTS = "ossia.defaults";
const MODEL = "ossia.model";

/** Events: "shown" (another conversation), "changed" (its messages), "grown" (a message), "listed", "models", "key". */
export class App extends EventTarget {
  models = [];
  problem = null; // why the models are not known
  running = new Map(); // conversations in which a model is writing, by id
  elsewhere = new Map(); // timers of those in which one is writing in another tab, by id
  removed = new Set(); // ids of conversations that are not to be saved again
  conversation = this.blank();

  constructor() {
    super();
    tabs.listen({
      changed: (id) => this.reload(id),
      removed: (id) => this.forgetRemoved(id),
      writing: (id) => this.notice(id),
      written: (id) => this.release(id),
      ask: (id) => this.running.has(id) && tabs.tell("writing", id),
      stop: (id) => this.running.get(id)?.controller.abort(),
    });
  }

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
    Object.assign(this.conversation, { model, chosen: Date.now() });
    localStorage.setItem(MODEL, model);
    if (path(this.conversation).length) this.save(this.conversation);
    this.tell("models");
  }

  configure(settings, isDefault) {
    Object.assign(this.conversation, { settings, chosen: Date.now() });
    if (isDefault) localStorage.setItem(DEFAULTS, JSON.stringify(settings));
    if (path(this.conversation).length) this.save(this.conversation);
    this.tell("models");
  }

  fresh() {
    this.conversation = this.blank();
    this.conversation.model ||= this.models[0]?.name ?? "";
    this.tell("shown");
  }

  /** Show a stored conversation. If a message was being written, another tab may be doing so still. */
  open(conversation) {
    this.conversation = this.live(conversation);
    if (!this.isRunning && Object.values(conversation.nodes).some(isWriting)) this.askTabs(conversation.id);
    this.tell("shown");
  }

  /** Ask the other tabs whether one is writing in a conversation; until it is known, one is. */
  askTabs(id) {
    this.wait(id, () => this.release(id), PATIENCE);
    tabs.tell("ask", id);
  }

  /** Another tab is writing in the conversation. */
  notice(id) {
    const isNew = !this.elsewhere.has(id);
    this.wait(id, () => this.askTabs(id), ASK_EVERY);
    if (isNew && id === this.conversation.id) this.tell("changed");
  }

  wait(id, then, milliseconds) {
    clearTimeout(this.elsewhere.get(id));
    this.elsewhere.set(id, setTimeout(then, milliseconds));
  }

  /** No other tab is writing in the conversation: what has no end was interrupted. */
  async release(id) {
    clearTimeout(this.elsewhere.get(id));
    this.elsewhere.delete(id);
    if (id !== this.conversation.id) return;
    await this.reload(id);
    const isInterrupted = (node) => isWriting(node) && !this.isRunning;
    for (const node of Object.values(this.conversation.nodes)) if (isInterrupted(node)) node.state = "interrupted";
    this.tell("changed");
  }

  /** Return the conversation itself, of which `stored` may be a copy that is no longer true. */
  live(stored) {
    if (this.conversation.id === stored.id) return this.conversation;
    return this.running.get(stored.id)?.conversation ?? stored;
  }

  /** Show what another tab has made of the conversation. */
  async reload(id) {
    if (id !== this.conversation.id || this.running.has(id)) return;
    const stored = await store.get(id);
    const { conversation } = this;
    if (!stored || id !== conversation.id || this.running.has(id)) return;
    merge(conversation, stored);
    conversation.leaf = stored.leaf;
    this.tell("changed");
  }

  /** Stop writing in a conversation that is no longer there, and show another one. */
  forgetRemoved(id) {
    this.removed.add(id);
    this.running.get(id)?.controller.abort();
    if (this.conversation.id === id) this.fresh();
    this.tell("listed", id);
  }

  /** True while a model is writing in the conversation that is shown, in whatever tab. */
  get isRunning() {
    return this.running.has(this.conversation.id) || this.elsewhere.has(this.conversation.id);
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
    const { id } = this.conversation;
    if (this.running.has(id)) this.running.get(id).controller.abort();
    else tabs.tell("stop", id);
  }

  async run() {
    const conversation = this.conversation;
    const controller = new AbortController();
    this.running.set(conversation.id, { conversation, controller });
    this.changed(conversation);
    announce("The model is answering.");
    tabs.tell("writing", conversation.id);
    const saving = setInterval(() => this.save(conversation), SAVE_EVERY);
    const node = await ask(conversation, {
      signal: controller.signal,
      added: () => this.changed(conversation),
      grown: (grown) => this.conversation === conversation && this.tell("grown", grown),
    });
    clearInterval(saving);
    this.running.delete(conversation.id);
    await this.changed(conversation);
    tabs.tell("written", conversation.id);
    announce(ANNOUNCED[node.state] ?? "");
    if (node.status === 401) this.tell("key", node);
  }

  changed(conversation) {
    if (this.conversation === conversation) this.tell("changed");
    return this.save(conversation);
  }

  async save(conversation) {
    if (this.removed.has(conversation.id)) return;
    const hasMore = await store.save(conversation);
    if (hasMore && this.conversation === conversation) this.tell("changed");
    this.tell("listed", conversation.id);
  }

  async rename(conversation, title) {
    const live = this.live(conversation);
    Object.assign(live, { title: title || live.title, chosen: Date.now() });
    await this.save(live);
  }

  async remove({ id }) {
    this.removed.add(id);
    await store.remove(id);
    this.forgetRemoved(id);
  }
}

const isWriting = ({ state }) => state === "writing";

const ANNOUNCED = { done: "The answer is complete.", stopped: "The answer was stopped.", failed: "The answer failed." };

const isForEmbeddings = ({ capabilities = [] }) =>
  capabilities.includes("embedding") && !capabilities.includes("completion");
