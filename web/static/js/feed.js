// Polls the server, updates the head of the page, and restarts the timer of the FROZEN overlay with each update.

import { fill, h, icon, setData, setText } from "./dom.js";
import { clock, count, span, when, zoneName } from "./format.js";

const TIMEOUT = 4000; // milliseconds for an answer
const FROZEN_AFTER = 10; // seconds without an update after which the overlay says FROZEN

const byId = (id) => document.getElementById(id);
let offset = null; // the server's clock minus our own steady one, in milliseconds
let lastAt = null; // the server's instant in the newest answer
let dataAt = 0; // the time up to which the shown data are current, in milliseconds
let requests = 0;
let simulated = null;

/** The server's time now, in milliseconds; our own before the first answer. */
export const now = () => (offset === null ? Date.now() : performance.now() + offset);

/** One request to the API; throws an Error whose message is a sentence, with the `body` of a refusal. */
export async function ask(url, options = {}) {
  let response;
  try {
    response = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(options.timeout ?? TIMEOUT), ...options });
  } catch {
    const change = options.method ?? "GET";
    throw new Error(change === "GET" ? "The server does not answer." : "The server does not answer: it is not known whether this was saved. Look at what the screen shows, and try again.");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw Object.assign(new Error(body.error ?? `The server answered ${response.status}.`), { body });
  return body;
}

/** Request `urls()` every `period` ms and `show` the answers; the first of them has `status`. */
export function follow(urls, show, period = 1000) {
  let timer = null;
  const turn = async () => {
    clearTimeout(timer);
    const mine = ++requests;
    try {
      const answers = await Promise.all(urls().map((url) => ask(url)));
      if (mine !== requests) return; // a newer request is pending
      const status = answers[0].status ?? answers[0];
      setOffset(status);
      head(status);
      show(...answers);
      restartOverlay(status); // last: an answer that could not be shown is no update
      setData(document.body, "ready", "yes");
    } catch (error) {
      setText(byId("frozen-why"), error.message);
      console.info(`not updated: ${error.message}`);
    }
    timer = setTimeout(turn, period);
  };
  turn();
  return turn;
}

// Ages are computed by the server's clock: this machine's may be wrong.
function setOffset(status) {
  const at = Date.parse(status.at);
  if (at !== lastAt) offset = at - performance.now();
}

function head(status) {
  const { unacknowledged, high, medium, low } = status.counts;
  const page = document.querySelector("h1")?.textContent ?? "Wardwatch";
  document.title = `${unacknowledged ? `(${unacknowledged}) ` : ""}${page} · Wardwatch`;
  const key = [unacknowledged, high, medium, low, status.counts.active > 0, status.not_evaluated > 0].join();
  const counts = byId("counts");
  if (counts.dataset.key !== key) {
    counts.dataset.key = key;
    const chips = [["high", high], ["medium", medium], ["low", low]].filter(([, n]) => n).map(([severity, n]) =>
      h("span", { class: "chip badge", dataset: { severity } }, icon(severity), `${n} ${severity.toUpperCase()}`));
    fill(counts, unacknowledged ? [h("span", { class: "sum" }, `${unacknowledged} unacknowledged`), ...chips] : [document.createTextNode(status.counts.active ? "All acknowledged" : status.not_evaluated ? "Not evaluated" : "No alert")]);
  }
  config(status.config);
  simulated = status.simulated_past;
  banners([...status.banners, ...note(simulated)]);
}

/** The simulated past of this store: { start, end, written, periods }, or null. */
export const past = () => simulated;

// Every page says so while the store has a simulated past.
function note(found) {
  if (!found) return [];
  const share = Math.floor(found.written * 100);
  const text = `Simulated past: all data before ${when(found.end, now())} were simulated by the demo, not measured`;
  return [{ level: "note", text: share < 100 ? `${text}; ${share} % of them are written, so curves and history are incomplete` : text, since: null }];
}

function config({ hash, faults, refused_at, waiting }) {
  const node = byId("config");
  const why = waiting ? "waits for a confirmation" : `refused: ${faults.length} ${faults.length === 1 ? "fault" : "faults"}`;
  const edit = faults.length ? `, edit of ${when(refused_at, now())} ${why}` : "";
  setText(node, `config ${hash.slice(0, 8)}${hash.length > 8 ? "…" : ""}${edit}`);
  node.classList.toggle("refused", faults.length > 0);
}

function banners(found) {
  const node = byId("banners");
  const key = JSON.stringify(found);
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  fill(node, found.map(({ level, text, since }) =>
    h("li", { class: level }, icon({ bad: "high", warn: "warn", note: "past" }[level]), h("span", { class: "isolated" }, `${text}${since ? `, since ${clock(since)}` : ""}.`))));
}

// The overlay is an animation that starts after ten seconds. Only an answer with a new time of the server, and with data
// of that time, restarts it.
function restartOverlay(status) {
  const at = Date.parse(status.at);
  if (at === lastAt) return; // the same answer again, from a cache or a stopped clock
  lastAt = at;
  dataAt = at - status.age * 1000;
  const overlay = byId("frozen");
  overlay.style.animationDelay = `${Math.max(0, FROZEN_AFTER - status.age)}s`;
  overlay.classList.toggle("restarted");
  const since = byId("frozen-since");
  since.dateTime = status.at;
  setText(since, clock(dataAt));
  document.dispatchEvent(new CustomEvent("updated", { detail: { left: Math.max(0, FROZEN_AFTER - status.age) } }));
  setText(byId("frozen-why"), status.age >= FROZEN_AFTER ? "The server does not receive new data from the log." : "It is not being updated.");
  tick();
}

function tick() {
  if (offset === null) return;
  setText(byId("clock"), clock(now()));
  const age = Math.max(0, (now() - dataAt) / 1000);
  setText(byId("freshness"), age < FROZEN_AFTER ? `${zoneName(now())} · data ${span(age)} old` : `FROZEN for ${span(age)}`);
  if (age >= FROZEN_AFTER && !document.title.startsWith("FROZEN")) document.title = `FROZEN · ${document.title}`;
}

setInterval(tick, 500);

/** Announce a text to users of a screen reader. */
export function announce(text) {
  setText(byId("announced"), text);
}

export { count };
