// The choice of a model, and downloads of others with their progress.

import { loading, pull } from "./client.js";
import { field, openDialog } from "./dialog.js";
import { announce, h, icon } from "./dom.js";

const UNITS = ["B", "KB", "MB", "GB", "TB"];

export function bytes(number) {
  const power = number ? Math.min(UNITS.length - 1, Math.floor(Math.log10(number) / 3)) : 0;
  return `${(number / 1000 ** power).toFixed(power > 2 ? 1 : 0)} ${UNITS[power]}`;
}

/** A button that names the model and opens the choice. While a model is being loaded, it says so. */
export function modelButton(app) {
  const name = h("span", { class: "name" });
  const state = h("span", { class: "muted" });
  const open = modelsDialog(app);
  const button = h(
    "button",
    { type: "button", class: "model", "aria-haspopup": "dialog", onclick: open },
    name,
    state,
    icon("down"),
  );
  const update = () => {
    name.textContent = app.conversation.model || "Models";
  };
  for (const event of ["models", "shown"]) app.on(event, update);
  app.on("changed", () => app.isRunning && watchLoading(app, state));
  update();
  return button;
}

/** Show how a model is being loaded, until its first token. */
async function watchLoading(app, state) {
  if (state.dataset.watched) return;
  state.dataset.watched = "yes";
  while (app.isRunning) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const [each] = await loading().catch(() => []);
    state.textContent = each ? percent(each) : "";
    if (!each && hasBegun(app.conversation)) break;
  }
  state.textContent = "";
  delete state.dataset.watched;
}

const percent = ({ status, completed, total }) =>
  total ? `${status} ${Math.floor((100 * completed) / total)} %` : status;

function hasBegun({ nodes, leaf }) {
  const node = nodes[leaf];
  return Boolean(node?.content || node?.thinking || node?.calls?.length);
}

/** Return what opens the dialog. Its parts are made once: a download goes on behind the page and is found again. */
function modelsDialog(app) {
  const list = h("ul", { class: "choice" });
  const form = downloadForm(app);
  const nothing = () => h("li", { class: "muted" }, app.problem?.message ?? "None is installed.");
  app.on("models", () =>
    list.replaceChildren(...(app.models.length ? app.models.map((model) => row(app, model)) : [nothing()])),
  );
  return () => {
    openDialog("Models", list, form);
    app.loadModels();
  };
}

function row(app, model) {
  const choose = (event) => {
    event.currentTarget.closest("dialog").close();
    app.choose(model.name);
  };
  const facts = [
    model.details?.parameter_size,
    bytes(model.size),
    ...(model.capabilities ?? []).filter((each) => each !== "completion"),
  ]
    .filter(Boolean)
    .join(" · ");
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", "aria-pressed": String(model.name === app.conversation.model), onclick: choose },
      h("span", { class: "name" }, model.name),
      h("span", { class: "muted" }, facts),
    ),
  );
}

function downloadForm(app) {
  const name = h("input", { required: true, placeholder: "gpt-oss:20b", autocomplete: "off", spellcheck: "false" });
  const bar = h("progress", { "aria-label": "Download", max: "1", hidden: true });
  const note = h("p", { class: "muted", role: "status" });
  const start = h("button", { class: "primary" }, "Download");
  const cancel = h("button", { type: "button", hidden: true, onclick: () => controller.abort() }, "Cancel");
  let controller;
  const submit = async (event) => {
    event.preventDefault();
    controller = new AbortController();
    start.disabled = true;
    cancel.hidden = false;
    try {
      await follow(pull(name.value.trim(), controller.signal), bar, note);
      note.textContent = `${name.value.trim()} is here.`;
      announce(note.textContent);
      name.value = "";
    } catch (failure) {
      note.textContent =
        failure.name === "AbortError"
          ? "Cancelled: what has arrived is kept for the next time."
          : [failure.message, failure.hint].filter(Boolean).join(" ");
    }
    bar.hidden = cancel.hidden = true;
    start.disabled = false;
    await app.loadModels();
  };
  return h(
    "form",
    { class: "download", onsubmit: submit },
    field("Download a model", name),
    h("div", { class: "row" }, start, cancel),
    bar,
    note,
  );
}

async function follow(lines, bar, note) {
  for await (const { status, completed = 0, total = 0 } of lines) {
    bar.hidden = false;
    if (total) bar.value = completed / total;
    else bar.removeAttribute("value");
    note.textContent = total ? `${status}: ${bytes(completed)} of ${bytes(total)}` : status;
  }
}
