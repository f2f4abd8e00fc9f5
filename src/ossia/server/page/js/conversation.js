// A conversation: a tree of messages, of which one branch is shown. Pure values, which IndexedDB and JSON keep as is.

/** Return settings in which nothing is chosen: the model's own are used. */
export function noSettings() {
  return {
    system: "",
    effort: "",
    temperature: "",
    top_p: "",
    max_tokens: "",
    seed: "",
    schema: "",
    useSchema: false,
    tools: [],
  };
}

export function newConversation(model, settings) {
  const now = Date.now();
  return {
    id: crypto.randomUUID?.() ?? randomId(),
    title: "",
    model,
    created: now,
    updated: now,
    chosen: now,
    settings: structuredClone(settings),
    nodes: {},
    leaf: "",
  };
}

function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Add a message behind `parent` and show it. Its id orders it among its siblings, and is that of no other tab's. */
export function add(conversation, message, parent = conversation.leaf) {
  const latest = Object.values(conversation.nodes).reduce((most, node) => Math.max(most, number(node)), 0);
  const id = `n${Math.max(latest + 1, Date.now() * 1000 + Math.floor(Math.random() * 1000))}`;
  conversation.nodes[id] = { id, parent, content: "", created: Date.now(), ...message };
  conversation.leaf = id;
  conversation.updated = Date.now();
  if (!conversation.title && message.role === "user") conversation.title = message.content.trim().slice(0, 80);
  return conversation.nodes[id];
}

/** Return the messages of the branch that is shown, the first one first. */
export function path(conversation) {
  const nodes = [];
  for (let node = conversation.nodes[conversation.leaf]; node; node = conversation.nodes[node.parent]) nodes.push(node);
  return nodes.reverse();
}

/** Return a function from a message to all that stand in its place, in the order in which they were made. */
export function siblings(conversation) {
  const places = new Map();
  const placeOf = (node) => `${node.parent} ${node.role}`;
  for (const node of Object.values(conversation.nodes)) {
    if (!places.has(placeOf(node))) places.set(placeOf(node), []);
    places.get(placeOf(node)).push(node);
  }
  for (const nodes of places.values()) nodes.sort((a, b) => number(a) - number(b));
  return (node) => places.get(placeOf(node));
}

const number = (node) => Number(node.id.slice(1));

/** Show the branch of `node`, down to what was said last in it. */
export function show(conversation, node) {
  for (let latest = node; latest;) {
    conversation.leaf = latest.id;
    const parent = latest.id;
    latest = Object.values(conversation.nodes)
      .filter((other) => other.parent === parent)
      .sort((a, b) => number(b) - number(a))[0];
  }
}

/**
 * Add to a conversation what another copy of it has: messages, more of a message that was being written, and title,
 * model and settings that were chosen later. Return whether there was anything.
 */
export function merge(ours, theirs) {
  let hasMore = false;
  for (const [id, node] of Object.entries(theirs.nodes)) {
    if (ours.nodes[id] && !isFurther(node, ours.nodes[id])) continue;
    ours.nodes[id] = Object.assign(ours.nodes[id] ?? {}, node);
    hasMore = true;
  }
  ours.updated = Math.max(ours.updated, theirs.updated);
  if (!((theirs.chosen ?? 0) > (ours.chosen ?? 0))) return hasMore;
  for (const name of ["title", "model", "settings", "chosen"]) ours[name] = theirs[name];
  return true;
}

/** Tell whether a message has more of what `own` is a copy of. What has ended changes no more. */
function isFurther(node, own) {
  if (hasEnded(own)) return false;
  return hasEnded(node) || written(node) > written(own);
}

const hasEnded = ({ state }) => state !== "writing" && state !== "interrupted";

const written = ({ content, thinking = "", calls = [] }) =>
  content.length + thinking.length + calls.reduce((sum, call) => sum + call.arguments.length + 1, 0);

/** Return calls of the last assistant's message that have no result yet. */
export function openCalls(conversation) {
  const nodes = path(conversation);
  const answered = new Set(nodes.filter((node) => node.role === "tool").map((node) => node.call));
  const last = nodes.findLast((node) => node.role === "assistant");
  return (last?.calls ?? []).filter((call) => !answered.has(call.id));
}

/** Return the body of a request for the next message of the branch that is shown. */
export function requestOf(conversation) {
  const { settings, model } = conversation;
  const body = { model, messages: path(conversation).filter(isSaid).map(wireMessage) };
  if (settings.system) body.messages.unshift({ role: "system", content: settings.system });
  if (settings.effort) body.reasoning_effort = settings.effort;
  for (const name of ["temperature", "top_p", "max_tokens", "seed"]) {
    if (settings[name] !== "") body[name] = Number(settings[name]);
  }
  if (settings.useSchema && settings.schema.trim()) body.response_format = responseFormat(settings.schema);
  if (settings.tools.length) body.tools = settings.tools.map(wireTool);
  return body;
}

const isSaid = (node) => node.role !== "assistant" || node.content || node.calls?.length;

function wireMessage(node) {
  if (node.role === "tool") return { role: "tool", tool_call_id: node.call, content: node.content };
  const message = { role: node.role, content: node.content };
  if (node.thinking) message.reasoning_content = node.thinking;
  if (node.calls?.length) {
    message.tool_calls = node.calls.map(({ id, name, arguments: text }) => ({
      id,
      type: "function",
      function: { name, arguments: text || "{}" },
    }));
  }
  return message;
}

function responseFormat(text) {
  return { type: "json_schema", json_schema: { name: "answer", schema: JSON.parse(text), strict: false } };
}

function wireTool({ name, description, parameters }) {
  return {
    type: "function",
    function: { name, description, parameters: JSON.parse(parameters || '{"type":"object"}') },
  };
}

/** Return the text of a conversation in which a search looks. */
export function searchable(conversation) {
  return [conversation.title, ...Object.values(conversation.nodes).map((node) => node.content)]
    .join("\n")
    .toLowerCase();
}
