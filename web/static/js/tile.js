// One bed as a tile: built once, then updated where it changes.

import { acknowledgement, allOver, describe, notEvaluated, priorityText, severities } from "./alert_text.js";
import { known } from "./catalogue.js";
import { fill, h, icon, s, setData, setText, shrink } from "./dom.js";
import { muted } from "./notifications.js";
import { ScoreLine } from "./score_line.js";
import { addValue, draw, loadPast } from "./spark.js";
import { about, clock, limit, limits, PRIORITIES, short, span, unit, when } from "./format.js";

const MAX_CELLS = 5;
const LONG = 100; // characters: a text that takes smaller letters where a tile is small

export class Tile {
  constructor(id, act) {
    this.id = id;
    this.word = h("span", { class: "priority-text" });
    this.link = h("a", { href: `/bed/${encodeURIComponent(id)}`, tabindex: "-1" });
    this.patient = h("span", { class: "patient isolated" });
    this.equipment = h("b", { class: "equipment" });
    this.summary = h("span");
    this.what = h("p", { class: "text isolated" }, this.equipment, this.summary);
    this.more = h("b", { class: "more" });
    this.acknowledgement = h("span");
    this.who = h("p", { class: "acknowledgement isolated" }, this.more, this.acknowledgement);
    this.ack = h("button", { type: "button", tabindex: "-1", onclick: (e) => { e.stopPropagation(); act(this.data); } }, icon("acknowledged"), " Ack");
    this.rest = h("p", { class: "rest isolated" });
    this.alert = h("div", { class: "tile-alert" }, this.what, this.ack, this.who, this.rest);
    this.noData = h("div", { class: "no-data", hidden: true }, h("strong"), h("span"));
    this.lost = h("p", { class: "lost-note isolated", hidden: true });
    this.behind = h("p", { class: "lost-note behind", hidden: true });
    this.cells = h("dl", { class: "cells" });
    this.byName = new Map();
    this.curve = s("svg", { viewBox: "0 0 100 40", preserveAspectRatio: "none", "aria-hidden": "true" });
    this.curveName = h("span");
    this.curveSpan = h("span");
    this.scale = [h("span", { class: "scale" }), h("span", { class: "scale" })];
    this.curveCell = h("div", { class: "cell curve" }, h("dt", {}, this.curveName, this.curveSpan), h("dd", { class: "visually-hidden" }, "curve"),
      h("div", { class: "drawn", "aria-hidden": "true" }, this.curve, this.scale));
    this.head = h("h2", {}, this.link);
    this.scores = new ScoreLine();
    this.root = h("li", { class: "tile", tabindex: "0", id: `tile-${id}` },
      h("div", { class: "tile-head" }, this.head, this.scores.brief, this.patient, this.word),
      h("div", { class: "tile-body" }, this.alert, this.behind, this.noData, this.lost, h("div", { class: "cells-room" }, this.cells), this.scores.root));
    new ResizeObserver(() => this.#resized()).observe(this.cells); // also when an alert leaves it less room
  }

  update(data, now, ward) {
    this.data = data;
    setData(this.root, "priority", data.priority);
    setData(this.root, "severity", data.severity);
    setData(this.root, "data", data.data);
    const [first] = data.alerts;
    setData(this.root, "kind", first?.kind ?? "");
    setData(this.root, "over", allOver(data) ? "yes" : "no");
    this.root.classList.toggle("has-alert", data.alerts.length > 0);
    setText(this.link, data.label);
    this.link.title = data.label;
    setText(this.patient, data.patient);
    this.#word(data);
    this.#alert(data, now);
    this.behind.hidden = data.evaluated;
    if (!data.evaluated) setText(this.behind, notEvaluated(data, now));
    this.#missing(data, now);
    this.#cells(data);
    this.scores.update(data, now);
    this.#curve(data, ward);
    const label = describe(data, now);
    if (this.root.getAttribute("aria-label") !== label) this.root.setAttribute("aria-label", label);
  }

  #resized() {
    this.byName.forEach((cell) => cell.refit());
  }

