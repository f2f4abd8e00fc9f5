// One answer and one stream through every client in JavaScript, the same question each time; a stream that is given up.
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { Agent, OpenAIChatCompletionsModel, run, setTracingDisabled } from "@openai/agents";
import { generateText, streamText } from "ai";
import { createOllama as createAiSdkOllama } from "ai-sdk-ollama";
import { Ollama } from "ollama";
import { createOllama as createProviderV2 } from "ollama-ai-provider-v2";
import OpenAI from "openai";
import { MODEL, OLLAMA, V1, all, failure } from "./weather.mjs";

setTracingDisabled(true);
const prompt = "Count from one to ten in words.";
const messages = [{ role: "user", content: prompt }];
const openai = new OpenAI({ baseURL: V1, apiKey: "ollama", maxRetries: 0 });
const ollama = new Ollama({ host: OLLAMA });

async function byOpenAI() {
  const body = { model: MODEL, messages, temperature: 0, max_tokens: 8 };
  const whole = await openai.chat.completions.create(body);
  const chunks = await all(await openai.chat.completions.create({ ...body, stream: true }));
  return [whole.choices[0].message.content, chunks.map((chunk) => chunk.choices[0].delta.content ?? "").join("")];
}

async function byOllama() {
  const body = { model: MODEL, messages, options: { temperature: 0, num_predict: 8 } };
  const whole = await ollama.chat(body);
  const chunks = await all(await ollama.chat({ ...body, stream: true }));
  return [whole.message.content, chunks.map((chunk) => chunk.message.content).join("")];
}

async function byAgents() {
  const model = new OpenAIChatCompletionsModel(openai, MODEL);
  const agent = new Agent({ name: "Assistant", model, modelSettings: { temperature: 0, maxTokens: 8 } });
  const streamed = await run(agent, prompt, { stream: true });
  for await (const _ of streamed);
  return [(await run(agent, prompt)).finalOutput, streamed.finalOutput];
}

// provider-v2 sends the AI SDK's own settings where Ollama does not read them
const providerOptions = { ollama: { options: { temperature: 0, num_predict: 8 } } };

const byAiSdk = (model) => async () => {
  const settings = { model, prompt, temperature: 0, maxOutputTokens: 8, maxRetries: 0, providerOptions };
  return [(await generateText(settings)).text, await streamText(settings).text];
};

const clients = {
  openai: byOpenAI,
  ollama: byOllama,
  agents: byAgents,
  "ai-sdk-ollama": byAiSdk(createAiSdkOllama({ baseURL: OLLAMA })(MODEL)),
  "ollama-ai-provider-v2": byAiSdk(createProviderV2({ baseURL: `${OLLAMA}/api` })(MODEL)),
  "openai-compatible": byAiSdk(createOpenAICompatible({ name: "ossia", baseURL: V1, apiKey: "ollama" })(MODEL)),
  "ai-sdk-openai": byAiSdk(createOpenAI({ baseURL: V1, apiKey: "ollama" }).chat(MODEL)),
};
const seen = { answers: {} };
for (const [name, ask] of Object.entries(clients)) seen.answers[name] = await ask();

const long = await ollama.chat({ model: MODEL, messages, options: { temperature: 0, num_predict: 2000 }, stream: true });
seen.aborted = await failure(
  (async () => {
    for await (const _ of long) long.abort();
  })(),
);
console.log(JSON.stringify(seen));
