// OpenAI's Agents SDK for JavaScript, on chat completions: an agent with a tool, whole and streamed.
import { Agent, OpenAIChatCompletionsModel, run, setTracingDisabled, tool } from "@openai/agents";
import OpenAI from "openai";
import { z } from "zod";
import { MODEL, V1, failure, question, report } from "./weather.mjs";

setTracingDisabled(true);
const client = new OpenAI({ baseURL: V1, apiKey: "ollama", maxRetries: 0 });
const seen = { cities: [], outputs: [] };

const getWeather = tool({
  name: "get_weather",
  description: "The weather in a city",
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => {
    seen.cities.push(city);
    return report;
  },
});
const agent = (model) =>
  new Agent({
    name: "Assistant",
    instructions: "You are helpful.",
    model: new OpenAIChatCompletionsModel(client, model),
    tools: [getWeather],
  });

const whole = await run(agent(MODEL), question);
seen.outputs.push(whole.finalOutput);
seen.items = whole.newItems.map((item) => item.type);
const streamed = await run(agent(MODEL), question, { stream: true });
seen.text = "";
for await (const piece of streamed.toTextStream()) seen.text += piece;
await streamed.completed;
seen.outputs.push(streamed.finalOutput);
seen.missing = await failure(run(agent("absent"), question));
console.log(JSON.stringify(seen));
