// The server's public API, as this page uses it: models, pulls, answers, and the key that they may need.

import { events, jsonLines } from "./stream.js";

const KEY = "ossia.key";

/** An answer with a status that is no success; `hint` says what to do. */
export class ServerError extends Error {
  constructor(status, message, hint = "") {
    super(message);
    this.status = status;
    this.hint = hint;
  }
}

export const key = {
  get: () => localStorage.getItem(KEY) ?? "",
  set: (value) => (value ? localStorage.setItem(KEY, value) : localStorage.removeItem(KEY)),
};

async function request(path, { body, signal, method = body ? "POST" : "GET" } = {}) {
  const headers = { accept: "application/json" };
  if (key.get()) headers.authorization = `Bearer ${key.get()}`;
  if (body) headers["content-type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body), signal, cache: "no-store" });
  } catch (failure) {
    if (failure.name === "AbortError") throw failure;
    throw new ServerError(0, "The server does not answer.", "Is it still running? Nothing here is lost: try again.");
  }
  if (!response.ok) throw await refused(response);
  return response;
}

async function refused(response) {
  const body = await response.json().catch(() => ({}));
  const error = typeof body.error === "object" ? body.error?.message : body.error;
  return new ServerError(response.status, error || response.statusText || `Status ${response.status}`, body.hint ?? "");
}

const json = async (path, options) => (await request(path, options)).json();

export const models = async () => (await json("/api/tags")).models;
export const loading = async () => (await json("/api/ps")).loading ?? [];
export const status = () => json("/status");

/** Yield the progress of a download. Throws ServerError if it fails. */
export async function* pull(model, signal) {
  for await (const line of jsonLines(await request("/api/pull", { body: { model }, signal }))) {
    if (line.error) throw new ServerError(500, line.error, line.hint);
    yield line;
  }
}

/** Yield the pieces of a chat completion: the deltas of its only choice, and at last its usage. */
export async function* chat(body, signal) {
  const wanted = { ...body, stream: true, stream_options: { include_usage: true } };
  const response = await request("/v1/chat/completions", { body: wanted, signal });
  try {
    for await (const event of events(response)) {
      if (event.error) throw new ServerError(500, event.error.message ?? String(event.error));
      yield event;
    }
  } catch (failure) {
    if (!(failure instanceof TypeError)) throw failure;
    throw new ServerError(0, "The connection to the server broke off.", "What had arrived is kept: ask again.");
  }
}
