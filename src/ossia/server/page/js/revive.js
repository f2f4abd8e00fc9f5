// Conversations from files, which may hold anything: known fields of known kinds are taken, and nothing else.

import { newConversation, noSettings, path } from "./conversation.js";

const PARAMETERS = ["effort", "temperature", "top_p", "max_tokens", "seed"];
const ROLES = new Set(["user", "assistant", "tool"]);
const PLAIN = new Set(["string", "number", "boolean"]);

/** Make a conversation of an imported value, keeping known fields only. Throws TypeError if it is none. */
export function revive(value) {
  if (!isObject(value) || !isObject(value.nodes)) throw new TypeError("not a conversation");
  const settings = { ...noSettings(), ...pick(value.settings ?? {}, ["system", "schema", ...PARAMETERS], String) };
  settings.useSchema = Boolean(value.settings?.useSchema);
  settings.tools = (value.settings?.tools ?? []).map((tool) =>
    pick(tool, ["name", "description", "parameters", "answer", "text"], String),
  );
  const conversation = newConversation(String(value.model ?? ""), settings);
  Object.assign(conversation, pick(value, ["title"], String), pick(value, ["created", "updated"], Number));
  for (const [id, node] of Object.entries(value.nodes)) conversation.nodes[id] = reviveNode(id, node);
  const { nodes } = conversation;
  conversation.leaf = Object.hasOwn(nodes, value.leaf) ? value.leaf : (Object.keys(nodes).at(-1) ?? "");
  path(conversation);
  return conversation;
}

const isObject = (value) => Boolean(value) && typeof value === "object" && !Array.isArray(value);

function reviveNode(id, node) {
  const isId = /^n[0-9]{1,16}$/.test(id) && Number.isSafeInteger(Number(id.slice(1)) + 1);
  if (!isId || !ROLES.has(node.role)) throw new TypeError("not a message");
  const later = node.parent && Number(String(node.parent).slice(1)) >= Number(id.slice(1));
  if (later) throw new TypeError("a message stands before itself");
  const noCall = { id: "", name: "", arguments: "" };
  const calls = (node.calls ?? []).map((call) => ({ ...noCall, ...pick(call, Object.keys(noCall), String) }));
  return {
    content: "",
    parent: "",
    ...pick(
      node,
      ["content", "parent", "thinking", "call", "name", "model", "error", "hint", "state", "format"],
      String,
    ),
    ...pick(node, ["created", "thinkingSeconds", "seconds", "tokens", "cut"], Number),
    id,
    role: node.role,
    calls,
  };
}

/** Return the fields that a value has, as texts or as numbers. What is neither is left out. */
function pick(value, names, type) {
  const fields = names.map((name) => [name, value[name]]).filter(([, field]) => PLAIN.has(typeof field));
  const typed = fields.map(([name, field]) => [name, type(field)]);
  return Object.fromEntries(typed.filter(([, field]) => !Number.isNaN(field)));
}
