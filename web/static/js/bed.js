// The bed page: numbers, curves, last readings, devices, alerts.

import { fill, h, icon, setData, setText, segment } from "./dom.js";
import { days } from "./days.js";
import { ask, follow, now, past as simulated } from "./feed.js";
import { Charts } from "./charts.js";
import { rows } from "./rows.js";
import { notEvaluated, priorityText, severities } from "./alert_text.js";
import { Cell, grouped } from "./tile.js";
import { signals } from "./catalogue.js";
import { observations, showForm } from "./observe.js";
import { scoreCurves, scores } from "./scores.js";
import { clock, PRIORITIES, short, span, unit, when } from "./format.js";

const byId = (id) => document.getElementById(id);
const { bed, feed } = document.body.dataset;
const linked = new URLSearchParams(location.search).get("alert");
const RANGES = [["15 min", 900], ["1 h", 3600], ["6 h", 21_600], ["24 h", 86_400], ["3 d", 259_200], ["7 d", 604_800]];
const MOST_RULES = 6;
const charts = new Charts(byId("charts"), bed);
let range = 900;
let cells = new Map();
let next = { curves: 0, last: 0, past: 0, devices: 0, days: 0, progress: 0, observed: 0, scores: 0 };
let tile = null;

function show(board, catalogue) {
  catalogue?.forEach((signal) => signals.set(signal.signal, signal));
  [tile] = board.beds;
  const at = now();
  const [name] = PRIORITIES[tile.priority];
  const word = priorityText(tile);
  setData(byId("priority"), "priority", tile.priority);
  if (byId("priority").dataset.key !== word) {
    byId("priority").dataset.key = word;
    fill(byId("priority"), [icon(name), h("span", {}, word)]);
  }
  setText(byId("who"), [tile.patient && `patient ${tile.patient}${tile.patient_since ? ` since ${when(tile.patient_since, at)}` : ""}`,
    !tile.evaluated && `${notEvaluated(tile, at)}: an alert may be missing`,
    tile.data === "none" && `NO DATA${tile.data_since ? ` since ${clock(tile.data_since)}` : ""}`,
    tile.data === "lost" && `signal lost: ${tile.lost.map((l) => `${l.label}${l.since ? ` since ${clock(l.since)}` : " never received"}`).join(", ")}`].filter(Boolean).join(" · "));
  rows(byId("alerts"), tile.alerts, at, { refresh: again, linked });
  byId("no-alerts").hidden = tile.alerts.length > 0;
  setText(byId("no-alerts"), tile.evaluated ? "No active alert." : `No active alert is known. ${notEvaluated(tile, at)}: one may be missing.`);
  numbers();
  scores(tile, at);
  showForm(bed, tile, () => { next.observed = 0; due(); });
  due();
}

// `online` is shown with the device, not as a number.
function measured() {
  return tile.values.filter((v) => v.signal !== "online");
}

function numbers() {
  const groups = grouped(measured());
  const key = groups.map((g) => g[0].signal).join();
  if (byId("numbers").dataset.key !== key) {
    byId("numbers").dataset.key = key;
    cells = new Map(groups.map((g) => [g[0].signal, new Cell(g)]));
    fill(byId("numbers"), [...cells.values()].map((cell) => cell.root));
  }
  const alerts = severities(tile.alerts);
  groups.forEach((g) => cells.get(g[0].signal).update(g, alerts));
}

// History from the store is asked for at its own pace, so that a slow store does not delay the numbers.
function due() {
  const t = performance.now();
  const turn = (what, every, job) => {
    if (t < next[what]) return;
    next[what] = t + every;
    job().catch((error) => setText(byId("curves-note"), error.message));
  };
  turn("curves", range <= 3600 ? 5000 : 60_000, curves);
  turn("last", 5000, last);
  turn("devices", 5000, devices);
  turn("past", 20_000, past);
  turn("progress", 20_000, progress);
  turn("observed", 5000, () => observations(bed, tile));
  turn("scores", 60_000, () => scoreCurves(bed));
  turn("days", 60_000, () => days(bed, measured().filter((v) => signals.get(v.signal)?.vital)));
}

