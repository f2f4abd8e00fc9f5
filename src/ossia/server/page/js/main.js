// The chat page: makes its parts, and gives each its place.

import { App } from "./app.js";
import { Composer } from "./composer.js";
import { iconButton } from "./dom.js";
import { openKey } from "./key.js";
import { modelButton } from "./models.js";
import { openSettings } from "./settings.js";
import { Sidebar } from "./sidebar.js";
import * as store from "./store.js";
import { applyTheme } from "./theme.js";
import { Transcript } from "./transcript.js";

applyTheme();
const app = new App();
const at = (id) => document.getElementById(id);
const askForKey = (reason) => openKey(reason, () => app.loadModels());

const sidebar = new Sidebar(at("sidebar"), app, () => askForKey());
at("header").append(
  iconButton("menu", "Conversations", () => sidebar.open(), { class: "icon-button narrow" }),
  modelButton(app),
  iconButton("plus", "New conversation", () => app.fresh(), { class: "icon-button narrow push" }),
  iconButton("sliders", "Settings of this conversation", () => openSettings(app), { class: "icon-button settings" }),
);
new Transcript(at("transcript"), app);
const composer = new Composer(at("composer"), app);

app.on("key", ({ message, error }) => askForKey(message ?? error));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("sidebar-open")) sidebar.close();
});

/** The address names the conversation that is shown, so that it is there again after a reload. */
function keepAddress() {
  const { id, leaf, title } = app.conversation;
  document.title = title ? `${title} · ossia` : "ossia";
  history.replaceState(null, "", leaf ? `#${id}` : location.pathname);
}

const wanted = await store.get(location.hash.slice(1)).catch(() => undefined);
if (wanted) app.open(wanted);
for (const event of ["shown", "changed"]) app.on(event, keepAddress);
composer.field.focus();
await app.loadModels();
