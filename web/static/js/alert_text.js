// What a tile and a list say about an alert besides its text.

import { spoken as spokenScore } from "./score_text.js";
import { about, clock, ending, PRIORITIES, span, when } from "./format.js";

/** Who has an alert, and from whom it was taken over. */
export const holder = (ack) => (ack.taken_over_from ? `taken over by ${ack.by} from ${ack.taken_over_from}` : `acknowledged by ${ack.by}`);

/** Who has said last that they have seen a message and cannot come, while nobody has the alert. */
function seen({ ack, actions }, now, brief = false) {
  const all = ack ? [] : actions.filter(({ type }) => type === "seen");
  const others = new Set(all.map(({ by }) => by)).size - 1;
  return others < 0 ? "" : `seen by ${all.at(-1).by}${others && !brief ? ` and ${others} more` : ""}, ${when(all.at(-1).at, now)}`;
}

/** The worst value, since when and for how long, and who has acknowledged it; `brief` without seconds,
 *  on a tile; `lostShown` where the time of a lost signal stands beside it. */
export function acknowledgement(alert, now, brief = false, lostShown = false) {
  const late = alert.detected_late_s;
  const worst = !alert.worst_text || alert.worst === alert.value ? "" : `worst ${alert.worst_text}${alert.worst_at ? ` at ${brief ? when(alert.worst_at, now) : clock(alert.worst_at)}` : ""}`;
  const lost = alert.signal_lost_since;
  return [
    alert.latched && `${ending(alert.latched)}, not acknowledged`,
    alert.ack ? `✓ ${holder(alert.ack)}, ${when(alert.ack.at, now)}` : !alert.latched && "unacknowledged",
    seen(alert, now, brief), worst, lasted(alert, now, brief), late >= 60 && `detected ${length(late, brief)} late`,
    lost && (lostShown ? "may not have ended" : `signal lost since ${when(lost, now)}, may not have ended`),
  ].filter(Boolean).join(" · ");
}

const length = (seconds, brief) => (brief && seconds < 7170 ? about(seconds) : span(seconds));

function lasted(alert, now, brief) {
  const began = `since ${when(alert.since, now)}`;
  return alert.latched ? began : `${began}, ${length(Math.max(0, now - Date.parse(alert.since)) / 1000, brief)}`;
}

/** Whether its condition has ended; after any other end, as where a signal was lost, that is not known. */
const isOver = ({ latched }) => latched === "recovered";

/** Whether no alert of a tile holds any more: all have ended, unacknowledged. */
export const allOver = ({ alerts }) => alerts.length > 0 && alerts.every(isOver);

/** The severities of the signals about which an alert holds, unacknowledged; the first alert of each counts. */
export const severities = (alerts) => new Map(alerts.toReversed().filter((a) => !a.ack && !isOver(a)).map((a) => [a.metric, a.severity]));

/** The priority of a tile in words. */
export function priorityText(data) {
  const [, word] = PRIORITIES[data.priority];
  if (data.priority === "acknowledged") return `${data.severity.toUpperCase()}, ${word}`;
  // A priority beside what has ended is read as one of now; its colour stays until somebody has acknowledged it.
  return allOver(data) ? "ENDED" : word;
}

/** Since when what a bed sends is not evaluated. */
export function notEvaluated({ evaluated_until: until }, now) {
  if (!until) return "Not evaluated";
  const today = now - Date.parse(until) < 12 * 3600e3;
  return `Not evaluated since ${today ? clock(until) : when(until, now)}`;
}

/** The tile in one sentence, for screen readers. */
export function describe(data, now) {
  const parts = [data.label];
  // A priority that one of the alerts says is not read twice.
  if (!data.alerts.some((alert) => alert.severity === data.priority)) parts.push(PRIORITIES[data.priority][1].toLowerCase());
  data.alerts.forEach((alert) => parts.push(`${alert.severity.toUpperCase()} priority${alert.kind === "technical" ? ", equipment" : ""}: ${alert.text}, ${spoken(alert, now)}`));
  if (!data.evaluated) parts.push(`${notEvaluated(data, now)}: an alert may be missing`);
  if (data.data === "none") parts.push(data.data_since ? `no data since ${when(data.data_since, now)}` : "no data");
  if (data.data === "lost") parts.push(`signal lost: ${data.lost.map((l) => l.label).join(", ")}`);
  data.scores.slice(0, 1).forEach((score) => parts.push(spokenScore(score, now)));
  return parts.join(". ");
}

const spoken = (alert, now) => (alert.ack ? `acknowledged by ${alert.ack.by}` : alert.latched ? `${ending(alert.latched)}, not acknowledged` : ["unacknowledged", seen(alert, now)].filter(Boolean).join(", "));
