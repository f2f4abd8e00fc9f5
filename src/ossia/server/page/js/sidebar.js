// The list of conversations: new, search, open, rename, delete, export and import.

import { searchable } from "./conversation.js";
import { announce, h, iconButton } from "./dom.js";
import { themeButton } from "./theme.js";
import * as store from "./store.js";

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
      h("button", { type: "button", class: "new", onclick: () => this.leave(() => app.fresh()) }, "New conversation"),
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
    app.on("listed", () => this.refreshSoon());
    app.on("shown", () => this.draw());
    store.onChange(() => this.refreshSoon());
    this.stored = [];
    this.refresh();
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

  refreshSoon() {
    this.timer ??= setTimeout(() => this.refresh(), 100);
  }

  async refresh() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.stored = await store.all();
    this.draw();
  }

  draw() {
    if (this.list.querySelector("form")) return; // a title is being written
    const words = this.search.value.toLowerCase().trim();
    const found = this.stored.filter((each) => !words || searchable(each).includes(words));
    const focused = this.list.contains(document.activeElement) && document.activeElement.closest("li")?.dataset.id;
    this.list.replaceChildren(...found.map((each) => this.item(each)));
    if (!found.length) this.list.append(h("li", { class: "muted" }, words ? "Nothing found" : "No conversations yet"));
    if (focused) this.list.querySelector(`[data-id="${CSS.escape(focused)}"] button`)?.focus();
  }

  item(conversation) {
    const title = conversation.title || "Untitled";
    const isShown = conversation.id === this.app.conversation.id;
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
      const live = this.app.live(conversation);
      live.title = field.value.trim().slice(0, 200) || live.title;
      await this.app.save(live);
    };
    const form = h("form", { onsubmit: end, onfocusout: end }, field);
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      field.value = conversation.title;
      field.blur();
    });
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
      this.refresh();
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
