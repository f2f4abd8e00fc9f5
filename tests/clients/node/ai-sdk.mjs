// Vercel's AI SDK through each of its providers: answers, streams, reasoning, loops of tools, errors.
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, stepCountIs, streamText, tool } from "ai";
import { createOllama as createAiSdkOllama } from "ai-sdk-ollama";
import { createOllama as createProviderV2 } from "ollama-ai-provider-v2";
import { z } from "zod";
import { MODEL, OLLAMA, V1, failure, question, report } from "./weather.mjs";

const openai = createOpenAI({ baseURL: V1, apiKey: "ollama" });
const providers = {
  "ai-sdk-ollama": createAiSdkOllama({ baseURL: OLLAMA }),
  "ollama-ai-provider-v2": createProviderV2({ baseURL: `${OLLAMA}/api` }),
  "openai-compatible": createOpenAICompatible({ name: "ossia", baseURL: V1, apiKey: "ollama", includeUsage: true }),
  "openai-chat": (name) => openai.chat(name),
};
const thinking = {
  "ai-sdk-ollama": (name) => providers["ai-sdk-ollama"](name, { think: true }),
};
const providerOptions = { ollama: { think: true } }; // provider-v2 says think: false unless it is told

async function drive(name) {
  const model = (thinking[name] ?? providers[name])(MODEL);
  const cities = [];
  const get_weather = tool({
    description: "The weather in a city",
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => {
      cities.push(city);
      return report;
    },
  });
  const loop = { model, prompt: question, providerOptions, tools: { get_weather }, stopWhen: stepCountIs(4) };
  const settings = { model, prompt: question, maxRetries: 0, providerOptions };

  const whole = await generateText(settings);
  const stream = streamText(settings);
  const pieces = [];
  for await (const piece of stream.textStream) pieces.push(piece);
  const looped = await generateText(loop);
  const streamed = streamText(loop);
  return {
    text: whole.text,
    reasoning: [whole.reasoningText, await stream.reasoningText],
    finish: [whole.finishReason, await stream.finishReason],
    tokens: [whole.usage.outputTokens, (await stream.usage).outputTokens],
    streamed: pieces.join(""),
    pieces: pieces.length,
    loops: [looped.text, await streamed.text],
    steps: [looped.steps.length, (await streamed.steps).length],
    cities,
    missing: await failure(generateText({ ...settings, model: providers[name]("absent") })),
  };
}

const seen = {};
for (const name of Object.keys(providers)) seen[name] = await drive(name);
console.log(JSON.stringify(seen));
