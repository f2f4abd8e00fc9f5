// OpenAI's JavaScript SDK: answers, streams, a round of tools each way, its own loop of tools, errors.
import OpenAI from "openai";
import { MODEL, V1, all, asked, failure, parameters, report, tool } from "./weather.mjs";

const client = new OpenAI({ baseURL: V1, apiKey: "ollama", maxRetries: 0 });
const chat = { model: MODEL, messages: asked };
const seen = {};

const whole = await client.chat.completions.create(chat);
seen.whole = { model: whole.model, message: whole.choices[0].message, usage: whole.usage };
const chunks = await all(
  await client.chat.completions.create({ ...chat, stream: true, stream_options: { include_usage: true } }),
);
seen.text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
seen.usage = chunks.at(-1).usage;

const first = (await client.chat.completions.create({ ...chat, tools: [tool] })).choices[0].message;
const stream = client.chat.completions.stream({ ...chat, tools: [tool] });
const streamed = (await stream.finalChatCompletion()).choices[0].message;
seen.calls = [first, streamed].map((message) => message.tool_calls[0].function.arguments);
seen.answers = [];
for (const message of [first, streamed]) {
  const result = { role: "tool", tool_call_id: message.tool_calls[0].id, content: report };
  const next = await client.chat.completions.create({ ...chat, messages: [...asked, message, result], tools: [tool] });
  seen.answers.push(next.choices[0].message.content);
}

seen.cities = [];
const get_weather = ({ city }) => {
  seen.cities.push(city);
  return report;
};
const runnable = { ...tool, function: { ...tool.function, parameters, function: get_weather, parse: JSON.parse } };
for (const stream of [false, true]) {
  const runner = client.chat.completions.runTools({ ...chat, tools: [runnable], stream });
  seen.answers.push(await runner.finalContent());
}

seen.completed = (await client.completions.create({ model: MODEL, prompt: "Hello" })).choices[0].text;
seen.models = (await all(await client.models.list())).map((model) => model.id);
seen.missing = await failure(client.chat.completions.create({ ...chat, model: "absent" }));
console.log(JSON.stringify(seen));
