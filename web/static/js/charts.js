// Curves of all signals of a bed, drawn by uPlot, with limits, alert spans, gaps and implausible values.

import { clean, fill, h, segment } from "./dom.js";
import { ask } from "./feed.js";
import { signals } from "./catalogue.js";
import { grouped } from "./tile.js";
import { limit, limits, unit, ZONE } from "./format.js";

/* global uPlot */
const WIDTHS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600]; // bucket widths, seconds
const POINTS = 600;
const HEIGHT = 190;
const LEAST = 60_000; // milliseconds that a curve shows at least
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The width of buckets for a time, or 0 for raw readings. */
export function bucket(seconds) {
  return seconds <= 1800 ? 0 : WIDTHS.find((w) => seconds / w <= POINTS) ?? 3600;
}

export class Charts {
  constructor(root, bed) {
    this.root = root;
    this.bed = bed;
    this.plots = new Map();
    new ResizeObserver(() => this.plots.forEach(({ plot, holder }) => plot.setSize({ width: holder.clientWidth, height: HEIGHT }))).observe(root);
  }

  /** Draw everything new with the next load: the colours have changed. */
  forget() {
    this.plots.forEach(({ plot }) => plot.destroy());
    this.plots.clear();
    fill(this.root, []);
  }

  /** Load all curves and draw them over [start, end), or from the first reading on. Returns the time of their start. */
  async load(values, range, start, end, alerts, past) {
    const every = bucket(range);
    const groups = grouped(values).filter((group) => group.some((v) => v.state !== "never"));
    const query = `from=${new Date(start).toISOString()}&to=${new Date(end).toISOString()}${every ? `&every=${every}s` : ""}`;
    const url = (v) => `/api/v1/beds/${segment(this.bed)}/readings?signal=${encodeURIComponent(v.signal)}&${query}`;
    const found = await Promise.all(groups.map((group) => Promise.all(group.map((v) => ask(url(v), { timeout: 9000 })))));
    const from = firstTime(found.flat(), start, end);
    groups.forEach((group, i) => this.#draw(group, found[i], every, from, end, alerts.filter((a) => group.some((v) => v.signal === a.metric)), past));
    return from;
  }

  #draw(group, curves, every, start, end, alerts, past) {
    const key = group.map((v) => v.signal).join();
    const seam = past ? Date.parse(past.end) / 1000 : -Infinity;
    const state = { group, alerts, implausible: curves.map((c) => c.implausible), start: start / 1000, end: end / 1000, seam };
    const data = columns(curves, every || 15, seam, past?.periods[group[0].signal] ?? 0);
    const shown = this.plots.get(key);
    if (shown) {
      Object.assign(shown.state, state);
      shown.plot.setData(data);
      return;
    }
    const { label, display } = signals.get(group[0].signal) ?? { label: group[0].signal, display: "" };
    const bounds = group.map((v) => limits(v.low, v.high)).filter(Boolean).join(" / ");
    const holder = h("div", { class: "plot" });
    this.root.append(h("figure", { class: "chart", "aria-label": `Curve of ${label}` }, h("h3", {}, group.length === 2 ? "Blood pressure" : label, h("span", { class: "secondary" }, `${unit(display)}${bounds ? `, limits ${bounds}` : ""}`)), holder));
    const plot = new uPlot(options(state, holder.clientWidth, group.map((v) => signals.get(v.signal)?.label ?? v.signal)), data, holder);
    this.plots.set(key, { plot, holder, state });
  }
}

// Where there is no older reading, the curves start with the first one and fill the width. Where there are older
// readings, an empty start is a gap, and stays one.
function firstTime(curves, start, end) {
  const firsts = curves.filter(({ readings }) => readings.at.length).map(({ begins }) => (begins ? Date.parse(begins) : start));
  return firsts.length ? Math.max(start, Math.min(...firsts, end - LEAST)) : start;
}

// One column of times for all curves. Between readings with a gap is a null, so that no line is drawn there. Before the
// end of a simulated past (`seam`) readings are `period` seconds apart.
function columns(curves, width, seam, period) {
  const rows = new Map();
  curves.forEach(({ readings }, c) => readings.at.forEach((at, i) => {
    const t = Date.parse(at) / 1000;
    if (!rows.has(t)) rows.set(t, Array(3 * curves.length).fill(undefined));
    rows.get(t).splice(3 * c, 3, readings.mean[i], readings.low[i], readings.high[i]);
  }));
  const times = [...rows.keys()].sort((a, b) => a - b);
  const gap = (t) => 2.5 * (t < seam ? Math.max(width, period) : width);
  const filled = times.flatMap((t, i) => (i && t - times[i - 1] > gap(times[i - 1]) ? [(t + times[i - 1]) / 2, t] : [t]));
  const table = filled.map((t) => rows.get(t) ?? Array(3 * curves.length).fill(null));
  return [filled, ...Array.from({ length: 3 * curves.length }, (_, c) => table.map((row) => row[c]))];
}

