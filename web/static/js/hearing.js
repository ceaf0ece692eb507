// Who hears of an alert, by which way, and if not, why not.

import { h, icon } from "./dom.js";
import { clock, when } from "./format.js";

/** What keeps an alert quiet now, in a few words; empty if nothing does. */
export function quiet(alert, now) {
  if (alert.state !== "active") return "";
  const [silence] = alert.silences;
  if (alert.silenced_by.length) return silence ? `silenced until ${when(silence.ends, now)} by ${silence.by}` : "silenced";
  return alert.inhibited_by.length ? "quiet because of another alert" : "";
}

/** The lines below an alert: who was told, what keeps it quiet, which ways fail. */
export function hearing(alert, now) {
  const active = alert.state === "active";
  return [
    alert.reason || alert.notified_at || alert.ways.length ? h("p", { class: "why out" }, told(alert)) : null,
    ...(active ? alert.silences.map((s) => h("p", { class: "why quiet-mark out" }, icon("silenced"), ` Silenced by ${s.by} until ${when(s.ends, now)}: ${s.comment}`)) : []),
    active && alert.silenced_by.length > alert.silences.length ? h("p", { class: "why quiet-mark" }, icon("silenced"), " Silenced") : null,
    ...(active ? alert.inhibitors.map((other) => h("p", { class: "why quiet-mark out" }, icon("silenced"), " Quiet while there is: ", h("a", { href: link(other) }, other.text))) : []),
    ...(active ? alert.problems.map((t) => h("p", { class: "why problem-mark out" }, icon("warn"), ` Channel ${t.channel} has not delivered since ${clock(t.since)}`)) : []),
  ].filter(Boolean);
}

const link = (alert) => `${alert.bed ? `/bed/${encodeURIComponent(alert.bed)}` : "/alerts"}?alert=${encodeURIComponent(alert.id)}`;

function told(alert) {
  const whom = alert.ways.map(({ receiver, channels }) => `${receiver} (${channels.join(", ") || "this screen only"})`).join(", ");
  if (alert.notified_at) return `Told ${whom || "people"}, first at ${clock(alert.notified_at)}${alert.reason ? ` · ${alert.reason}` : ""}`;
  return `Nobody told${alert.reason ? `: ${alert.reason}` : " yet"}${whom && alert.state === "active" ? ` · meant for ${whom}` : ""}`;
}
