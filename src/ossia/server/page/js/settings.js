// Settings of a conversation: system prompt, effort, parameters, JSON schema and tools.

import { field, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { ToolsEditor, jsonProblem } from "./tools.js";

const NUMBERS = [
  ["temperature", "Temperature", { min: "0", max: "2", step: "any" }],
  ["top_p", "Top p", { min: "0", max: "1", step: "any" }],
  ["max_tokens", "Longest answer, in tokens", { min: "1", step: "1" }],
  ["seed", "Seed", { step: "1" }],
];
const EFFORTS = [
  ["", "The model's own"],
  ["none", "None"],
  ["low", "Low"],
  ["medium", "Medium"],
  ["high", "High"],
];

export function openSettings(app) {
  const { settings } = app.conversation;
  const system = h("textarea", { rows: "3", value: settings.system });
  const effort = h(
    "select",
    {},
    EFFORTS.map(([value, text]) => h("option", { value }, text)),
  );
  effort.value = settings.effort;
  const numbers = NUMBERS.map(([name, label, limits]) => [
    name,
    label,
    h("input", {
      type: "number",
      inputmode: "decimal",
      placeholder: "The model's own",
      ...limits,
      value: settings[name],
    }),
  ]);
  const useSchema = h("input", { type: "checkbox" });
  useSchema.checked = settings.useSchema;
  const schema = h("textarea", {
    rows: "6",
    class: "mono",
    spellcheck: "false",
    value: settings.schema,
    placeholder: '{"type": "object", "properties": {"answer": {"type": "string"}}}',
  });
  const tools = new ToolsEditor(settings.tools);
  const isDefault = h("input", { type: "checkbox" });
  const problem = h("p", { class: "failure", role: "alert", hidden: true });
  const submit = (event) => {
    event.preventDefault();
    const wrong = (useSchema.checked && jsonProblem("The schema", schema.value)) || tools.problem();
    problem.textContent = wrong;
    problem.hidden = !wrong;
    if (wrong) return;
    app.configure(
      {
        system: system.value,
        effort: effort.value,
        schema: schema.value,
        useSchema: useSchema.checked,
        tools: tools.values(),
        ...Object.fromEntries(numbers.map(([name, , input]) => [name, input.value])),
      },
      isDefault.checked,
    );
    dialog.close();
  };
  const dialog = openDialog(
    "Settings",
    h(
      "form",
      { onsubmit: submit },
      field("System prompt", system),
      field("Thinking", effort),
      h(
        "div",
        { class: "columns" },
        numbers.map(([, label, input]) => field(label, input)),
      ),
      h(
        "fieldset",
        {},
        h("legend", {}, "Format"),
        h("label", { class: "check" }, useSchema, "Answer with JSON of this schema"),
        field("JSON schema", schema),
      ),
      tools.element,
      problem,
      h(
        "div",
        { class: "row end" },
        h("label", { class: "check" }, isDefault, "Also for new conversations"),
        h("button", { class: "primary" }, "Save"),
      ),
    ),
  );
}
