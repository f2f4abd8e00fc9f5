// LangChain.js through its packages for Ollama and OpenAI: answers, streams, a format, an agent's loop of tools.
import { ChatOllama, OllamaEmbeddings } from "@langchain/ollama";
import { ChatOpenAI } from "@langchain/openai";
import { createAgent, tool } from "langchain";
import { z } from "zod";

const { URL: base, MODEL = "gpt-oSS:20b" } = process.env;
const question = "What is the weather in Oslo? Use the tool.";
const place = z.object({ city: z.string() });
const openai = { model: MODEL, apiKey: "ollama", maxRetries: 0, configuration: { baseURL: `${base}/v1` } };
const models = {
  ollama: new ChatOllama({ model: MODEL, baseUrl: base, maxRetries: 0 }),
  openai: new ChatOpenAI(openai),
  responses: new ChatOpenAI({ ...openai, useResponsesApi: true }),
};

async function drive(model) {
  const cities = [];
  const get_weather = tool(
    ({ city }) => {
      cities.push(city);
      return `18 degrees in ${city}`;
    },
    { name: "get_weather", description: "The weather in a city", schema: place },
  );
  const pieces = [];
  for await (const piece of await model.stream(question)) pieces.push(piece.text);
  const turn = await createAgent({ model, tools: [get_weather] }).invoke({ messages: [{ role: "user", content: question }] });
  return {
    text: (await model.invoke(question)).text,
    streamed: pieces.join(""),
    typed: await model.withStructuredOutput(place, { method: "jsonSchema" }).invoke(question),
    said: turn.messages.at(-1).text,
    cities,
  };
}

const seen = {};
for (const name of Object.keys(models)) seen[name] = await drive(models[name]);
const vectors = await new OllamaEmbeddings({ model: MODEL, baseUrl: base }).embedDocuments(["Hello", "there"]);
console.log(JSON.stringify({ ...seen, embeddings: vectors.map((vector) => vector.length) }));