async function curves() {
  const end = now();
  const stay = tile.patient_since ? Date.parse(tile.patient_since) : 0;
  const start = Math.max(end - range * 1000, stay);
  const since = new Date(start).toISOString();
  const { alerts } = await ask(`/api/v1/alerts?state=all&bed=${segment(bed)}&from=${since}&limit=300`, { timeout: 9000 });
  const simulatedPast = simulated();
  const from = await charts.load(measured(), range, start, end, alerts, simulatedPast);
  setText(byId("curves-note"), [
    from > start ? `since the first reading, ${when(from, end)}` : stay > end - range * 1000 && `only since this patient was admitted, ${when(stay, end)}`,
    simulatedPast && Date.parse(simulatedPast.end) > from && `before ${when(simulatedPast.end, end)}: simulated past`,
  ].filter(Boolean).join(" · "));
}

async function last() {
  const { readings } = await ask(`/api/v1/beds/${segment(bed)}/readings?last=20`, { timeout: 9000 });
  const names = tile.values.map((v) => v.signal).filter((name) => readings.some((r) => name in r.values));
  const [head, body] = ["thead", "tbody"].map((tag) => byId("last").querySelector(tag));
  const known = (name) => signals.get(name) ?? { label: name, display: "", precision: 2 };
  fill(head, [h("tr", {}, h("th", {}, "Time"), names.map((name) => h("th", { class: "n", title: known(name).label }, `${short(name, known(name).label)} ${unit(known(name).display)}`)))]);
  const seam = simulated() ? Date.parse(simulated().end) : -Infinity;
  const at = (r) => [clock(r.at), ...(Date.parse(r.at) < seam ? [" ", h("span", { class: "past-mark" }, "simulated past")] : [])];
  fill(body, readings.map((r) => h("tr", {}, h("th", { scope: "row" }, at(r)), names.map((name) => h("td", { class: "n" }, name in r.values ? r.values[name].toFixed(known(name).precision) : "–")))));
  setText(byId("last-note"), readings.length ? "" : "none yet");
}

async function devices() {
  const found = await Promise.all(tile.devices.map((id) => ask(`/api/v1/devices/${segment(id)}`)));
  fill(byId("devices"), found.length ? found.map((d) => h("dl", { class: "facts" },
    h("dt", {}, "Device"), h("dd", { class: "isolated" }, `${d.id} (${d.device_kind})`),
    h("dt", {}, "Last seen"), h("dd", {}, d.last_seen ? `${span((now() - Date.parse(d.last_seen)) / 1000)} ago, ${clock(d.last_seen)}` : "never"),
    d.values.filter((v) => !signals.get(v.signal)?.vital && v.state !== "never").flatMap((v) => [h("dt", {}, signals.get(v.signal)?.label ?? v.signal),
      h("dd", { class: "isolated" }, v.signal === "online" ? (v.value ? "online" : "OFFLINE") : `${v.text} ${unit(signals.get(v.signal)?.display ?? "")}`, ` (${span(v.age)} ago)`)]))) :
    [h("p", { class: "secondary" }, "No device is at this bed.")]);
}

// Rules that learn what is usual, or whose window has too few values: no alert of theirs says nothing yet.
async function progress() {
  const { rules } = await ask(`/api/v1/beds/${segment(bed)}/progress`);
  const shown = rules.slice(0, MOST_RULES).map((rule) => `${rule.rule_label} (${rule.label}): ${rule.text}`);
  const more = rules.length - shown.length;
  setText(byId("progress"), rules.length ? `Not evaluated yet: ${shown.join("; ")}${more ? ` and ${more} more` : ""}.` : "");
}

async function past() {
  const from = new Date(now() - 7 * 86_400_000).toISOString();
  const { alerts, store } = await ask(`/api/v1/alerts?state=ended&bed=${segment(bed)}&from=${from}&limit=50`, { timeout: 9000 });
  rows(byId("past"), alerts, now(), { linked });
  setText(byId("past-note"), store || (alerts.length ? String(alerts.length) : "none"));
}

fill(byId("ranges"), RANGES.map(([text, seconds]) => h("button", {
  type: "button", "aria-pressed": String(seconds === range), onclick: (event) => {
    range = seconds;
    byId("ranges").querySelectorAll("button").forEach((b) => b.setAttribute("aria-pressed", String(b === event.currentTarget)));
    next.curves = 0;
    if (tile) due();
  },
}, text)));

document.addEventListener("themechange", () => { next.curves = 0; charts.forget(); if (tile) due(); });
const again = follow(() => (signals.size ? [feed] : [feed, "/api/v1/signals"]), show);
