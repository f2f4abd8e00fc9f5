// The page for the operator: what the server does now and did in the last hour, read anew every two seconds.

import { status } from "./client.js";
import { h, iconButton } from "./dom.js";
import { openKey } from "./key.js";
import { bytes } from "./models.js";
import { applyTheme, themeButton } from "./theme.js";

const EVERY = 2000; // milliseconds
const PARTS = [
  ["weights_bytes", "Weights"],
  ["kv_used_bytes", "KV cache in use"],
  ["kv_cached_bytes", "KV cache to reuse"],
  ["kv_free_bytes", "KV cache free"],
  ["work_bytes", "Work space"],
];

applyTheme();
const main = document.getElementById("main");
const problem = h("p", { class: "failure", role: "alert", hidden: true });
const content = h("div", {});
main.append(problem, content);
document.getElementById("tools").append(
  iconButton("key", "API key", () => openKey("", refresh)),
  themeButton(),
);

const count = (number) => number.toLocaleString("en");
const seconds = (number) => (number === null ? "–" : `${number.toFixed(2)} s`);

function draw(state) {
  document.getElementById("server").textContent = `version ${state.version}, up for ${duration(state.uptime_seconds)}`;
  content.replaceChildren(
    tiles(state),
    section("Tokens by minute, last hour", minutes(state.tokens_out_by_minute)),
    section("Models", ...models(state)),
    section("Errors", errors(state.errors)),
  );
}

function tiles(state) {
  const { requests, tokens_per_second: speed, first_token_seconds: first, last_hour: hour, memory } = state;
  const all = [
    ["Requests now", count(requests.running), `${count(requests.waiting)} waiting`],
    ["Tokens/s", speed.now.toFixed(1), `${speed.last_hour.toFixed(1)} in the last hour`],
    ["First token", seconds(first.median), `95 of 100 within ${seconds(first.p95)}`],
    ["Requests", count(hour.requests), `in the last hour, ${count(hour.errors)} failed`],
    ["Tokens", count(hour.tokens_out), `out; ${count(hour.tokens_in)} in, ${count(hour.tokens_cached)} of them cached`],
    ["Memory", bytes(memory.used_bytes), `of ${bytes(memory.usable_bytes)} usable`],
  ];
  return h(
    "dl",
    { class: "tiles" },
    all.map(([name, value, note]) =>
      h("div", {}, h("dt", {}, name), h("dd", { class: "value" }, value), h("dd", { class: "muted" }, note)),
    ),
  );
}

function section(title, ...children) {
  return h("section", {}, h("h2", {}, title), children);
}

function minutes(tokens) {
  const most = Math.max(...tokens, 1);
  const chart = h("div", {
    class: "minutes",
    role: "img",
    "aria-label": `${count(tokens.reduce((a, b) => a + b, 0))} tokens in an hour, at most ${count(most)} in a minute`,
  });
  for (const [index, number] of tokens.entries()) {
    const bar = h("span", { title: `${tokens.length - 1 - index} minutes ago: ${count(number)}` });
    bar.style.height = `${(100 * number) / most}%`;
    chart.append(bar);
  }
  return h("div", {}, chart, h("div", { class: "axis muted" }, h("span", {}, "an hour ago"), h("span", {}, "now")));
}

function models({ models, loading }) {
  const starting = loading.map(({ name, status, completed, total }) =>
    h(
      "article",
      { class: "model-card" },
      h("h3", {}, name),
      h("p", { class: "muted" }, `${status}${total ? ` ${Math.floor((100 * completed) / total)} %` : ""}`),
    ),
  );
  const loaded = models.map(modelCard);
  return loaded.length + starting.length
    ? [...starting, ...loaded]
    : [h("p", { class: "muted" }, "No model is loaded.")];
}

function modelCard(model) {
  const { memory } = model;
  const expires =
    model.expires_in_seconds === null ? "stays loaded" : `unloaded in ${duration(model.expires_in_seconds)}`;
  const facts = [
    `${model.running} of ${model.places} places in use`,
    `${model.waiting} waiting`,
    `${model.tokens_per_second.toFixed(1)} tokens/s`,
    `context ${count(model.context_length)}`,
    expires,
  ];
  return h(
    "article",
    { class: "model-card" },
    h("h3", {}, model.name),
    h("p", { class: "muted" }, model.device),
    h("p", {}, facts.join(" · ")),
    memoryMap(memory),
    h("p", { class: "muted" }, `${bytes(memory.resident_bytes)} in use now${memory.is_on_gpu ? ", on the GPU" : ""}`),
  );
}

function memoryMap(memory) {
  const total = PARTS.reduce((sum, [part]) => sum + memory[part], 0) || 1;
  const bar = h("div", { class: "map", "aria-hidden": "true", hidden: PARTS.every(([part]) => !memory[part]) });
  const key = h("dl", { class: "key" });
  for (const [part, label] of PARTS) {
    const piece = h("span", { class: part });
    piece.hidden = !memory[part];
    piece.style.width = `${(100 * memory[part]) / total}%`;
    bar.append(piece);
    key.append(
      h("div", {}, h("dt", {}, h("span", { class: `swatch ${part}` }), label), h("dd", {}, bytes(memory[part]))),
    );
  }
  return h("div", {}, bar, key);
}

function errors(failures) {
  if (!failures.length) return h("p", { class: "muted" }, "None.");
  const head = ["Time", "Route", "Model", "Status", "Error"].map((name) => h("th", { scope: "col" }, name));
  const rows = failures.map(({ time, route, model, status, error }) =>
    h(
      "tr",
      {},
      [new Date(time).toLocaleTimeString(), route, model, status, error].map((value) => h("td", {}, String(value))),
    ),
  );
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": "Errors" },
    h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows)),
  );
}

function duration(number) {
  if (number < 60) return `${Math.floor(number)} s`;
  if (number < 3600) return `${Math.floor(number / 60)} min`;
  return `${Math.floor(number / 3600)} h ${Math.floor((number % 3600) / 60)} min`;
}

async function refresh() {
  try {
    draw(await status());
    problem.hidden = true;
  } catch (failure) {
    problem.textContent = [failure.message, failure.hint].filter(Boolean).join(" ");
    problem.hidden = false;
    if (failure.status === 401) openKey(failure.message, refresh);
  }
}

async function keepOn() {
  if (!document.hidden && !document.querySelector("dialog[open]")) await refresh();
  setTimeout(keepOn, EVERY);
}
keepOn();
