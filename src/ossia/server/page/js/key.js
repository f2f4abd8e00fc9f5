// The API key, which stays in this browser and goes to this server alone.

import { key } from "./client.js";
import { field, openDialog } from "./dialog.js";
import { h } from "./dom.js";

/** Ask for a key; `reason` is the server's refusal, if there was one. */
export function openKey(reason, saved) {
  if (document.querySelector("dialog[open]")) return;
  const input = h("input", { type: "password", autocomplete: "off", value: key.get(), spellcheck: "false" });
  const submit = (event) => {
    event.preventDefault();
    key.set(input.value.trim());
    dialog.close();
    saved();
  };
  const dialog = openDialog(
    "API key",
    h(
      "form",
      { onsubmit: submit },
      reason && h("p", { class: "failure", role: "alert" }, reason),
      field("Key", input, "Made on the server by `ossia key create NAME`. An empty field forgets it."),
      h("div", { class: "row end" }, h("button", { class: "primary" }, "Save")),
    ),
  );
  input.select();
}