function options(state, width, labels) {
  const ink = css("--soft");
  const axis = { stroke: ink, grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line") }, font: "13px system-ui, sans-serif" };
  const line = (label) => ({ label: clean(label), stroke: css("--curve"), width: 2, spanGaps: false, points: { size: 4 } });
  const edge = { stroke: "transparent", width: 0, spanGaps: false, points: { show: false } };
  return {
    width, height: HEIGHT, pxAlign: 0, legend: { show: false }, tzDate: (t) => uPlot.tzDate(new Date(t * 1000), ZONE),
    cursor: { sync: { key: "bed" }, y: false },
    scales: { x: { time: true, range: () => [state.start, state.end] }, y: { range: (_, low, high) => span(state, low, high) } },
    axes: [{ ...axis, space: 80, values: (_, ticks, __, ___, step) => ticks.map((t) => time(t, step)) }, { ...axis, size: 48 }],
    series: [{}, ...labels.flatMap((label) => [line(label), { ...edge }, { ...edge }])],
    bands: labels.map((_, c) => ({ series: [3 * c + 3, 3 * c + 2], fill: css("--curve-fill") })),
    hooks: { drawClear: [(u) => spans(u, state)], draw: [(u) => marks(u, state), (u) => simulated(u, state)] },
  };
}

function time(t, step) {
  const parts = step >= 86_400 ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit", ...(step < 60 ? { second: "2-digit" } : {}) };
  return new Intl.DateTimeFormat("en-GB", { ...parts, timeZone: ZONE }).format(new Date(t * 1000));
}

// The range includes the limits, so that a curve far from them looks far from them.
function span(state, low, high) {
  const bounds = state.group.flatMap((v) => [v.low, v.high]).filter((v) => v !== null);
  const all = [low, high, ...bounds].filter((v) => Number.isFinite(v));
  if (!all.length) return [0, 1];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const room = Math.max((most - least) * 0.08, 0.1);
  return [least - room, most + room];
}

function spans(u, { alerts, start, end }) {
  const { ctx, bbox } = u;
  ctx.save();
  // Colour by severity, the highest on top.
  const worst = (alert) => alert.peak_severity || alert.severity;
  for (const alert of ["low", "medium", "high"].flatMap((severity) => alerts.filter((a) => worst(a) === severity))) {
    ctx.fillStyle = css(`--span-${worst(alert)}`);
    const from = Math.max(start, Date.parse(alert.since) / 1000);
    const to = Math.min(end, alert.ends ? Date.parse(alert.ends) / 1000 : end);
    if (to <= from) continue;
    const x = u.valToPos(from, "x", true);
    ctx.fillRect(x, bbox.top, Math.max(2, u.valToPos(to, "x", true) - x), bbox.height);
  }
  ctx.restore();
}

// A line at the end of the simulated past, with its label.
function simulated(u, { start, end, seam }) {
  if (seam <= start) return;
  const { ctx, bbox } = u;
  const x = u.valToPos(Math.min(seam, end), "x", true);
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = css("--past-ink");
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `${12 * devicePixelRatio}px sans-serif`;
  ctx.textBaseline = "bottom";
  const text = "simulated past";
  const room = x - bbox.left - ctx.measureText(text).width - 8 * devicePixelRatio;
  ctx.textAlign = room > 0 ? "right" : "left";
  ctx.setLineDash([]);
  ctx.strokeStyle = css("--tile");
  ctx.lineWidth = 4 * devicePixelRatio;
  const at = [text, room > 0 ? x - 4 * devicePixelRatio : bbox.left + 4 * devicePixelRatio, bbox.top + bbox.height - 3 * devicePixelRatio];
  ctx.strokeText(...at);
  ctx.fillText(...at);
  ctx.restore();
}

function marks(u, { group, implausible }) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.strokeStyle = css("--limit");
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.fillStyle = css("--limit");
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  const labels = [];
  ctx.font = `${12 * devicePixelRatio}px sans-serif`;
  for (const [v, bound] of group.flatMap((v) => [[v, v.low], [v, v.high]])) {
    if (bound === null) continue;
    const y = u.valToPos(bound, "y", true);
    const text = `${group.length === 2 ? `${v.signal.slice(0, 3)} ` : ""}${bound === v.low ? "<" : ">"} ${limit(bound)}`;
    labels.push([text, bbox.left + 4 * devicePixelRatio, y + (bound === v.low ? 13 : -4) * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  ctx.strokeStyle = css("--tile");
  ctx.lineWidth = 4 * devicePixelRatio;
  labels.forEach((label) => { ctx.strokeText(...label); ctx.fillText(...label); });
  // An implausible value is a cross at the upper edge: its time matters, its value does not.
  ctx.strokeStyle = css("--ink");
  ctx.lineWidth = 2 * devicePixelRatio;
  const size = 4 * devicePixelRatio;
  for (const at of implausible.flatMap((column) => column.at)) {
    const x = u.valToPos(Date.parse(at) / 1000, "x", true);
    const y = bbox.top + 2 * size;
    ctx.beginPath();
    ctx.moveTo(x - size, y - size);
    ctx.lineTo(x + size, y + size);
    ctx.moveTo(x - size, y + size);
    ctx.lineTo(x + size, y - size);
    ctx.stroke();
  }
  ctx.restore();
}
