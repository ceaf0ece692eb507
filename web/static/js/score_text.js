// Scores of a patient in words: the same on tiles and on the page of a bed.

import { known, signals } from "./catalogue.js";
import { about, short, when } from "./format.js";

/** A number of a score, at the precision of the catalogue; of a score that it does not have, at one that its range suggests. */
export const digits = (n, { name, highest }) => n.toFixed(signals.has(name) ? known(name).precision : highest >= 20 || Number.isInteger(n) ? 0 : 2);

/** `total`, or `least` where parts are not known. */
export const kind = ({ value }) => (value === null ? "least" : "total");

/** `5` for a total, `≥ 4` for a lower bound. */
export const figure = (score) => (score.value === null ? `≥ ${digits(score.at_least, score)}` : digits(score.value, score));

const spokenFigure = (score) => figure(score).replace("≥", "at least");

/** The points of a part: `3`, or with their sign where a score also has negative or broken ones. */
export function points(part, { parts }) {
  if (part.points === null) return "not known";
  const whole = parts.every(({ points: n }) => n === null || (n >= 0 && Number.isInteger(n)));
  const size = Math.abs(part.points).toFixed(0);
  return whole || size === "0" ? size : `${part.points < 0 ? "−" : "+"}${size}`;
}

/** The parts, those that contribute most first, those that are not known last. */
export const ranked = ({ parts }) => parts.toSorted((a, b) => (b.points ?? -1000) - (a.points ?? -1000));

/** The parts that are not known, or too old, where that leaves no total. */
export const unknown = (score) => (score.value === null ? score.parts.filter(({ state }) => state !== "known") : []);

const HOUR = 3_600_000; // milliseconds

/** How it has changed: `{ icon, brief, text }`, or null. */
export function trend(score, now) {
  if (!score.trend) return null;
  const { before, direction, since } = score.trend;
  const was = `${score.value === null ? "≥ " : ""}${digits(before, score)}`;
  const ago = `${Math.round((Date.parse(score.at) - Date.parse(since)) / HOUR)} h ago`;
  const icon = { rising: "up", falling: "down", steady: "level" }[direction];
  return { icon, brief: `from ${was}, ${ago}`, text: `${direction}: was ${was.replace("≥", "at least")} at ${when(since, now)}, ${ago}` };
}

/** When people must observe next: `{ state, brief, text }`, or null where nobody need. */
export function due(score, now) {
  const never = score.parts.filter((part) => part.observed && part.state === "never");
  const names = never.map(({ label }) => label.toLowerCase()).join(", ");
  if (!score.observed_until && never.some(({ signal }) => !known(signal).lasting)) return { state: "never", brief: "not observed", text: `Not observed yet: ${names}` };
  if (!score.observed_until) return names ? { state: "missing", brief: "", text: `Not entered yet: ${names}` } : null;
  const late = (now - Date.parse(score.observed_until)) / 1000;
  const at = when(score.observed_until, now);
  if (late < 0) return { state: "due", brief: `due ${at}`, text: `Next observation due at ${at}` };
  const observed = score.parts.filter((part) => part.observed && part.at).map((part) => Date.parse(part.at));
  if (Math.min(...observed) === Date.parse(score.observed_until)) return { state: "overdue", brief: "observe now", text: `Observe continuously. Last observed at ${at}, ${about(late)} ago` };
  return { state: "overdue", brief: `overdue ${about(late)}`, text: `Observation overdue since ${at}, ${about(late)}` };
}

/** A score that is not sent any more: of when it is. */
export const stale = (score, now) => (score.current ? "" : `not evaluated since ${when(score.at, now)}`);

/** A part with its points and the age of its value, where there is little room. */
export function briefPart(part, score, now) {
  const name = short(part.signal, part.label);
  const value = signals.get(part.signal)?.codes.length ? part.text : part.text.split(" ")[0];
  return `${points(part, score)} for ${name} ${value}${part.at ? ` (${about(Math.max(0, now - Date.parse(part.at)) / 1000)})` : ""}`;
}

/** A score in one sentence, for screen readers. */
export function spoken(score, now) {
  const missing = unknown(score).map(({ label }) => label.toLowerCase());
  return [
    `${score.label} ${spokenFigure(score)}`, missing.length && `not known: ${missing.join(", ")}`, stale(score, now),
    trend(score, now)?.text, due(score, now)?.text.toLowerCase(),
  ].filter(Boolean).join(", ");
}
