// The scores on the page of a bed: one template for all of them.

import { fill, h, icon, s, segment, setData, setText } from "./dom.js";
import { ask, now } from "./feed.js";
import { clock, minutes, span, when } from "./format.js";
import { digits, due, figure, kind, points, ranked, stale, trend, unknown } from "./score_text.js";

const root = document.getElementById("scores");
const shown = new Map(); // rule → its element
const courses = new Map(); // rule → its curve
const DAY = 86_400_000; // milliseconds
const GAP = 300_000; // milliseconds without a score that are a gap

/** Show the scores of a bed. */
export function scores(tile, at) {
  const wanted = [...tile.scores, ...tile.unknown_scores];
  document.getElementById("scores-panel").hidden = wanted.length === 0;
  const rules = wanted.map(({ rule }) => rule).join();
  if (root.dataset.rules !== rules) {
    root.dataset.rules = rules;
    wanted.filter(({ rule }) => !shown.has(rule)).forEach(({ rule }) => shown.set(rule, new Score()));
    fill(root, wanted.map(({ rule }) => shown.get(rule).root));
  }
  tile.scores.forEach((score) => shown.get(score.rule).update(score, at));
  tile.unknown_scores.forEach((score) => shown.get(score.rule).nothing(score));
}

/** Ask for the course of the scores and draw it. */
export async function scoreCurves(bed) {
  const found = await ask(`/api/v1/beds/${segment(bed)}/scores`, { timeout: 9000 });
  found.scores.forEach((curve) => courses.set(curve.rule, { ...curve, start: found.start, end: found.end }));
  shown.forEach((score, rule) => score.draw(courses.get(rule)));
}

class Score {
  constructor() {
    this.label = h("span");
    this.figure = h("span", { class: "figure" });
    this.highest = h("small");
    this.trend = h("span", { class: "trend" });
    this.text = h("p", { class: "isolated" });
    this.stale = h("p", { class: "problem-mark" });
    this.response = h("p", { class: "response isolated" });
    this.due = h("p", { class: "due" });
    this.svg = s("svg", { viewBox: "0 0 300 60", preserveAspectRatio: "none", "aria-hidden": "true" });
    this.caption = h("figcaption", { class: "secondary" });
    this.course = h("figure", { class: "course", hidden: true }, this.svg, this.caption);
    this.body = h("tbody");
    this.head = h("tr");
    this.table = h("div", { class: "wide" }, h("table", {}, h("thead", {}, this.head), this.body));
    this.root = h("article", { class: "score" },
      h("h3", {}, this.label, " ", this.figure, " ", this.highest, " ", this.trend), this.stale, this.response, this.text, this.due, this.course, this.table);
  }

  update(score, at) {
    this.#heading(score.label, figure(score), kind(score), score.current ? "yes" : "no");
    this.shown = score;
    setText(this.highest, `of ${score.highest}`);
    const change = trend(score, at);
    if (this.trend.dataset.key !== (change?.text ?? "")) fill(this.trend, change ? [icon(change.icon), " ", change.text] : []);
    this.trend.dataset.key = change?.text ?? "";
    setText(this.text, score.text);
    const old = stale(score, at);
    this.stale.hidden = !old;
    setText(this.stale, old && `As of ${clock(score.at)}: ${old}`);
    setText(this.response, score.response);
    const next = due(score, at);
    this.due.hidden = !next;
    if (next) setText(this.due, next.text);
    setData(this.due, "state", next?.state ?? "");
    this.#parts(score, at);
  }

  /** Nothing is known of this score. */
  nothing({ label }) {
    this.#heading(label, "–", "none", "yes");
    setText(this.text, "Nothing is known yet.");
    [this.highest, this.trend, this.response, this.due].forEach((node) => setText(node, ""));
    this.stale.hidden = true;
    fill(this.head, []);
    fill(this.body, []);
  }

  #heading(label, text, of, current) {
    setText(this.label, label);
    setText(this.figure, text);
    setData(this.figure, "kind", of);
    setData(this.figure, "current", current);
    this.figure.setAttribute("aria-label", text.replace("≥", "at least").replace("–", "not known"));
  }

  #parts(score, at) {
    const counted = score.parts.some((part) => part.points !== null);
    const names = ["Part", "Value", ...(counted ? ["Points"] : []), "Age"];
    if (this.head.children.length !== names.length) fill(this.head, names.map((name) => h("th", { scope: "col", class: name === "Points" ? "n" : "" }, name)));
    const missing = new Set(unknown(score));
    const rows = ranked(score).map((part) => row(part, score, missing.has(part), counted, at));
    const key = rows.map((one) => one.textContent).join("|");
    if (this.body.dataset.key !== key) fill(this.body, rows);
    this.body.dataset.key = key;
  }

  draw(curve) {
    this.course.hidden = !curve?.at.length;
    if (this.course.hidden) return;
    const from = Date.parse(curve.start);
    const end = Date.parse(curve.end);
    const low = Math.min(...curve.at_least);
    const high = Math.max(...curve.at_least, low + 1);
    const x = (at) => (300 * (Date.parse(at) - from)) / (end - from);
    const y = (value) => 58 - (56 * (value - low)) / (high - low);
    const paths = { total: "", least: "" };
    curve.at.forEach((at, i) => {
      const next = curve.at[i + 1] ?? at;
      const until = Date.parse(next) - Date.parse(at) > GAP ? at : next;
      paths[curve.value[i] === null ? "least" : "total"] += `M${x(at).toFixed(1)} ${y(curve.at_least[i]).toFixed(1)}H${(x(until) + 0.4).toFixed(1)}`;
    });
    this.svg.replaceChildren(...Object.entries(paths).filter(([, d]) => d).map(([name, d]) => s("path", { d, class: name })));
    setText(this.caption, `${end - from < DAY - 60_000 ? `Since this patient came, ${when(curve.start, now())}` : `Since ${when(curve.start, now())}`}: lowest ${digits(low, this.shown)}, highest ${digits(Math.max(...curve.at_least), this.shown)}${paths.least ? "; dashed: at least so much" : ""}`);
  }
}

function row(part, score, missing, counted, at) {
  const value = part.state === "never" ? "not known" : part.text;
  const age = part.at ? span(Math.max(0, at - Date.parse(part.at)) / 1000) : "–";
  return h("tr", { dataset: { state: part.state, missing: missing ? "yes" : "no" } }, h("th", { scope: "row" }, part.label),
    h("td", {}, h("span", { class: "isolated part-value" }, value), part.state === "old" ? h("b", {}, " too old: not counted") : null),
    counted ? h("td", { class: "n" }, points(part, score)) : null, h("td", { class: "nowrap", title: part.at ? minutes(part.at) : "" }, age));
}
