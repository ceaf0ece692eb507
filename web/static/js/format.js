// Times in the zone of the site, ages and numbers, as text.

/** The time zone of the site, such as Europe/Berlin. */
export const ZONE = document.body.dataset.zone;

/** The short name of this zone now, such as CET. */
export const zoneName = (at) => new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, timeZoneName: "short" }).formatToParts(new Date(at)).find(({ type }) => type === "timeZoneName").value;

const clockFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: ZONE });
const shortFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: ZONE });
const dayFormat = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: ZONE });

/** 15:42:07 */
export const clock = (at) => clockFormat.format(new Date(at));

/** 15:42 */
export const minutes = (at) => shortFormat.format(new Date(at));

/** 15:42, with the day where it is not today. */
export function when(at, now = Date.now()) {
  if (!at) return "?";
  const then = new Date(at);
  const today = dayFormat.format(new Date(now)) === dayFormat.format(then);
  return today ? shortFormat.format(then) : `${dayFormat.format(then)} ${shortFormat.format(then)}`;
}

/** 15 s, 2 min 45 s, 14 min, 2 h 5 min, 3 d 4 h: rounded as `format_span` of ward/clock.py rounds. */
export function span(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const size = seconds < 599.5 ? 1 : seconds < 172770 ? 60 : 3600;
  const total = Math.max(0, Math.round(seconds / size)) * size;
  const inUnits = (count, unit, rest, smaller) => `${Math.floor(count)} ${unit}${rest >= 1 ? ` ${Math.floor(rest)} ${smaller}` : ""}`;
  if (total < 120) return `${total} s`;
  if (total < 7200) return inUnits(total / 60, "min", total % 60, "s");
  if (total < 172800) return inUnits(total / 3600, "h", (total % 3600) / 60, "min");
  return inUnits(total / 86400, "d", (total % 86400) / 3600, "h");
}

/** 12 s, 4 min, 3 h, 2 d: the age of a value or the length of a curve, where there is no room for more. */
export function about(seconds) {
  if (seconds < 119.5) return `${Math.round(seconds)} s`;
  if (seconds < 7170) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} d`;
}

/** A count, with thin spaces as thousands separators. */
export const count = (n) => (n === null || n === undefined ? "–" : Math.round(n).toLocaleString("en").replaceAll(",", "\u202f"));

/** A limit, as text beside a value. */
export const limit = (n) => (Number.isInteger(n) ? String(n) : String(Number(n.toPrecision(4))));

/** 50–120, ≤ 120, ≥ 50, or empty. */
export function limits(low, high) {
  if (low !== null && high !== null) return `${limit(low)}–${limit(high)}`;
  if (high !== null) return `≤ ${limit(high)}`;
  return low !== null ? `≥ ${limit(low)}` : "";
}

const SHORT = { heart_rate: "HR", spo2: "SpO₂", respiratory_rate: "RR", temperature: "Temp", systolic_bp: "BP sys", diastolic_bp: "BP dia", room_temperature: "Room" };
const UNITS = { "mm[Hg]": "mmHg", Cel: "°C" };

/** A short name of a signal. */
export const short = (signal, label) => SHORT[signal] ?? label;

/** The unit of a signal, as text. */
export const unit = (text) => UNITS[text] ?? text;

/** The icon and the text of each priority of a bed. */
export const PRIORITIES = {
  high: ["high", "HIGH"], medium: ["medium", "MEDIUM"], low: ["low", "LOW"], acknowledged: ["acknowledged", "acknowledged"],
  "not evaluated": ["lost", "NOT EVALUATED"],
  "signal lost": ["lost", "SIGNAL LOST"], "no data": ["none", "NO DATA"], "no alert": ["ok", "No alert"], "not monitored": ["empty", "not monitored"],
};

// The same words as in messages: ENDS of ward/end_text.py.
const ENDS = {
  recovered: "ended", "signal lost": "signal lost, not known whether it has ended",
  "rule changed": "closed, not known whether it has ended: rule changed by config, or device moved",
  "removed by config": "closed, no longer checked: removed by config", discharged: "closed: patient discharged or moved",
  paused: "closed, no longer checked: paused", superseded: "closed: replaced by a newer alert",
};

/** The text of an alert, with its place if it has one. */
export const titled = (alert) => (alert.label ? `${alert.label}: ${alert.text}` : alert.text);

/** Why an alert has ended. */
export const ending = (ended) => ENDS[ended] ?? (ended || "ended");
