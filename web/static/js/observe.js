// The form for what people observe of the patient in a bed, made from the catalogue.

import { remember, remembered } from "./author.js";
import { signals } from "./catalogue.js";
import { fill, h, segment, setText } from "./dom.js";
import { ask, now } from "./feed.js";
import { minutes, span, unit, when, zoneName } from "./format.js";
import { unknown } from "./score_text.js";

const byId = (id) => document.getElementById(id);
const OTHER = "other";
const fields = new Map(); // signal → its field
const DAY = 1440; // minutes
let bed = "";
let tile = null;
let patient = null; // the one who was shown when the form was begun; null before that
let saved = () => {};

/** Show the form, made once; `done` is called after an observation was saved. */
export function showForm(of, data, done) {
  [bed, tile, saved] = [of, data, done];
  if (!fields.size) build();
  setText(byId("observe-zone"), `(${zoneName(now())}; empty: now)`);
  byId("observe-moved").hidden = patient === null || patient === tile.patient;
}

/** Ask for the newest observations and show each beside its field. */
export async function observations(of) {
  const found = await ask(`/api/v1/beds/${segment(of)}/observations`);
  for (const one of found.observations) fields.get(one.signal)?.last(one);
}

function build() {
  [...signals.values()].filter(({ observed }) => observed).forEach((signal) => fields.set(signal.signal, new Field(signal)));
  byId("observe-panel").hidden = fields.size === 0;
  const roots = (lasting) => [...fields.values()].filter(({ signal }) => signal.lasting === lasting).map(({ root }) => root);
  fill(byId("observe-fields"), roots(false));
  fill(byId("observe-lasting"), roots(true));
  byId("observe-stay").hidden = !roots(true).length;
  byId("observe-by").value = remembered();
  byId("observe").addEventListener("input", () => { patient ??= tile.patient; });
  byId("observe").addEventListener("submit", submit);
  byId("observe").addEventListener("reset", () => setTimeout(clear));
}

class Field {
  constructor(signal) {
    this.signal = signal;
    const id = `observe-${signal.signal}`;
    this.problem = h("p", { class: "problem", id: `${id}-problem`, role: "alert", hidden: true });
    this.newest = h("p", { class: "secondary isolated", id: `${id}-last` });
    const described = `${id}-last ${signal.caution ? `${id}-caution ` : ""}${id}-problem`;
    const coded = signal.codes.length > 0;
    this.choice = coded ? h("select", { id, "aria-describedby": described, onchange: () => this.#chosen() }, this.#options()) : null;
    // A number, where not every possible value has a code.
    this.number = !coded || signal.other_values ? h("input", { type: "number", step: "any", inputmode: "decimal", min: signal.low, max: signal.high, id: coded ? `${id}-number` : id, "aria-describedby": described }) : null;
    this.amount = coded && this.number ? h("label", { class: "amount", hidden: true }, h("span", {}, `${signal.other_values}, ${unit(signal.display) || "value"}`), this.number) : null;
    const shown = coded ? signal.label : [signal.label, unit(signal.display)].filter(Boolean).join(", ");
    this.root = h("div", { class: "field" }, h("label", { for: id }, shown), this.choice, this.amount ?? this.number,
      signal.caution ? h("p", { class: "caution", id: `${id}-caution` }, signal.caution) : null, this.newest, this.problem);
  }

  #options() {
    const { codes, other_values: others } = this.signal;
    return [h("option", { value: "" }, "–"), ...codes.map(({ value, text }) => h("option", { value: String(value) }, text)),
      ...(others ? [h("option", { value: OTHER }, others)] : [])];
  }

  #chosen() {
    this.open(this.choice.value === OTHER);
    this.say("");
    if (this.choice.value === OTHER) this.number.focus();
  }

  /** Show the field for a number that has no code, or hide it. */
  open(wanted) {
    if (this.amount) this.amount.hidden = !wanted;
  }

  /** The control that has the value. */
  get control() {
    return this.choice && this.choice.value !== OTHER ? this.choice : this.number;
  }

  /** The value that was entered: undefined for none, NaN for one that is no number. */
  get value() {
    const text = this.control.value.trim();
    if (text) return Number(text);
    return this.control === this.choice || (!this.choice && this.number.validity.valid) ? undefined : NaN;
  }

  say(text) {
    this.problem.hidden = !text;
    setText(this.problem, text);
    [this.choice, this.number].forEach((node) => node?.setAttribute("aria-invalid", String(Boolean(text) && node === this.control)));
  }

  last({ text, at, by, device, note }) {
    const age = at && span(Math.max(0, now() - Date.parse(at)) / 1000);
    const stale = tile.scores.filter((score) => unknown(score).some((part) => part.signal === this.signal.signal && part.state === "old"));
    setText(this.newest, !at ? "Not observed yet." : [`Last: ${text}`, device ? `sent by ${by}` : by, `${when(at, now())} (${age} ago)`, note,
      stale.length && `too old for ${stale.map(({ label }) => label).join(", ")}: observe again`].filter(Boolean).join(" · "));
  }
}

/** The newest instant of this clock time in the zone of the site, as RFC 3339; empty for none. */
function instant(text) {
  if (!text) return "";
  const end = now();
  const back = Array.from({ length: DAY }, (_, i) => i).find((i) => minutes(end - i * 60_000) === text);
  return back === undefined ? text : new Date(Math.floor((end - back * 60_000) / 60_000) * 60_000).toISOString();
}

async function submit(event) {
  event.preventDefault();
  clearProblems();
  const by = byId("observe-by").value.trim();
  const entered = [...fields.values()].filter(({ value }) => value !== undefined);
  const broken = entered.find(({ value }) => Number.isNaN(value));
  if (broken) return at(broken, `Please enter a number of ${unit(broken.signal.display) || "the value"}.`);
  if (!entered.length) return problem("Please enter at least one observation.");
  if (!by) return problem("Please enter your name.", byId("observe-by"));
  remember(by);
  const values = Object.fromEntries(entered.map(({ signal, value }) => [signal.signal, value]));
  const observed = instant(byId("observe-at").value);
  const body = { by, values, note: byId("observe-note").value, patient: patient ?? tile.patient, ...(observed ? { at: observed } : {}) };
  byId("observe-do").disabled = true;
  try {
    const { effect } = await ask(`/api/v1/beds/${segment(bed)}/observations`, { method: "POST", timeout: 9000, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    byId("observe").reset();
    setText(byId("observe-result"), effect);
    saved();
  } catch (error) {
    const field = fields.get(error.body?.field);
    if (field) at(field, error.message);
    else problem(error.message, error.body?.field === "at" ? byId("observe-at") : null);
  } finally {
    byId("observe-do").disabled = false;
  }
}

function at(field, text) {
  field.say(text);
  const group = field.root.closest("details");
  if (group) group.open = true;
  field.control.focus();
}

function problem(text, node = null) {
  const shown = byId("observe-problem");
  setText(shown, text);
  shown.hidden = false;
  node?.setAttribute("aria-invalid", "true");
  node?.focus();
}

function clearProblems() {
  fields.forEach((field) => field.say(""));
  byId("observe-problem").hidden = true;
  setText(byId("observe-result"), "");
  ["observe-by", "observe-at"].forEach((id) => byId(id).removeAttribute("aria-invalid"));
}

// After a reset, which empties the fields after its event.
function clear() {
  patient = null;
  byId("observe-moved").hidden = true;
  byId("observe-problem").hidden = true;
  byId("observe-by").value = remembered();
  fields.forEach((field) => { field.say(""); field.open(false); });
}
