// Taking an alert, and giving it back: one dialog for every page.

import { clean, fill, h, icon, segment } from "./dom.js";
import { ask } from "./feed.js";

const byId = (id) => document.getElementById(id);
const remembered = () => { try { return sessionStorage.getItem("by") ?? ""; } catch { return ""; } };
const remember = (by) => { try { sessionStorage.setItem("by", by); } catch { /* asked again next time */ } };

let open = null;
let returnTo = null;
const outside = () => [byId("head"), byId("main")];

/** Whether the dialog is open: nothing should move under somebody's hands. */
export const busy = () => byId("ack").open;

/** Open the dialog for these alerts; `done` is called with the ids that were taken. */
export function acknowledge(alerts, done) {
  start({ alerts, done, method: "POST", title: "Acknowledge: I have it", verb: "Acknowledge" });
}

/** Open the dialog to give alerts back. */
export function giveBack(alerts, done) {
  start({ alerts, done, method: "DELETE", title: "Give back: nobody has it then", verb: "Give back" });
}

function start(what) {
  if (!what.alerts.length || busy()) return;
  open = what;
  byId("ack-title").textContent = what.title;
  byId("ack-do").textContent = what.verb;
  byId("ack-by").value = remembered();
  byId("ack-note").value = "";
  byId("ack-problem").hidden = true;
  fill(byId("ack-choices"), what.alerts.map((alert) =>
    h("label", {}, h("input", { type: "checkbox", value: alert.id, checked: true }),
      h("span", { class: "badge", dataset: { severity: alert.severity } }, icon(alert.severity), alert.severity.toUpperCase()),
      h("span", { class: "out" }, `${alert.label}: ${alert.text}`))));
  // Not a modal dialog of the browser's: that would lie above the veil.
  outside().forEach((node) => { node.inert = true; });
  returnTo = document.activeElement;
  byId("ack").show();
  (byId("ack-by").value ? byId("ack-do") : byId("ack-by")).focus();
}

async function submit(event) {
  event.preventDefault();
  const chosen = [...byId("ack-choices").querySelectorAll("input:checked")].map((box) => box.value);
  const by = byId("ack-by").value.trim();
  if (!by) return problem("Please say who you are.");
  if (!chosen.length) return problem("Please choose at least one alert.");
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

const send = (id, by) => ask(`/api/v1/alerts/${segment(id)}/ack`, {
  method: open.method, patience: 9000, headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ by, note: byId("ack-note").value }),
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
