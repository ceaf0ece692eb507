// Who is notified of an alert, by which channels, and why not.

import { h, icon } from "./dom.js";
import { when } from "./format.js";

/** Whether an alert is silenced or inhibited now, in a few words, `brief` without by whom; empty if
 *  neither. */
export function muted(alert, now, brief = false) {
  if (alert.state !== "active") return "";
  const [silence] = alert.silences;
  if (alert.silenced_by.length) return silence ? `silenced until ${when(silence.ends, now)}${brief ? "" : ` by ${silence.by}`}` : "silenced";
  return alert.inhibited_by.length ? "inhibited by another alert" : "";
}

/** The lines below an alert: who was notified, silences, inhibitors, and channels that do not deliver. */
export function notifications(alert, now) {
  const active = alert.state === "active";
  return [
    alert.notified ? h("p", { class: "detail isolated" }, alert.notified) : null,
    ...(active ? alert.silences.map((s) => h("p", { class: "detail muted-mark isolated" }, icon("silenced"), ` Silenced by ${s.by} until ${when(s.ends, now)}: ${s.comment}`)) : []),
    active && alert.silenced_by.length > alert.silences.length ? h("p", { class: "detail muted-mark" }, icon("silenced"), " Silenced") : null,
    ...(active ? alert.inhibitors.map((other) => h("p", { class: "detail muted-mark isolated" }, icon("silenced"), " Inhibited while active: ", h("a", { class: "inhibitor", href: link(other) }, other.text))) : []),
    ...(active ? alert.problems.map((t) => h("p", { class: "detail problem-mark isolated" }, icon("warn"), ` ${t.text}`)) : []),
  ].filter(Boolean);
}

const link = (alert) => `${alert.bed ? `/bed/${encodeURIComponent(alert.bed)}` : "/alerts"}?alert=${encodeURIComponent(alert.id)}`;
