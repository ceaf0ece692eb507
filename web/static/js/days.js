// The days of a bed: mean, lowest and highest of each vital sign, and its trends.

import { fill, h, setText, segment } from "./dom.js";
import { ask } from "./feed.js";
import { known } from "./catalogue.js";
import { limit, minutes, short, unit } from "./format.js";

// The date of a day is that of its start in UTC, whatever the zone of the site.
const dayFormat = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
const byId = (id) => document.getElementById(id);

/** Ask for the days of a bed and show them; `values` are its vital signs, in order. */
export async function days(bed, values) {
  const found = await ask(`/api/v1/beds/${segment(bed)}/days`, { timeout: 9000 });
  const names = values.map((v) => v.signal).filter((name) => found.days.some((day) => name in day.signals));
  const [head, body] = ["thead", "tbody"].map((tag) => byId("days").querySelector(tag));
  fill(head, names.length ? [h("tr", {}, h("th", {}, "Day"), names.map((name) => h("th", { class: "n", title: known(name).label }, `${short(name, known(name).label)} ${unit(known(name).display)}`)), h("th", { class: "n" }, "received"), h("th", {}))] : []);
  fill(body, found.days.filter((day) => names.some((name) => name in day.signals)).map((day) => row(day, names)));
  fill(byId("trends"), found.trends.map((trend) => h("li", { class: "isolated" }, drift(trend), trend.simulated ? [" ", simulated()] : null)));
  setText(byId("days-note"), names.length ? `mean, and lowest to highest; each day starts at ${minutes(found.days[0].day)}` : "none yet");
}

function row(day, names) {
  const share = day.completeness === null ? "–" : `${Math.floor(day.completeness * 100)} %`;
  return h("tr", {}, h("th", { scope: "row", class: "nowrap" }, dayFormat.format(new Date(day.day))), names.map((name) => h("td", { class: "n" }, cell(day.signals[name], known(name).precision))), h("td", { class: "n" }, share), h("td", { class: "nowrap" }, day.simulated ? simulated() : null));
}

const simulated = () => h("span", { class: "past-mark" }, "simulated past");

function cell(signal, precision) {
  if (!signal) return "–";
  return [h("b", {}, signal.mean.toFixed(precision)), " ", h("small", { class: "secondary" }, `${signal.low.toFixed(precision)}–${signal.high.toFixed(precision)}`)];
}

// Temperature drifts: +0.04 °C per day for 6 days, mean of the last whole day 36.7 °C; at this pace it reaches 38.5 in 43 days
function drift(trend) {
  const { label, display, precision } = known(trend.signal);
  const step = `${trend.per_day > 0 ? "+" : "−"}${Math.abs(trend.per_day).toFixed(precision + 1)} ${unit(display)}`;
  const to = trend.limit === null ? "" : `; at this pace it reaches ${limit(trend.limit)} in ${Math.round(trend.days_to_limit)} days`;
  return `${label} drifts: ${step} per day for ${trend.days} days, mean of the last whole day ${trend.level.toFixed(precision)} ${unit(display)}${to}`;
}
