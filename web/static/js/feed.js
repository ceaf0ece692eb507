// Asks the server again and again, keeps the head of the page true, and holds the veil off while it is.

import { fill, h, icon, mark, say } from "./dom.js";
import { clock, count, span, when } from "./format.js";

const PATIENCE = 4000; // milliseconds an answer may take
const VEIL = 10; // seconds without a true update after which the page says that it is frozen

const byId = (id) => document.getElementById(id);
let offset = null; // the server's clock minus our own steady one, in milliseconds
let lastAt = null; // the server's instant in the newest answer
let trueAt = 0; // the instant to which what is shown is true
let asking = 0;
let simulated = null;

/** The server's time now, in milliseconds; our own before the first answer. */
export const now = () => (offset === null ? Date.now() : performance.now() + offset);

/** One question to the API; throws an Error whose message is a sentence. */
export async function ask(url, options = {}) {
  let response;
  try {
    response = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(options.patience ?? PATIENCE), ...options });
  } catch {
    throw new Error("The server does not answer.");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `The server answered ${response.status}.`);
  return body;
}

/** Ask for `urls()` each `period` ms and `show` the answers; the first of them carries `status`. */
export function follow(urls, show, period = 1000) {
  let timer = null;
  const turn = async () => {
    clearTimeout(timer);
    const mine = ++asking;
    try {
      const answers = await Promise.all(urls().map((url) => ask(url)));
      if (mine !== asking) return; // a newer question is under way
      const status = answers[0].status ?? answers[0];
      tune(status);
      head(status);
      show(...answers);
      beat(status); // last: what could not be shown does not count as an update
      mark(document.body, "ready", "yes");
    } catch (error) {
      say(byId("veil-why"), error.message);
      console.info(`not brought up to date: ${error.message}`);
    }
    timer = setTimeout(turn, period);
  };
  turn();
  return turn;
}

// Ages are counted by the server's clock: this machine's may be wrong.
function tune(status) {
  const at = Date.parse(status.at);
  if (at !== lastAt) offset = at - performance.now();
}

function head(status) {
  const { unacknowledged, high, medium, low } = status.counts;
  const page = document.querySelector("h1")?.textContent ?? "Wardwatch";
  document.title = `${unacknowledged ? `(${unacknowledged}) ` : ""}${page} · Wardwatch`;
  const key = [unacknowledged, high, medium, low].join();
  const counts = byId("counts");
  if (counts.dataset.key !== key) {
    counts.dataset.key = key;
    const chips = [["high", high], ["medium", medium], ["low", low]].filter(([, n]) => n).map(([severity, n]) =>
      h("span", { class: "chip badge", dataset: { severity } }, icon(severity), `${n} ${severity}`));
    fill(counts, unacknowledged ? [h("span", {}, `${unacknowledged} ${unacknowledged === 1 ? "alert" : "alerts"} nobody has`), ...chips] : [document.createTextNode("no alert without somebody")]);
  }
  config(status.config);
  simulated = status.simulated_past;
  banners([...status.banners, ...note(simulated)]);
}

/** The simulated past of this store: { start, end, written, periods }, or null. */
export const past = () => simulated;

// What the demo made up is said on every page, as long as there is any of it.
function note(found) {
  if (!found) return [];
  const share = Math.floor(found.written * 100);
  const text = `Simulated past: all before ${when(found.end, now())} was made up by the demo, nobody measured it`;
  return [{ level: "note", text: share < 100 ? `${text}; ${share} % of it is written, so curves and history are not whole yet` : text, since: null }];
}

function config({ hash, faults, refused_at }) {
  const node = byId("config");
  const edit = faults.length ? `, edit of ${when(refused_at, now())} refused: ${faults.length} ${faults.length === 1 ? "fault" : "faults"}` : "";
  say(node, `config ${hash.slice(0, 8)}${hash.length > 8 ? "…" : ""}${edit}`);
  node.classList.toggle("refused", faults.length > 0);
}

function banners(found) {
  const node = byId("banners");
  const key = JSON.stringify(found);
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  fill(node, found.map(({ level, text, since }) =>
    h("li", { class: level }, icon({ bad: "high", warn: "warn", note: "past" }[level]), h("span", { class: "out" }, `${text}${since ? `, since ${clock(since)}` : ""}.`))));
}

// The veil is an animation that begins ten seconds after it was last started. Nothing but another
// instant of the server, with data it stands for, starts it anew.
function beat(status) {
  const at = Date.parse(status.at);
  if (at === lastAt) return; // the same answer again, from a cache or a clock that stands still
  lastAt = at;
  trueAt = at - status.age * 1000;
  const veil = byId("veil");
  veil.style.animationDelay = `${Math.max(0, VEIL - status.age)}s`;
  veil.classList.toggle("beat");
  const since = byId("veil-since");
  since.dateTime = status.at;
  say(since, clock(trueAt));
  say(byId("veil-why"), status.age >= VEIL ? "The server itself is behind: it does not get the log." : "It has not been brought up to date.");
  tick();
}

function tick() {
  if (offset === null) return;
  say(byId("clock"), clock(now()));
  const age = Math.max(0, (now() - trueAt) / 1000);
  say(byId("freshness"), age < VEIL ? `data ${span(age)} old` : `FROZEN for ${span(age)}`);
  if (age >= VEIL && !document.title.startsWith("FROZEN")) document.title = `FROZEN · ${document.title}`;
}

setInterval(tick, 500);

/** Say something to people who listen to the page. */
export function announce(text) {
  say(byId("said"), text);
}

export { count };
