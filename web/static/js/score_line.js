// The line of scores of a tile: the first score whole, the others as far as there is room.

import { fill, h, icon, setData, setText } from "./dom.js";
import { when } from "./format.js";
import { briefPart, due, figure, kind, ranked, trend, unknown } from "./score_text.js";

const MOST_PARTS = 4; // of the first score
const DRIVERS = 2; // of each other one

export class ScoreLine {
  constructor() {
    this.figure = h("span", { class: "figure" });
    this.label = h("b");
    this.old = h("span", { class: "old" });
    this.total = h("span", { class: "total" }, this.label, " ", this.figure, this.old);
    this.due = h("span", { class: "due" });
    this.trend = h("span", { class: "trend" });
    this.others = h("span", { class: "others" });
    this.parts = h("p", { class: "score-parts isolated" });
    // In the head of a small tile whose alert needs all lines: shown whole, or not at all.
    this.short = h("span", { class: "total" });
    this.brief = h("span", { class: "head-score", "aria-hidden": "true" }, h("i"), this.short);
    this.drivers = h("p", { class: "score-parts isolated" });
    this.root = h("div", { class: "tile-scores" }, h("p", { class: "score-line" }, this.total, this.trend, this.due, this.others), this.parts, this.drivers);
  }

  update(data, now) {
    const [first, ...others] = [...data.scores, ...data.unknown_scores];
    this.root.hidden = this.brief.hidden = !first;
    if (!first) return;
    const known = first === data.scores[0];
    setText(this.label, first.label);
    setText(this.figure, known ? figure(first) : "–");
    for (const total of [this.total, this.short]) {
      setData(total, "kind", known ? kind(first) : "none");
      setData(total, "current", !known || first.current ? "yes" : "no");
    }
    setText(this.short, `${first.label} ${this.figure.textContent}`);
    setText(this.old, known && !first.current ? ` ${when(first.at, now)}` : "");
    this.#trend(known && first.current ? trend(first, now) : null);
    const next = known ? due(first, now) : null;
    setText(this.due, next?.brief ?? "");
    setData(this.due, "state", next?.state ?? "");
    this.#others(others.filter((score) => data.scores.includes(score)));
    setText(this.parts, known ? [...driving(first, MOST_PARTS, now), missing(first)].filter(Boolean).join(" · ") : "");
    const driven = data.scores.filter((score) => score !== first).map((score) => [score, driving(score, DRIVERS, now)]).filter(([, parts]) => parts.length);
    setText(this.drivers, driven.map(([score, parts]) => `${score.label} ${figure(score)}: ${parts.join(" · ")}`).join("; "));
  }

  #trend(change) {
    if (this.trend.dataset.key === (change?.brief ?? "")) return;
    this.trend.dataset.key = change?.brief ?? "";
    fill(this.trend, change ? [icon(change.icon), h("span", { class: "was" }, ` ${change.brief}`)] : []);
    this.trend.title = change?.text ?? "";
  }

  // Those that raise an alert first: on a small tile there is room for one or none.
  #others(scores) {
    const shown = scores.toSorted((a, b) => Boolean(b.severity) - Boolean(a.severity));
    const key = shown.map((score) => score.label + figure(score) + score.current).join();
    if (this.others.dataset.key === key) return;
    this.others.dataset.key = key;
    fill(this.others, shown.map((score) => h("span", { class: "other", dataset: { kind: kind(score), current: score.current ? "yes" : "no" } }, `${score.label} `, h("span", { class: "figure" }, figure(score)))));
  }
}

const driving = (score, most, now) => ranked(score).filter((part) => part.points >= 0.5).slice(0, most).map((part) => briefPart(part, score, now));
const missing = (score) => { const names = unknown(score).map(({ label }) => label.toLowerCase()); return names.length ? `not known: ${names.join(", ")}` : ""; };
