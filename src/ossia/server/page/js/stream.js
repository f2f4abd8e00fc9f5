// Streams of the server's answers, line by line: NDJSON, and the data of server-sent events.

/** Yield the lines of a response's body. */
async function* lines(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    yield* parts;
  }
  if (rest) yield rest;
}

/** Yield the objects of a stream of JSON lines. */
export async function* jsonLines(response) {
  for await (const line of lines(response)) if (line.trim()) yield JSON.parse(line);
}

/** Yield the objects in the data of server-sent events. Throws if the stream breaks off before its end. */
export async function* events(response) {
  for await (const line of lines(response)) {
    if (line.startsWith("data: [DONE]")) return;
    if (line.startsWith("data: ")) yield JSON.parse(line.slice(6));
  }
  throw new TypeError("the stream broke off");
}
