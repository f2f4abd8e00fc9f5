// The tool that every client is given.
export const { V1, MODEL = "gpt-oSS:20b" } = process.env;
export const OLLAMA = V1.slice(0, -"/v1".length);
export const question = "What is the weather in Oslo? Use the tool.";
export const asked = [{ role: "user", content: question }];
export const report = "18 degrees in Oslo";
export const parameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
export const tool = {
  type: "function",
  function: { name: "get_weather", description: "The weather in a city", parameters, strict: true },
};

// The example of the guide.
export const guide = {
  question: "What's the weather in Berlin right now?",
  tool: {
    type: "function",
    function: {
      name: "get_weather",
      description: "Get current weather in a given city",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
};
export const get_weather = (city) => `The weather in ${city} is sunny.`;

export async function all(stream) {
  const items = [];
  for await (const item of stream) items.push(item);
  return items;
}

export async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return { status: error.status ?? error.status_code ?? error.statusCode, message: error.message };
  }
  return null;
}