  #word(data) {
    const word = priorityText(data);
    const [name] = PRIORITIES[data.priority];
    const sign = this.root.dataset.kind === "technical" && data.severity === data.priority ? "equipment" : name;
    if (this.word.dataset.key === sign + word) return;
    this.word.dataset.key = sign + word;
    fill(this.word, [icon(sign), h("span", {}, word)]);
  }

  // The first alert takes the lines that it needs; the number of further alerts stands before its second line.
  #alert(data, now) {
    const [first, ...more] = data.alerts;
    this.alert.hidden = !first;
    if (!first) return;
    setText(this.equipment, first.kind === "technical" ? "Equipment: " : "");
    setText(this.summary, first.text);
    setText(this.rest, more.map((alert) => alert.text).join("; "));
    setText(this.more, more.length ? `and ${more.length} more${severer(more)} · ` : "");
    setText(this.acknowledgement, [muted(first, now, true), acknowledgement(first, now, true, data.data === "lost")].filter(Boolean).join(" · "));
    this.alert.classList.toggle("long", this.who.textContent.length > LONG);
    const open = data.alerts.some((alert) => !alert.ack);
    if (this.ack.hidden === open) this.ack.hidden = !open;
    this.ack.setAttribute("aria-label", `Acknowledge ${data.label}`);
  }

  #missing(data, now) {
    const none = data.data === "none";
    this.noData.hidden = !none;
    if (none) {
      setText(this.noData.firstChild, data.data_since ? `NO DATA since ${when(data.data_since, now)}` : "NO DATA");
      setText(this.noData.lastChild, data.data_since ? `last value ${clock(data.data_since)}, ${span((now - Date.parse(data.data_since)) / 1000)} ago` : "no value has been received since it was assigned here");
    }
    this.lost.hidden = data.data !== "lost";
    if (data.data === "lost") setText(this.lost, `Signal lost: ${data.lost.map(({ signal, label, since }) => `${short(signal, label)} ${since ? `since ${when(since, now)}` : "never received"}`).join(", ")}`);
  }

  #cells(data) {
    const groups = grouped(data.values).slice(0, MAX_CELLS);
    const names = groups.map((group) => group.map((value) => value.signal).join("/"));
    const alerts = severities(data.alerts);
    if (names.join() !== this.shown) {
      this.shown = names.join();
      this.byName = new Map(groups.map((group, i) => [names[i], new Cell(group)]));
      fill(this.cells, [...[...this.byName.values()].map((cell) => cell.root), this.curveCell]);
    }
    groups.forEach((group, i) => this.byName.get(names[i]).update(group, alerts));
  }

  #curve(data, ward) {
    data.values.forEach((value) => addValue(this.id, value));
    const metric = data.alerts.find((alert) => data.values.some((value) => value.signal === alert.metric))?.metric;
    const value = data.values.find((v) => v.signal === metric) ?? data.values[0];
    this.curveCell.hidden = !value;
    if (!value || data.data === "none") return;
    if (known(value.signal).vital) loadPast(value.signal, ward);
    setText(this.curveName, short(value.signal, known(value.signal).label));
    const { seconds, low, high } = draw(this.curve, this.id, value, known(value.signal).scale);
    setText(this.curveSpan, about(seconds));
    [high, low].forEach((end, i) => setText(this.scale[i], limit(end)));
  }
}

// Further alerts of HIGH priority behind one that is acknowledged, or of equipment, are named.
const severer = (more) => {
  const high = more.filter((alert) => alert.severity === "high").length;
  return high ? ` (${high} HIGH)` : "";
};

/** One number, or the two of a blood pressure. */
export class Cell {
  constructor(group) {
    const [first] = group;
    const { label, display } = known(first.signal);
    const pair = group.length === 2;
    const name = pair ? "BP" : short(first.signal, label);
    this.num = h("span", { class: "num" });
    this.limits = h("span", { class: "limits" });
    this.age = h("span", { class: "age" });
    this.implausible = h("span", { class: "implausible" });
    this.foot = h("span", { class: "line" }, this.limits, this.age, this.implausible);
    this.root = h("div", { class: "cell" },
      h("dt", { title: group.map((v) => known(v.signal).label).join(" / ") }, h("b", {}, name), h("span", { class: "unit" }, unit(display))),
      h("dd", {}, this.num), h("dd", { class: "foot" }, this.foot));
  }

  update(group, alerts) {
    const [first, second] = group;
    const state = group.every((v) => v.state === "live") ? "live" : first.state === "never" ? "never" : "old";
    setData(this.root, "state", state);
    setData(this.root, "alert", group.map((v) => alerts.get(v.signal)).find(Boolean) ?? "");
    const key = group.map((v) => v.text + v.beyond + v.state).join();
    if (this.num.dataset.key !== key) {
      this.num.dataset.key = key;
      fill(this.num, [
        document.createTextNode(first.text || "–"), ...arrow(first),
        ...(second ? [h("small", {}, `/${second.text || "–"}`), ...arrow(second)] : []),
      ]);
    }
    setText(this.limits, second ? pairLimits(first, second) : limits(first.low, first.high));
    setText(this.age, first.age === null ? "never received" : about(first.age));
    setText(this.implausible, first.implausible === null ? "" : `? ${first.implausible}`);
    this.implausible.title = first.implausible === null ? "" : "implausible value, rejected";
    this.refit(false);
  }

  /** Shrinks what is wider than the cell; measured again only when the size or the number of characters has changed. */
  refit(resized = true) {
    const shape = [this.root.dataset.state, this.num.textContent.length, this.num.childElementCount, this.foot.textContent.length].join();
    if (!resized && shape === this.shape) return;
    this.shape = shape;
    shrink(this.num, this.root);
    shrink(this.foot, this.root);
  }
}

const pairLimits = (sys, dia) => [limits(sys.low, sys.high), limits(dia.low, dia.high)].filter(Boolean).join(" / ");
const arrow = (value) => (value.beyond && value.state === "live" ? [icon(value.beyond === "high" ? "up" : "down"), h("span", { class: "visually-hidden" }, ` beyond its ${value.beyond === "high" ? "upper" : "lower"} limit`)] : []);

/** Values as cells: systolic and diastolic pressure are one. */
export function grouped(values) {
  const dia = values.find((v) => v.signal === "diastolic_bp");
  const pair = dia && values.some((v) => v.signal === "systolic_bp");
  return values.filter((v) => !(pair && v === dia)).map((v) => (pair && v.signal === "systolic_bp" ? [v, dia] : [v]));
}
