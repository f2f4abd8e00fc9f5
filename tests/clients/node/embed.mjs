// The same two texts embedded by every client in JavaScript: the vectors of each.
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embed, embedMany } from "ai";
import { createOllama as createAiSdkOllama } from "ai-sdk-ollama";
import { Ollama } from "ollama";
import { createOllama as createProviderV2 } from "ollama-ai-provider-v2";
import OpenAI from "openai";
import { MODEL, OLLAMA, V1 } from "./weather.mjs";

const values = JSON.parse(process.env.TEXTS);
const openai = new OpenAI({ baseURL: V1, apiKey: "ollama", maxRetries: 0 });
const ollama = new Ollama({ host: OLLAMA });

const models = {
  "ai-sdk-ollama": createAiSdkOllama({ baseURL: OLLAMA }).embedding(MODEL),
  "ollama-ai-provider-v2": createProviderV2({ baseURL: `${OLLAMA}/api` }).embedding(MODEL),
  "openai-compatible": createOpenAICompatible({ name: "ossia", baseURL: V1, apiKey: "ollama" }).embeddingModel(MODEL),
  "ai-sdk-openai": createOpenAI({ baseURL: V1, apiKey: "ollama" }).embedding(MODEL),
};
const seen = {
  openai: (await openai.embeddings.create({ model: MODEL, input: values })).data.map((item) => item.embedding),
  ollama: (await ollama.embed({ model: MODEL, input: values })).embeddings,
};
for (const [name, model] of Object.entries(models)) {
  seen[name] = (await embedMany({ model, values, maxRetries: 0 })).embeddings;
  const { embedding } = await embed({ model, value: values[0], maxRetries: 0 });
  if (JSON.stringify(embedding) !== JSON.stringify(seen[name][0])) throw new Error(`${name}: one differs from many`);
}
console.log(JSON.stringify(seen));
