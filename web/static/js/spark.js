// The small curve of a tile: ten minutes of one signal, or what there is of them, with its limits.

import { s } from "./dom.js";
import { ask, now } from "./feed.js";

const LENGTH = 600_000;
const LEAST = 60_000;
const APART = 2000;
const trails = new Map(); // "bed signal" → [[milliseconds, value], …]
const asked = new Set();

const of = (bed, signal) => {
  const key = `${bed} ${signal}`;
  if (!trails.has(key)) trails.set(key, []);
  return trails.get(key);
};

/** Take the newest value of a signal; a repeat of the last one is no new point. */
export function take(bed, value) {
  if (value.value === null || value.state !== "live") return;
  const at = Date.parse(value.at);
  const trail = of(bed, value.signal);
  if (!trail.length || at - trail.at(-1)[0] >= APART) trail.push([at, value.value]);
  while (trail.length && trail[0][0] < now() - LENGTH) trail.shift();
}

/** Ask once for what was before this page was opened. */
export async function recall(signal, ward) {
  if (asked.has(signal)) return;
  asked.add(signal);
  try {
    const found = await ask(`/api/v1/trails?signal=${encodeURIComponent(signal)}${ward ? `&ward=${encodeURIComponent(ward)}` : ""}`);
    for (const { bed, start, after, value } of found.trails) {
      const trail = of(bed, signal);
      const first = trail.length ? trail[0][0] : Infinity;
      const begun = Date.parse(start);
      trail.unshift(...after.map((t, i) => [begun + 1000 * t, value[i]]).filter(([at]) => at < first));
    }
  } catch {
    asked.delete(signal); // tried again with the next alert of this signal
  }
}

/** Draw a signal's trail into an svg of 100 × 40, over all its width. Returns the seconds that this is. */
export function draw(svg, bed, value) {
  const points = of(bed, value.signal);
  const end = now();
  const length = points.length ? Math.min(LENGTH, Math.max(LEAST, end - points[0][0])) : LENGTH;
  const seen = points.map(([, v]) => v);
  const known = [...seen, ...[value.low, value.high].filter((v) => v !== null && seen.some((x) => Math.abs(x - v) < Math.max(8, 0.25 * Math.abs(v))))];
  let [low, high] = [Math.min(...known), Math.max(...known)];
  const room = Math.max((high - low) * 0.1, Math.abs(high) * 0.01, 0.2);
  [low, high] = [low - room, high + room];
  const x = (at) => (100 * (1 - (end - at) / length)).toFixed(1);
  const y = (v) => (40 - (40 * (v - low)) / (high - low)).toFixed(1);
  let path = "";
  points.forEach(([at, v], i) => {
    const gap = i === 0 || at - points[i - 1][0] > 15_000;
    path += `${gap ? "M" : "L"}${x(at)} ${y(v)}`;
  });
  const lines = [value.low, value.high].filter((v) => v !== null && v > low && v < high);
  const key = path + lines.join();
  if (svg.dataset.key !== key) svg.replaceChildren(...lines.map((v) => s("line", { x1: 0, x2: 100, y1: y(v), y2: y(v) })), s("path", { d: path || "M0 0" }));
  svg.dataset.key = key;
  return length / 1000;
}
