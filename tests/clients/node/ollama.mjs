// Every model method of the official client, against the server and the registry that the environment names.
// The last line of output is a JSON object of what came back.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Ollama } from "ollama";

const { OLLAMA_URL, REGISTRY, GGUF } = process.env;
const client = new Ollama({ host: OLLAMA_URL });
const remote = `${REGISTRY}/library/from-js:latest`;
const seen = {};

async function statuses(stream) {
  const lines = [];
  for await (const line of stream) lines.push(line.status);
  return lines;
}

async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return { status: error.status_code, message: error.message };
  }
  return null;
}

const names = async () => (await client.list()).models.map((model) => model.name);

await client.copy({ source: "tiny", destination: remote });
seen.digests = [(await client.list()).models.find((model) => model.name === remote).digest];
seen.push = await statuses(await client.push({ model: remote, insecure: true, stream: true }));
await client.delete({ model: remote });
seen.deleted = !(await names()).includes(remote);
seen.pull = await statuses(await client.pull({ model: remote, insecure: true, stream: true }));
seen.digests.push((await client.list()).models.find((model) => model.name === remote).digest);
seen.show = (await client.show({ model: remote })).details.family;

seen.create = await statuses(
  await client.create({ model: "js-from", from: "tiny", system: "Be brief.", parameters: { top_k: 3 }, stream: true }),
);
seen.system = (await client.show({ model: "js-from" })).system;
const data = await readFile(GGUF); // the client has no method for blobs
const digest = `sha256:${createHash("sha256").update(data).digest("hex")}`;
await fetch(`${OLLAMA_URL}/api/blobs/${digest}`, { method: "POST", body: data });
seen.files = (await client.create({ model: "js-files", files: { "model.gguf": digest }, stream: false })).status;

seen.answer = (await client.generate({ model: "js-from", prompt: "Hi", options: { num_predict: 3 } })).eval_count;
seen.ps = (await client.ps()).models.map((model) => model.name);
const vectors = (await client.embed({ model: "tiny", input: ["hi", "ho"], dimensions: 4 })).embeddings;
seen.embed = vectors.map((vector) => vector.length);
seen.embeddings = (await client.embeddings({ model: "tiny", prompt: "hi" })).embedding.length;
seen.missing = await failure(client.show({ model: "absent" }));
seen.version = await client.version().catch(() => null);

for (const model of [remote, "js-from", "js-files"]) await client.delete({ model });
seen.left = await names();
console.log(JSON.stringify(seen));
