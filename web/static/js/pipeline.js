// The pipeline page: the state of the system itself.

import { confirmEdit } from "./ack.js";
import { fill, h, icon, setText } from "./dom.js";
import { follow, now } from "./feed.js";
import { clock, count, span, when } from "./format.js";

const byId = (id) => document.getElementById(id);
const number = (n, digits = 1) => (n === null ? "–" : n.toFixed(n >= 100 ? 0 : digits));
const delay = (seconds) => (seconds === null ? "–" : seconds < 1 ? `${Math.round(seconds * 1000)} ms` : span(seconds));

function show(_status, pipeline) {
  setText(byId("source"), `from the ${pipeline.source}`);
  fill(byId("stages"), pipeline.stages.map((s) => h("tr", {}, h("th", { scope: "row" }, s.label), h("td", {}, s.does),
    h("td", { class: "n" }, number(s.rate)), h("td", { class: "n" }, count(s.total)), h("td", { class: "n" }, count(s.lag)),
    h("td", { class: "n" }, count(s.errors)), h("td", { class: "n" }, delay(s.delay)))));
  table("programs", pipeline.programs.map((p) => program(p, pipeline.config.hash)), "No program has sent a heartbeat.", 4);
  table("channels", pipeline.channels.map((c) => h("tr", {}, h("th", { scope: "row", class: "isolated" }, c.channel, c.problem ? h("p", { class: "detail problem-mark" }, c.problem) : null),
    ...[c.delivered, c.failed, c.waiting].map((n) => h("td", { class: "n" }, count(n))), h("td", { class: "n" }, c.waiting ? span(c.oldest) : "–"))), "No notification has been sent yet.", 5);
  table("decisions", pipeline.decisions.map((d) => h("tr", {}, h("td", { class: "isolated" }, d.reason), h("td", { class: "n" }, count(d.count)))), "No decision yet.", 2);
  config(pipeline.config, pipeline);
  quarantine(pipeline.quarantine);
}

function table(id, found, nothing, width) {
  fill(byId(id), found.length ? found : [h("tr", {}, h("td", { class: "secondary", colspan: width }, nothing))]);
}

function program(p, hash) {
  const wrong = [...p.problems, ...(p.reload_error ? [`edit of the config not taken: ${p.reload_error}`] : []), ...(p.config && p.config !== hash ? ["different config from this screen"] : [])];
  const state = p.stale ? h("span", { class: "badge", dataset: { state: "bad" } }, icon("none"), "NO HEARTBEAT") :
    wrong.length ? h("span", { class: "badge", dataset: { state: "warn" } }, icon("warn"), "problem") : h("span", { class: "badge", dataset: { state: "ok" } }, icon("ok"), "running");
  return h("tr", {}, h("th", { scope: "row", class: "isolated" }, p.program, " ", h("span", { class: "secondary" }, p.instance, p.role ? ` (${p.role})` : "")), h("td", { class: "n" }, span(p.age)),
    h("td", { class: "nowrap" }, p.config.slice(0, 8)), h("td", { class: "isolated" }, state, " ", wrong.join("; ") || `since ${when(p.started, now())}`));
}

function config({ hash, faults, refused_at, waiting, closes }, { devices, evicted }) {
  const bad = waiting ? waits(waiting, faults, refused_at, closes) : faults.length ? [h("p", {}, h("span", { class: "badge", dataset: { state: "warn" } }, icon("warn"), `edit of ${clock(refused_at)} refused`), " The config above stays in force until these are corrected:"),
    h("pre", {}, faults.join("\n"))] : [h("p", { class: "secondary" }, "The last edit was accepted.")];
  fill(byId("config-now"), [h("p", {}, "In force: ", h("b", { class: "isolated" }, hash)), ...bad,
    h("p", { class: "secondary" }, `${count(devices)} devices in memory${evicted ? `, ${count(evicted)} unregistered devices removed to limit memory` : ""}.`)]);
}

function waits(edit, reasons, since, closes) {
  return [h("p", {}, h("span", { class: "badge", dataset: { state: "warn" } }, icon("warn"), `edit of ${clock(since)} waits`), " The config above stays in force until this edit is confirmed or undone:"),
    h("pre", {}, reasons.join("\n")),
    ...(closes.length ? [h("p", {}, `It would close ${closes.length} active ${closes.length === 1 ? "alert" : "alerts"}, though not ended:`), h("pre", { class: "isolated" }, closes.join("\n"))] : []),
    h("p", {}, h("button", { type: "button", onclick: () => confirmEdit(edit, [...reasons, ...closes.map((text) => `closes ${text}`)]) }, "Confirm this edit"))];
}

function quarantine(found) {
  const node = byId("quarantine");
  const key = JSON.stringify(found);
  if (node.dataset.key === key) return;
  node.dataset.key = key;
  const expanded = new Set([...node.querySelectorAll("details[open]")].map((d) => d.dataset.reason));
  fill(node, found.length ? found.map(({ reason, count: n, examples }) => h("details", { open: expanded.has(reason), dataset: { reason } },
    h("summary", { class: "isolated" }, `${reason}: ${count(n)}`),
    examples.map((e) => h("div", {}, h("p", { class: "secondary isolated" }, `${when(e.at, now())} ${clock(e.at)} · ${e.stage} · ${e.topic} · ${e.bytes} bytes · ${e.detail}`), h("pre", {}, e.payload))))) :
    [h("p", { class: "secondary" }, "Nothing is in quarantine.")]);
}

follow(() => ["/api/v1/status", "/api/v1/pipeline"], show, 2000);
