// The imaging page: four analyses, asked for every second, worked out every three.

import { fill, h, say } from "./dom.js";
import { follow } from "./feed.js";
import { count, span } from "./format.js";

const byId = (id) => document.getElementById(id);
const OLD = 10; // seconds after which sums are called old: three turns missed

function show(_status, imaging) {
  say(byId("messages"), count(imaging.messages));
  say(byId("sensors"), count(imaging.sensors));
  say(byId("count"), count(imaging.devices.length));
  const old = imaging.age === null || imaging.age > OLD;
  byId("totals").classList.toggle("old", old && imaging.age !== null);
  say(byId("updated"), imaging.age === null ? "never" : `${span(imaging.age)} ago${old ? ": OLD" : ""}`);
  byId("nothing").hidden = imaging.devices.length > 0;
  const unfolded = new Set([...document.querySelectorAll("#rows details[open]")].map((d) => d.dataset.device));
  fill(byId("rows"), imaging.devices.map((device) => row(device, unfolded)));
}

function row({ imaging_device, humidity, messages, sensors, names }, unfolded) {
  const listed = names.length <= 6 ? h("span", { class: "out" }, names.join(", ") || "–") :
    h("details", { open: unfolded.has(imaging_device), dataset: { device: imaging_device } }, h("summary", {}, `${names[0]} … ${names.at(-1)}`), h("span", { class: "out" }, names.join(", ")));
  return h("tr", {}, h("th", { scope: "row", class: "out" }, imaging_device),
    h("td", { class: "n" }, humidity === null ? "–" : humidity.toFixed(1)),
    h("td", { class: "bar" }, humidity === null ? null : h("meter", { min: 0, max: 100, value: humidity, "aria-label": `${humidity.toFixed(1)} %` })),
    h("td", { class: "n" }, count(messages)), h("td", { class: "n" }, count(sensors)), h("td", {}, listed));
}

follow(() => ["/api/v1/status", "/api/v1/imaging"], show, 1500);
