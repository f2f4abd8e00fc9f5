// Dialogs: the browser's own, which keep the focus inside and end with Esc.

import { h, iconButton } from "./dom.js";

/** Show a dialog with a title. `close` listeners of the returned element run when it ends, however it does. */
export function openDialog(title, ...content) {
  const id = `title-${title.replace(/\W+/g, "-").toLowerCase()}`;
  const dialog = h(
    "dialog",
    { "aria-labelledby": id },
    h(
      "header",
      {},
      h("h2", { id }, title),
      iconButton("close", "Close", () => dialog.close()),
    ),
    ...content,
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

let fields = 0;

/** Give a control its label, and a note below it. */
export function field(label, control, note = "") {
  control.id = `field-${++fields}`;
  const noteId = `${control.id}-note`;
  if (note) control.setAttribute("aria-describedby", noteId);
  return h(
    "div",
    { class: "field" },
    h("label", { for: control.id }, label),
    control,
    note && h("span", { class: "muted", id: noteId }, note),
  );
}
