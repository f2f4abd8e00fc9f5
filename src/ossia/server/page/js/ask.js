// The loop of an answer: a request, the pieces that arrive, and again as soon as every tool call has its result.

import { chat } from "./client.js";
import { add, openCalls, requestOf } from "./conversation.js";

const NO_MODEL = "Choose another model by the name at the top, or download this one there, and answer again.";

/**
 * Let the model answer the branch that is shown. It ends when the model has answered, when a call waits for a person,
 * or when something fails: nothing is thrown. `grown(node)` is called after each piece, `added(node)` for new messages.
 */
export async function ask(conversation, { signal, added, grown }) {
  for (;;) {
    const node = await answer(conversation, { signal, added, grown });
    if (node.state !== "done" || !node.calls.length) return node;
    for (const call of openCalls(conversation)) answerByText(conversation, call, added);
    if (openCalls(conversation).length) return node;
  }
}

/** Give a call the fixed text of its tool, if it has one. */
function answerByText(conversation, call, added) {
  const tool = conversation.settings.tools.find((each) => each.name === call.name);
  if (tool?.answer === "text") added(addResult(conversation, call, tool.text));
}

export function addResult(conversation, call, content) {
  return add(conversation, { role: "tool", call: call.id, name: call.name, content });
}

async function answer(conversation, { signal, added, grown }) {
  let begun; // when the first piece came: loading the model and reading the prompt are no part of the speed
  let body;
  let problem;
  try {
    body = requestOf(conversation);
  } catch {
    problem = new Error("The JSON of the schema or of a tool cannot be read.");
  }
  const format = body?.response_format ? "json" : "";
  const node = add(conversation, {
    role: "assistant",
    model: conversation.model,
    thinking: "",
    calls: [],
    format,
    state: "writing",
  });
  added(node);
  try {
    if (problem) throw problem;
    for await (const event of chat(body, signal)) {
      if (event.choices?.[0]?.delta?.content || node.thinking) begun ??= performance.now();
      take(node, event);
      grown(node);
    }
    node.state = "done";
  } catch (failure) {
    fail(node, failure);
  }
  endThinking(node);
  node.seconds = begun ? (performance.now() - begun) / 1000 : 0;
  conversation.updated = Date.now();
  grown(node);
  return node;
}

function fail(node, failure) {
  node.state = failure.name === "AbortError" ? "stopped" : "failed";
  if (node.state === "stopped") return;
  node.error = failure.message;
  node.hint = failure.hint || (failure.status === 404 ? NO_MODEL : "");
  node.status = failure.status ?? 0;
}

/** Add one event of the stream to the message. */
function take(node, event) {
  if (event.usage) node.tokens = event.usage.completion_tokens;
  const choice = event.choices?.[0];
  if (!choice) return;
  const { delta = {}, finish_reason: reason } = choice;
  if (delta.reasoning_content) {
    node.thinkingBegun ??= performance.now();
    node.thinking += delta.reasoning_content;
  }
  if (delta.content || delta.tool_calls) endThinking(node);
  if (delta.content) node.content += delta.content;
  for (const part of delta.tool_calls ?? []) takeCall(node.calls, part);
  if (reason === "length") node.cut = 1;
}

function takeCall(calls, { index = 0, id, function: { name = "", arguments: text = "" } = {} }) {
  calls[index] ??= { id: id ?? `call_${index}`, name: "", arguments: "" };
  calls[index].name += name;
  calls[index].arguments += text;
}

function endThinking(node) {
  if (node.thinkingBegun === undefined) return;
  node.thinkingSeconds = (performance.now() - node.thinkingBegun) / 1000;
  delete node.thinkingBegun;
}
