// Alerts as rows of a list, with details.

import { acknowledge, endSilences, silence, takeOver, takesOverAs, unacknowledge } from "./ack.js";
import { fill, h, icon, setText } from "./dom.js";
import { notifications } from "./notifications.js";
import { acknowledgement, holder } from "./alert_text.js";
import { clock, ending, span, when } from "./format.js";

/** Put alerts into a list; expanded details stay expanded. A new value makes no new rows: a click on one is not lost. */
export function rows(list, alerts, now, { refresh, linked } = {}) {
  const key = JSON.stringify(alerts.map((a) => [a.id, a.updated, a.ack?.by, a.ack && takesOverAs(a), a.reason, a.silences, a.inhibitors.map(({ id }) => id), a.problems])) + when(now, now);
  if (list.dataset.key === key) return void alerts.forEach((alert, i) => renew(list.children[i], alert, now));
  list.dataset.key = key;
  const expanded = new Set([...list.querySelectorAll("details[open]")].map((d) => d.dataset.id));
  const focused = document.activeElement?.dataset?.key;
  fill(list, alerts.map((alert) => row(alert, now, refresh, expanded.has(alert.id) || alert.id === linked, alert.id === linked)));
  if (focused) list.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function row(alert, now, refresh, open, linked) {
  const place = alert.bed ? h("a", { href: `/bed/${encodeURIComponent(alert.bed)}?alert=${encodeURIComponent(alert.id)}` }, alert.label) : h("span", {}, alert.label);
  const active = alert.state === "active";
  return h("li", { class: `alert-row${linked ? " linked" : ""}` },
    h("span", { class: "badge", dataset: active ? { severity: alert.severity } : { state: "empty" } }, icon(alert.ack ? "acknowledged" : alert.severity || "empty"), (alert.severity || "?").toUpperCase()),
    h("div", {}, h("p", { class: "text isolated" }, place, h("span", { class: "live-text" }, what(alert))),
      h("p", { class: "acknowledgement isolated" }, h("span", { class: "live-note" }, note(alert, now)), alert.simulated ? [" ", h("span", { class: "past-mark" }, "simulated past")] : null),
      ...notifications(alert, now)),
    h("div", { class: "actions" }, active ? buttons(alert, refresh) : null),
    h("details", { open, dataset: { id: alert.id } }, h("summary", {}, "details"), facts(alert, now)));
}

const what = (alert) => (alert.label ? `: ${alert.text}` : alert.text);
const note = (alert, now) => (alert.state === "active" ? acknowledgement(alert, now) : ended(alert, now));

function renew(node, alert, now) {
  setText(node.querySelector(".live-text"), what(alert));
  setText(node.querySelector(".live-note"), note(alert, now));
  node.querySelectorAll(".inhibitor").forEach((other, i) => setText(other, alert.inhibitors[i].text));
  const details = node.querySelector("details");
  const found = details.open && facts(alert, now);
  if (found && !found.isEqualNode(details.lastChild)) details.lastChild.replaceWith(found);
}

function buttons(alert, refresh) {
  const act = alert.ack ? unacknowledge : acknowledge;
  const silenced = alert.silences.length > 0;
  return [
    h("button", { type: "button", dataset: { key: `act-${alert.id}` }, onclick: () => act([alert], refresh) }, alert.ack ? "Un-acknowledge" : "Acknowledge"),
    alert.ack ? h("button", { type: "button", dataset: { key: `take-${alert.id}` }, onclick: () => takeOver(alert, refresh) }, takesOverAs(alert) ? `Take over as ${takesOverAs(alert)}` : "Take over…") : null,
    h("button", { type: "button", class: "minor", dataset: { key: `silence-${alert.id}` }, onclick: () => (silenced ? endSilences(alert.silences, refresh) : silence([alert], refresh)) }, silenced ? "End silence" : "Silence"),
  ];
}

function ended(alert, now) {
  const lasted = alert.ends ? span((Date.parse(alert.ends) - Date.parse(alert.since)) / 1000) : "?";
  return `${when(alert.since, now)}, for ${lasted}: ${ending(alert.ended)}${alert.ack ? ` · ✓ ${holder(alert.ack)}` : " · not acknowledged"}`;
}

function facts(alert, now) {
  const { annotations, labels } = alert;
  const pairs = [
    ["Description", annotations.description], ["Value", annotations.value ?? alert.value], ["Limit", annotations.limit ?? alert.limit],
    ["Since", `${clock(alert.since)} (${when(alert.since, now)})`], ["Rule", annotations.rule ?? alert.name], ["Config", annotations.config],
    ["Kind", alert.kind], ["Device", alert.device], ["Own limits", annotations.override],
    ["Signal lost", alert.signal_lost_since && `since ${clock(alert.signal_lost_since)}: not known whether it has ended`],
    ["Latched", alert.latched && `${alert.latched}, but active until it is acknowledged`],
    ["Detected late", alert.detected_late_s >= 1 && `by ${span(alert.detected_late_s)}`],
    ["Silences", alert.silenced_by.join(", ")], ["Inhibited by", alert.inhibited_by.join(", ")],
    ["Acknowledged", alert.ack && `${alert.ack.by}${alert.ack.taken_over_from ? `, taken over from ${alert.ack.taken_over_from}` : ""}, ${clock(alert.ack.at)}${alert.ack.note ? `: ${alert.ack.note}` : ""}`],
    ...alert.actions.map(({ type, by, at, note }) => [type.replace("_", " "), `${by}, ${clock(at)}${note ? `: ${note}` : ""}`]),
    ["Runbook", annotations.runbook_url], ["Labels", Object.entries(labels).map(([name, value]) => `${name}=${value}`).join(" · ")],
    ["Id", alert.id],
  ];
  return h("dl", { class: "facts" }, pairs.filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false)
    .flatMap(([name, value]) => [h("dt", {}, name), h("dd", { class: "isolated" }, String(value))]));
}
