// Acknowledge, take over, un-acknowledge and silence alerts, and end silences: one dialog for all pages.

import { remember, remembered } from "./author.js";
import { clean, fill, h, icon, segment } from "./dom.js";
import { ask, now } from "./feed.js";
import { titled, when } from "./format.js";

const byId = (id) => document.getElementById(id);

let open = null;
let returnTo = null;
const outside = () => [byId("head"), byId("main")];

/** Whether the dialog is open: the page must not rearrange its tiles meanwhile. */
export const busy = () => byId("ack").open;

/** Open the dialog to acknowledge alerts; `done` is called with the ids that were acknowledged. */
export function acknowledge(alerts, done) {
  start({ items: alerts.map(alertChoice), done, path: (id) => `/api/v1/alerts/${id}/ack`, method: "POST", title: "Acknowledge", verb: "Acknowledge" });
}

/** Open the dialog to un-acknowledge alerts. */
export function unacknowledge(alerts, done) {
  start({ items: alerts.map(alertChoice), done, path: (id) => `/api/v1/alerts/${id}/ack`, method: "DELETE", title: "Un-acknowledge: notifications go on", verb: "Un-acknowledge" });
}

/** The name under which one click takes over an alert: the last one entered here, unless that person has it. */
export const takesOverAs = (alert) => (remembered() === alert.ack.by ? "" : remembered());

/** Take over an alert from the person who has it: at once under a known name, else by the dialog, which also says what failed. */
export async function takeOver(alert, done) {
  const by = takesOverAs(alert);
  const path = (id) => `/api/v1/alerts/${id}/take-over`;
  const dialog = () => start({ items: [alertChoice(alert)], done, path, method: "POST", title: `Take over from ${clean(alert.ack.by)}`, verb: "Take over" });
  if (!by) return dialog();
  try {
    await ask(path(segment(alert.id)), { method: "POST", timeout: 9000, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ by }) });
    done?.([alert.id]);
  } catch (error) {
    dialog();
    if (busy()) problem(error.message);
  }
}

/** Open the dialog to silence alerts for a while. */
export function silence(alerts, done) {
  start({ items: alerts.map(alertChoice), done, path: (id) => `/api/v1/alerts/${id}/silence`, method: "POST", title: "Silence: no notifications for a while", verb: "Silence", timed: true });
}

/** Open the dialog to confirm an edit of the config that waits. */
export function confirmEdit(edit, reasons) {
  const items = [{ id: edit, mark: h("span", { class: "badge", dataset: { state: "warn" } }, icon("warn"), `edit ${edit}`), text: reasons.slice(1).join("; ") }];
  start({ items, path: (id) => `/api/v1/config/${id}/confirm`, method: "POST", title: "Confirm an edit of the config", verb: "Confirm" });
}

/** Open the dialog to end silences. */
export function endSilences(silences, done) {
  const items = silences.map((s) => ({ id: s.id, mark: h("span", { class: "badge", dataset: { state: "empty" } }, icon("silenced"), "silence"), text: `${s.by}, until ${when(s.ends, now())}: ${s.comment} (${scope(s)})` }));
  start({ items, done, path: (id) => `/api/v1/silences/${id}`, method: "DELETE", title: "End the silence: notifications go on", verb: "End silence" });
}

/** What a silence applies to, shown before it is ended. */
export const scope = (silence) => (silence.alert ? "this alert only" : `all alerts with ${silence.matchers.join(", ")}`);

const alertChoice = (alert) => ({
  id: alert.id, text: titled(alert),
  mark: h("span", { class: "badge", dataset: { severity: alert.severity } }, icon(alert.severity), alert.severity.toUpperCase()),
});

function start(what) {
  if (!what.items.length || busy()) return;
  open = what;
  byId("ack-title").textContent = what.title;
  byId("ack-do").textContent = what.verb;
  byId("ack-by").value = remembered();
  byId("ack-note").value = "";
  byId("ack-note-name").textContent = what.timed ? "Reason" : "Note (optional)";
  byId("ack-for").hidden = !what.timed;
  byId("ack-minutes").value = "10";
  byId("ack-problem").hidden = true;
  fill(byId("ack-choices"), what.items.map(({ id, mark, text }) =>
    h("label", {}, h("input", { type: "checkbox", value: id, checked: true }), mark, h("span", { class: "isolated" }, text))));
  // Not a modal dialog of the browser: that would cover the FROZEN overlay.
  outside().forEach((node) => { node.inert = true; });
  returnTo = document.activeElement;
  byId("ack").show();
  (!byId("ack-by").value ? byId("ack-by") : what.timed ? byId("ack-note") : byId("ack-do")).focus();
}

async function submit(event) {
  event.preventDefault();
  const chosen = [...byId("ack-choices").querySelectorAll("input:checked")].map((box) => box.value);
  const by = byId("ack-by").value.trim();
  if (!by) return problem("Please enter your name.");
  if (open.timed && !byId("ack-note").value.trim()) return problem("Please enter the reason: the screen shows it to others.");
  if (!chosen.length) return problem("Please choose at least one.");
  remember(by);
  byId("ack-do").disabled = true;
  const results = await Promise.allSettled(chosen.map((id) => send(id, by)));
  byId("ack-do").disabled = false;
  const failed = results.filter((result) => result.status === "rejected");
  const { done } = open;
  done?.(chosen.filter((_, i) => results[i].status === "fulfilled"));
  if (failed.length) return problem(failed.map((result) => result.reason.message).join(" "));
  close();
}

function close() {
  outside().forEach((node) => { node.inert = false; });
  byId("ack").close();
  returnTo?.focus?.({ preventScroll: true });
}

const send = (id, by) => ask(open.path(segment(id)), {
  method: open.method, timeout: 9000, headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ by, note: byId("ack-note").value, ...(open.timed ? { minutes: Number(byId("ack-minutes").value) } : {}) }),
});

function problem(text) {
  byId("ack-problem").textContent = clean(text);
  byId("ack-problem").hidden = false;
  byId("ack-do").focus();
}

byId("ack").addEventListener("submit", submit);
byId("ack-cancel").addEventListener("click", close);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && busy()) close();
});
