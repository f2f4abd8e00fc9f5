// Ollama's JavaScript client: chats with tools and thinking, completions, loading, errors.
import { Ollama } from "ollama";
import { MODEL, OLLAMA, all, asked, failure, question, report, tool } from "./weather.mjs";

const client = new Ollama({ host: OLLAMA });
const chat = { model: MODEL, messages: asked };
const seen = {};

const whole = await client.chat({ ...chat, think: "low" });
seen.whole = { message: whole.message, reason: whole.done_reason, tokens: whole.eval_count };
const chunks = await all(await client.chat({ ...chat, stream: true }));
seen.text = chunks.map((chunk) => chunk.message.content).join("");
seen.last = { done: chunks.at(-1).done, reason: chunks.at(-1).done_reason };

const first = (await client.chat({ ...chat, tools: [tool] })).message;
const parts = await all(await client.chat({ ...chat, tools: [tool], stream: true }));
const streamed = parts.find((part) => part.message.tool_calls).message;
seen.calls = [first, streamed].map((message) => message.tool_calls[0].function);
seen.answers = [];
for (const message of [first, streamed]) {
  const result = { role: "tool", tool_name: "get_weather", content: report };
  const next = await client.chat({ ...chat, messages: [...asked, message, result], tools: [tool] });
  seen.answers.push(next.message.content);
}

seen.response = (await client.generate({ model: MODEL, prompt: question, think: false })).response;
const pieces = await all(await client.generate({ model: MODEL, prompt: question, stream: true }));
seen.pieces = pieces.map((piece) => piece.response);
seen.load = (await client.generate({ model: MODEL, prompt: "" })).done_reason;
seen.loaded = (await client.ps()).models.map((model) => model.model);
seen.version = (await client.version()).version;

seen.missing = await failure(client.chat({ ...chat, model: "absent" }));
seen.missingInStream = await failure(client.chat({ ...chat, model: "absent", stream: true }));
console.log(JSON.stringify(seen));
