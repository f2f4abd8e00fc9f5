// Ollama's JavaScript client on the embedded model: the guide's tool, called and answered.
import { Ollama } from "ollama";
import { MODEL, OLLAMA, get_weather, guide } from "./weather.mjs";

const client = new Ollama({ host: OLLAMA });
const asked = [{ role: "user", content: guide.question }];
const chat = { model: MODEL, tools: [guide.tool], options: { temperature: 0 } };
const { message } = await client.chat({ ...chat, messages: asked });
const cities = message.tool_calls.map((call) => call.function.arguments.city);
const result = { role: "tool", tool_name: "get_weather", content: get_weather(cities[0]) };
const last = await client.chat({ ...chat, messages: [...asked, message, result] });
console.log(JSON.stringify({ ollama: [cities, last.message.content] }));
