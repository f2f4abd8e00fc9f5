// The editor of tools: what the model is told of each, and whether a form or a fixed text answers its calls.

import { field } from "./dialog.js";
import { h } from "./dom.js";

const EXAMPLE = '{\n  "type": "object",\n  "properties": {"city": {"type": "string"}},\n  "required": ["city"]\n}';
const NAME = /^[a-zA-Z0-9_.-]{1,64}$/;

export class ToolsEditor {
  constructor(tools) {
    this.rows = [];
    this.list = h("div", {});
    const add = () => this.add({ name: "", description: "", parameters: EXAMPLE, answer: "form", text: "" }).focus();
    this.element = h(
      "fieldset",
      {},
      h("legend", {}, "Tools"),
      this.list,
      h("button", { type: "button", onclick: add }, "Add a tool"),
    );
    for (const tool of tools) this.add(tool);
  }

  add(tool) {
    const inputs = {
      name: h("input", { value: tool.name, spellcheck: "false", placeholder: "get_weather" }),
      description: h("input", { value: tool.description, placeholder: "Tells the weather of a city" }),
      parameters: h("textarea", { rows: "4", class: "mono", spellcheck: "false", value: tool.parameters }),
      answer: h(
        "select",
        {},
        h("option", { value: "form" }, "I answer in a form"),
        h("option", { value: "text" }, "With a fixed text"),
      ),
      text: h("textarea", { rows: "2", value: tool.text }),
    };
    inputs.answer.value = tool.answer || "form";
    const text = field("Fixed text", inputs.text);
    const update = () => {
      text.hidden = inputs.answer.value !== "text";
    };
    inputs.answer.addEventListener("change", update);
    update();
    const remove = () => {
      this.rows = this.rows.filter((each) => each !== inputs);
      row.remove();
    };
    const row = h(
      "div",
      { class: "tool" },
      h("div", { class: "columns" }, field("Name", inputs.name), field("Description", inputs.description)),
      field("Parameters, as a JSON schema", inputs.parameters),
      field("How calls are answered", inputs.answer),
      text,
      h("button", { type: "button", onclick: remove }, "Remove this tool"),
    );
    this.rows.push(inputs);
    this.list.append(row);
    return inputs.name;
  }

  values() {
    return this.rows.map((inputs) =>
      Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value])),
    );
  }

  /** Return what is wrong with a tool, "" if nothing is. */
  problem() {
    const names = this.values().map((tool) => tool.name);
    for (const { name, parameters } of this.values()) {
      if (!NAME.test(name)) return "The name of a tool has 1 to 64 letters, digits and the signs _ . -";
      if (names.indexOf(name) !== names.lastIndexOf(name)) return `Two tools are named ${name}.`;
      const wrong = jsonProblem(`The schema of ${name}`, parameters);
      if (wrong) return wrong;
    }
    return "";
  }
}

/** Return what is wrong with the text of a JSON object, "" if nothing is. */
export function jsonProblem(what, text) {
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" && !Array.isArray(value) ? "" : `${what} is not a JSON object.`;
  } catch (failure) {
    return `${what} is not JSON: ${failure.message}.`;
  }
}
