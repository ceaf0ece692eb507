// The imaging page: humidity, messages and sensors, requested every 1.5 s; the detectors compute them every 3 s.

import { h, refill, setText } from "./dom.js";
import { follow } from "./feed.js";
import { count, span } from "./format.js";

const byId = (id) => document.getElementById(id);
const OLD = 10; // seconds after which sums are old: three updates missed

function show(_status, imaging) {
  setText(byId("messages"), count(imaging.messages));
  setText(byId("sensors"), count(imaging.sensors));
  setText(byId("count"), count(imaging.devices.length));
  const old = imaging.age === null || imaging.age > OLD;
  byId("totals").classList.toggle("old", old && imaging.age !== null);
  setText(byId("updated"), imaging.age === null ? "never" : `${span(imaging.age)} ago${old ? ": OLD" : ""}`);
  byId("nothing").hidden = imaging.devices.length > 0;
  const expanded = new Set([...document.querySelectorAll("#rows details[open]")].map((d) => d.dataset.device));
  refill(byId("rows"), imaging.devices.map((device) => row(device, expanded)));
}

function row({ imaging_device, humidity, messages, sensors, names }, expanded) {
  const listed = names.length <= 1 ? h("span", { class: "isolated" }, names.join(", ") || "–") :
    h("details", { open: expanded.has(imaging_device), dataset: { device: imaging_device } }, h("summary", {}, `${names[0]} … ${names.at(-1)}`), h("span", { class: "isolated" }, names.join(", ")));
  return h("tr", { dataset: { id: imaging_device } }, h("th", { scope: "row", class: "isolated" }, imaging_device),
    h("td", { class: "n" }, humidity === null ? "–" : humidity.toFixed(1)),
    h("td", { class: "bar" }, humidity === null ? null : h("meter", { min: 0, max: 100, value: humidity, "aria-label": `${humidity.toFixed(1)} %` })),
    h("td", { class: "n" }, count(messages)), h("td", { class: "n" }, count(sensors)), h("td", {}, listed));
}

follow(() => ["/api/v1/status", "/api/v1/imaging"], show, 1500);
