// The alerts page: active alerts, silences, ended alerts.

import { endSilences } from "./ack.js";
import { ask, follow, now } from "./feed.js";
import { fill, h, icon, setText } from "./dom.js";
import { PAGE, Pages } from "./pages.js";
import { rows } from "./rows.js";
import { when } from "./format.js";

const byId = (id) => document.getElementById(id);
const form = byId("filters");
const linked = new URLSearchParams(location.search).get("alert");
let endedAt = -Infinity;
let asked = 0; // requests for ended alerts: the store may answer an earlier one later
let find = linked; // the first request asks for the page of the alert of the link
const activePages = new Pages(byId("active-pages"), () => again());
const endedPages = new Pages(byId("ended-pages"), () => history());

function query(extra) {
  const chosen = new URLSearchParams(extra);
  for (const name of ["ward", "severity", "kind", "acknowledged"]) {
    if (form.elements[name].value) chosen.set(name, form.elements[name].value);
  }
  return `/api/v1/alerts?${chosen}`;
}

function show(_status, page, { silences }) {
  const { alerts, total } = page;
  if (activePages.update(page)) return void again();
  find = null;
  const unacknowledged = `${alerts.filter((a) => !a.ack).length} unacknowledged`;
  setText(byId("active-count"), total > alerts.length ? `${total}; of the ${alerts.length} on this page ${unacknowledged}` : total ? `${total}, of these ${unacknowledged}` : "");
  rows(byId("active"), alerts, now(), { refresh: again, linked });
  byId("no-active").hidden = alerts.length > 0;
  showSilences(silences.filter(({ state }) => state !== "expired"));
  if (performance.now() - endedAt > 10_000) history();
}

function showSilences(silences) {
  const node = byId("silences");
  node.hidden = silences.length === 0;
  const list = node.querySelector("ul");
  const key = JSON.stringify(silences);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  fill(list, silences.map((silence) => h("li", { class: "alert-row" },
    h("span", { class: "badge", dataset: { state: "empty" } }, icon("silenced"), silence.state === "pending" ? "pending" : "silence"),
    h("div", {}, h("p", { class: "text isolated" }, silence.matchers.join(", ")),
      h("p", { class: "acknowledgement isolated" }, `${silence.by}: ${silence.comment}`),
      ...silence.warnings.map((text) => h("p", { class: "detail muted-mark isolated" }, icon("warn"), ` ${text}`)),
      h("p", { class: "detail isolated" }, `${silence.state === "pending" ? `from ${when(silence.starts, now())} ` : ""}until ${when(silence.ends, now())}${silence.alert ? ", or until the alert ends" : ""}`)),
    h("div", { class: "actions" }, h("button", { type: "button", class: "minor", onclick: () => endSilences([silence], () => again()) }, "End silence")))));
}

async function history() {
  const mine = ++asked;
  endedAt = performance.now();
  const from = new Date(now() - form.elements.hours.value * 3_600_000).toISOString();
  try {
    const page = await ask(query({ state: "ended", from, ...endedPages.query }), { timeout: 9000 });
    if (mine !== asked) return;
    if (endedPages.update(page)) return void history();
    const { alerts, total, store } = page;
    setText(byId("ended-note"), store || (total ? String(total) : ""));
    rows(byId("ended"), alerts, now(), { linked });
    byId("no-ended").hidden = alerts.length > 0;
  } catch (error) {
    if (mine === asked) setText(byId("ended-note"), error.message);
  }
}

const again = follow(() => ["/api/v1/status", query({ state: "active", ...(find ? { limit: PAGE, alert: find } : activePages.query) }), "/api/v1/silences"], show, 1500);
form.addEventListener("change", () => { endedAt = -Infinity; activePages.first(); endedPages.first(); again(); });
form.addEventListener("submit", (event) => event.preventDefault());
