// Times, ages and numbers as people read them, in the browser's own time zone.

const clockFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const shortFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });

/** 15:42:07 */
export const clock = (at) => clockFormat.format(new Date(at));

/** 15:42, with the day where it is not today's. */
export function when(at, now = Date.now()) {
  if (!at) return "?";
  const then = new Date(at);
  const today = new Date(now).toDateString() === then.toDateString();
  return today ? shortFormat.format(then) : `${dayFormat.format(then)} ${shortFormat.format(then)}`;
}

/** 12 s, 4 min, 3 h, 2 d */
export function span(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  if (seconds < 5940) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

/** A count, with thin spaces between thousands. */
export const count = (n) => (n === null || n === undefined ? "–" : Math.round(n).toLocaleString("en").replaceAll(",", "\u202f"));

/** A limit as it is written beside a number. */
export const limit = (n) => (Number.isInteger(n) ? String(n) : String(Number(n.toPrecision(4))));

/** 50–120, < 120, > 50, or nothing. */
export function limits(low, high) {
  if (low !== null && high !== null) return `${limit(low)}–${limit(high)}`;
  if (high !== null) return `≤ ${limit(high)}`;
  return low !== null ? `≥ ${limit(low)}` : "";
}

const SHORT = { heart_rate: "HR", spo2: "SpO₂", respiratory_rate: "RR", temperature: "Temp", systolic_bp: "BP sys", diastolic_bp: "BP dia", room_temperature: "Room" };
const UNITS = { "mm[Hg]": "mmHg", Cel: "°C" };

/** A short name for a small place. */
export const short = (signal, label) => SHORT[signal] ?? label;

/** A unit people read. */
export const unit = (text) => UNITS[text] ?? text;

export const PRIORITIES = {
  high: ["high", "HIGH"], medium: ["medium", "MEDIUM"], low: ["low", "LOW"], acknowledged: ["acknowledged", "acknowledged"],
  "signal lost": ["lost", "SIGNAL LOST"], "no data": ["none", "NO DATA"], "no alert": ["ok", "No alert"], "not monitored": ["empty", "not monitored"],
};

const ENDS = { recovered: "recovered", "signal lost": "signal lost: whether it is over is not known", "rule changed": "rule changed: not judged any more", discharged: "discharged", paused: "paused: not watched now", superseded: "superseded by a newer alert" };

/** An alert with its place, where it has one. */
export const titled = (alert) => (alert.label ? `${alert.label}: ${alert.text}` : alert.text);

/** Why an alert is over. */
export const ending = (ended) => ENDS[ended] ?? (ended || "over");
