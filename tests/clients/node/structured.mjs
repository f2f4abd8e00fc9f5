// An answer in the form of a schema, whole and streamed, by every client in JavaScript.
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { Agent, OpenAIChatCompletionsModel, run, setTracingDisabled } from "@openai/agents";
import { Output, generateText, streamText } from "ai";
import { createOllama as createAiSdkOllama } from "ai-sdk-ollama";
import { Ollama } from "ollama";
import { createOllama as createProviderV2 } from "ollama-ai-provider-v2";
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import { MODEL, OLLAMA, V1, all, asked, question } from "./weather.mjs";

setTracingDisabled(true);
const openai = new OpenAI({ baseURL: V1, apiKey: "ollama", maxRetries: 0 });
const ollama = new Ollama({ host: OLLAMA });
const schema = z.object({
  city: z.string(),
  degrees: z.int(),
  sunny: z.boolean(),
  wind: z.object({ speed: z.number(), unit: z.enum(["m/s", "knots"]) }),
  warnings: z.array(z.string()),
});

async function byOpenAI() {
  const body = { model: MODEL, messages: asked, response_format: zodResponseFormat(schema, "weather") };
  const whole = await openai.chat.completions.parse(body);
  const streamed = await openai.chat.completions.stream(body).finalChatCompletion();
  return [whole, streamed].map((completion) => completion.choices[0].message.parsed);
}

async function byOllama() {
  const body = { model: MODEL, messages: asked, format: z.toJSONSchema(schema) };
  const whole = (await ollama.chat(body)).message.content;
  const chunks = await all(await ollama.chat({ ...body, stream: true }));
  return [whole, chunks.map((chunk) => chunk.message.content).join("")].map(JSON.parse);
}

async function byAgents() {
  const model = new OpenAIChatCompletionsModel(openai, MODEL);
  const agent = new Agent({ name: "Assistant", model, outputType: schema });
  const streamed = await run(agent, question, { stream: true });
  for await (const _ of streamed);
  return [(await run(agent, question)).finalOutput, streamed.finalOutput];
}

const byAiSdk = (model) => async () => {
  const settings = { model, prompt: question, maxRetries: 0, output: Output.object({ schema }) };
  return [(await generateText(settings)).output, await streamText(settings).output];
};

const compatible = { name: "ossia", baseURL: V1, apiKey: "ollama", supportsStructuredOutputs: true };
const clients = {
  openai: byOpenAI,
  ollama: byOllama,
  agents: byAgents,
  "ai-sdk-ollama": byAiSdk(createAiSdkOllama({ baseURL: OLLAMA })(MODEL)),
  "ollama-ai-provider-v2": byAiSdk(createProviderV2({ baseURL: `${OLLAMA}/api` })(MODEL)),
  "openai-compatible": byAiSdk(createOpenAICompatible(compatible)(MODEL)),
  "ai-sdk-openai": byAiSdk(createOpenAI({ baseURL: V1, apiKey: "ollama" }).chat(MODEL)),
};
const seen = {};
for (const [name, ask] of Object.entries(clients)) seen[name] = await ask();
console.log(JSON.stringify(seen));
