// OpenAI's Responses by the SDK, whose streams are strict, by its Agents SDK and by the AI SDK: tools and formats.
import { createOpenAI } from "@ai-sdk/openai";
import { Agent, OpenAIResponsesModel, run, setTracingDisabled, tool as agentTool } from "@openai/agents";
import { Output, generateText, stepCountIs, streamText, tool as aiTool } from "ai";
import OpenAI from "openai";
import { z } from "zod";
import { MODEL, V1, asked, failure, parameters, question, report } from "./weather.mjs";

setTracingDisabled(true);
const client = new OpenAI({ baseURL: V1, apiKey: "ollama", maxRetries: 0 });
const city = z.object({ city: z.string() });
const seen = { cities: [] };
const execute = async ({ city }) => {
  seen.cities.push(city);
  return report;
};

async function byOpenAI() {
  const body = { model: MODEL, input: asked };
  const tools = [{ type: "function", name: "get_weather", parameters, strict: true }];
  const whole = await client.responses.create(body);
  const stream = client.responses.stream({ ...body, tools });
  const events = [];
  for await (const event of stream) events.push(event.type);
  const first = await stream.finalResponse();
  const call = first.output.find((item) => item.type === "function_call");
  const result = { type: "function_call_output", call_id: call.call_id, output: report };
  const followed = await client.responses.create({ ...body, tools, input: [...asked, ...first.output, result] });
  const next = { ...body, tools, input: [result], previous_response_id: first.id };
  const streamed = await client.responses.stream(next).finalResponse();
  return {
    text: whole.output_text,
    events,
    call: call.arguments,
    answers: [followed.output_text, streamed.output_text],
    missing: await failure(client.responses.create({ ...body, model: "absent" })),
  };
}

async function byAgents() {
  const weather = { name: "get_weather", description: "The weather in a city", parameters: city, execute };
  const model = new OpenAIResponsesModel(client, MODEL);
  const agent = new Agent({ name: "Assistant", model, tools: [agentTool(weather)] });
  const streamed = await run(agent, question, { stream: true });
  for await (const _ of streamed);
  const typed = new Agent({ name: "Assistant", model, outputType: city });
  return {
    answers: [(await run(agent, question)).finalOutput, streamed.finalOutput],
    typed: (await run(typed, question)).finalOutput,
  };
}

async function byAiSdk() {
  const model = createOpenAI({ baseURL: V1, apiKey: "ollama" })(MODEL);
  const get_weather = aiTool({ description: "The weather in a city", inputSchema: city, execute });
  const providerOptions = { openai: { forceReasoning: true, reasoningSummary: "auto" } };
  const settings = { model, prompt: question, maxRetries: 0, providerOptions };
  const loop = { ...settings, tools: { get_weather }, stopWhen: stepCountIs(4) };
  const whole = await generateText(loop);
  const streamed = streamText(loop);
  return {
    answers: [whole.text, await streamed.text],
    reasoning: [whole.reasoningText, await streamed.reasoningText],
    typed: (await generateText({ ...settings, output: Output.object({ schema: city }) })).output,
  };
}

seen.openai = await byOpenAI();
seen.agents = await byAgents();
seen.aiSdk = await byAiSdk();
console.log(JSON.stringify(seen));
