// Vercel's AI SDK on the embedded model, through each of its providers: the guide's tool in a loop.
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, stepCountIs, tool } from "ai";
import { createOllama as createAiSdkOllama } from "ai-sdk-ollama";
import { createOllama as createProviderV2 } from "ollama-ai-provider-v2";
import { z } from "zod";
import { MODEL, OLLAMA, V1, get_weather, guide } from "./weather.mjs";

const openai = createOpenAI({ baseURL: V1, apiKey: "ollama" });
const models = {
  "ai-sdk-ollama": createAiSdkOllama({ baseURL: OLLAMA })(MODEL, { think: true }),
  "ollama-ai-provider-v2": createProviderV2({ baseURL: `${OLLAMA}/api` })(MODEL),
  "openai-compatible": createOpenAICompatible({ name: "ossia", baseURL: V1, apiKey: "ollama" })(MODEL),
  "openai-chat": openai.chat(MODEL),
  "openai-responses": openai.responses(MODEL),
};
const providerOptions = { ollama: { think: true } };

const seen = {};
for (const [name, model] of Object.entries(models)) {
  const cities = [];
  const inputSchema = z.object({ city: z.string() });
  const execute = async ({ city }) => {
    cities.push(city);
    return get_weather(city);
  };
  const tools = { get_weather: tool({ description: guide.tool.function.description, inputSchema, execute }) };
  const settings = { model, tools, providerOptions, temperature: 0, stopWhen: stepCountIs(4) };
  const { text } = await generateText({ ...settings, prompt: guide.question });
  seen[name] = [cities, text];
}
console.log(JSON.stringify(seen));
