// The sparkline of a tile: up to ten minutes of one signal, with its limits.

import { s } from "./dom.js";
import { ask, now } from "./feed.js";

const LENGTH = 600_000; // milliseconds
const MIN_LENGTH = 60_000; // milliseconds
const MIN_GAP = 2000; // milliseconds
const series = new Map(); // "bed signal" → [[milliseconds, value], …]
const requested = new Set();

const of = (bed, signal) => {
  const key = `${bed} ${signal}`;
  if (!series.has(key)) series.set(key, []);
  return series.get(key);
};

/** Add the latest value of a signal; a repeat of the last one adds no point. */
export function addValue(bed, value) {
  if (value.value === null || value.state !== "live") return;
  const at = Date.parse(value.at);
  const points = of(bed, value.signal);
  if (!points.length || at - points.at(-1)[0] >= MIN_GAP) points.push([at, value.value]);
  while (points.length && points[0][0] < now() - LENGTH) points.shift();
}

/** Request once the points from before this page was opened. */
export async function loadPast(signal, ward) {
  if (requested.has(signal)) return;
  requested.add(signal);
  try {
    const found = await ask(`/api/v1/sparklines?signal=${encodeURIComponent(signal)}${ward ? `&ward=${encodeURIComponent(ward)}` : ""}`);
    for (const { bed, start, after, value } of found.sparklines) {
      const points = of(bed, signal);
      const first = points.length ? points[0][0] : Infinity;
      const startAt = Date.parse(start);
      points.unshift(...after.map((t, i) => [startAt + 1000 * t, value[i]]).filter(([at]) => at < first));
    }
  } catch {
    requested.delete(signal); // requested again with the next alert of this signal
  }
}

/** Draw the points of a signal over the whole width of an svg of 100 × 40, on a fixed scale that a value beyond it widens.
 *  Returns their length in seconds, and the ends of the scale. */
export function draw(svg, bed, value, scale) {
  const points = of(bed, value.signal);
  const end = now();
  const length = points.length ? Math.min(LENGTH, Math.max(MIN_LENGTH, end - points[0][0])) : LENGTH;
  const [low, high] = ends(points.map(([, v]) => v), scale);
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
  return { seconds: length / 1000, low, high };
}

// Without a scale of the catalogue a curve fills its height only if it changes by 40 % of its mean: a small change looks small.
function ends(seen, scale) {
  if (scale) return [Math.min(scale[0], ...seen), Math.max(scale[1], ...seen)];
  if (!seen.length) return [0, 1];
  const middle = (Math.min(...seen) + Math.max(...seen)) / 2;
  const half = Math.max(Math.max(...seen) - middle, Math.abs(middle) * 0.2, 0.5);
  return [middle - half, middle + half];
}
