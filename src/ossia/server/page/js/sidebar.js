// The list of conversations: new, search, open, rename, delete, export and import.

import { searchable } from "./conversation.js";
import { announce, h, icon, iconButton, place } from "./dom.js";
import { themeButton } from "./theme.js";
import * as store from "./store.js";
import * as tabs from "./tabs.js";

export class Sidebar {
  constructor(element, app, openKey) {
    this.element = element;
    this.app = app;
    this.list = h("ul", {});
    this.search = h("input", {
      type: "search",
      placeholder: "Search",
      "aria-label": "Search conversations",
      oninput: () => this.draw(),
    });
    this.file = h("input", {
      type: "file",
      accept: ".json,application/json",
      hidden: true,
      "aria-label": "File to import",
      onchange: () => this.load(),
    });
    this.problem = h("p", { class: "failure", role: "alert", hidden: true });
    element.append(
      h(
        "div",
        { class: "row" },
        h("span", { class: "brand" }, "ossia"),
        iconButton("close", "Close the list", () => this.close(), { class: "icon-button narrow" }),
      ),
      h(
        "button",
        { type: "button", class: "new", onclick: () => this.leave(() => app.fresh()) },
        icon("plus"),
        "New conversation",
      ),
      this.search,
      h("nav", { "aria-label": "Stored conversations" }, this.list),
      this.problem,
      h(
        "div",
        { class: "tools row" },
        iconButton("export", "Export all conversations", () => this.exportAll()),
        iconButton("import", "Import conversations", () => this.file.click()),
        iconButton("key", "API key", openKey),
        h("a", { href: "/status", class: "icon-button", title: "Status of the server" }, "Status"),
        themeButton(),
      ),
      this.file,
    );
    document.getElementById("scrim").addEventListener("click", () => this.close());
    app.on("listed", (id) => this.refreshSoon(id));
    app.on("shown", () => this.draw());
    tabs.listen({ changed: (id) => this.refreshSoon(id) });
    this.stored = []; // all conversations, the latest first
    this.stale = new Set(); // ids of those that may be others now
    this.items = new Map(); // their elements, by id
    this.texts = new WeakMap(); // their texts, for the search
    this.readAll();
  }

  open() {
    document.body.classList.add("sidebar-open");
    document.getElementById("scrim").hidden = false;
    this.search.focus();
  }

  close() {
    document.body.classList.remove("sidebar-open");
    document.getElementById("scrim").hidden = true;
  }

  leave(action) {
    this.close();
    action();
  }

  async readAll() {
    this.keep(await store.all());
  }

  refreshSoon(id) {
    this.stale.add(id);
    this.timer ??= setTimeout(() => this.refresh(), 100);
  }

  async refresh() {
    const ids = new Set(this.stale);
    this.stale.clear();
    this.timer = undefined;
    const found = await Promise.all([...ids].map(store.get));
    this.keep([...found.filter(Boolean), ...this.stored.filter((each) => !ids.has(each.id))]);
  }

  keep(conversations) {
    this.stored = conversations.sort((a, b) => b.updated - a.updated);
    this.draw();
  }

  textOf(conversation) {
    if (!this.texts.has(conversation)) this.texts.set(conversation, searchable(conversation));
    return this.texts.get(conversation);
  }

  draw() {
    if (this.list.querySelector("form")) return; // a title is being written
    const words = this.search.value.toLowerCase().trim();
    const found = this.stored.filter((each) => !words || this.textOf(each).includes(words));
    const focused = this.list.contains(document.activeElement) && document.activeElement.closest("li")?.dataset.id;
    const nothing = h("li", { class: "muted" }, words ? "Nothing found" : "No conversations yet");
    place(this.list, found.length ? found.map((each) => this.item(each)) : [nothing]);
    if (focused && !this.list.contains(document.activeElement)) {
      this.list.querySelector(`[data-id="${CSS.escape(focused)}"] button`)?.focus();
    }
  }

  /** Return the element of a conversation, a new one if another text is to be shown. */
  item(conversation) {
    const isShown = conversation.id === this.app.conversation.id;
    const known = this.items.get(conversation.id);
    if (known?.conversation === conversation && known.isShown === isShown) return known.element;
    const element = this.newItem(conversation, isShown);
    this.items.set(conversation.id, { conversation, isShown, element });
    return element;
  }

  newItem(conversation, isShown) {
    const title = conversation.title || "Untitled";
    const item = h(
      "li",
      { dataset: { id: conversation.id } },
      h(
        "button",
        {
          type: "button",
          class: "title",
          "aria-current": isShown ? "page" : null,
          onclick: () => this.leave(() => this.app.open(conversation)),
        },
        title,
      ),
      iconButton("edit", `Rename ${title}`, () => this.rename(conversation, item)),
      iconButton("export", `Export ${title}`, () => download([conversation])),
      iconButton("trash", `Delete ${title}`, () => confirm(`Delete “${title}”?`) && this.app.remove(conversation)),
    );
    return item;
  }

  rename(conversation, item) {
    const field = h("input", { value: conversation.title, "aria-label": "Title" });
    let ended = false;
    const end = async (event) => {
      event.preventDefault();
      if (ended) return; // the field loses the focus as it goes
      ended = true;
      form.remove();
      await this.app.rename(conversation, field.value.trim().slice(0, 200));
    };
    const form = h("form", { onsubmit: end, onfocusout: end }, field);
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      field.value = conversation.title;
      field.blur();
    });
    this.items.delete(conversation.id);
    item.replaceChildren(form);
    field.select();
  }

  async exportAll() {
    download(await store.all());
  }

  async load() {
    const [file] = this.file.files;
    this.file.value = "";
    try {
      const imported = await store.importText(await file.text());
      this.problem.hidden = true;
      announce(`${imported.length} conversations were imported.`);
      await this.readAll();
    } catch (failure) {
      this.problem.textContent = failure.message;
      this.problem.hidden = false;
    }
  }
}

function download(conversations) {
  const url = URL.createObjectURL(new Blob([store.exported(conversations)], { type: "application/json" }));
  const day = new Date().toISOString().slice(0, 10);
  h("a", { href: url, download: `ossia-${day}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
