// The ward page: tiles by priority, moved as little as possible.

import { acknowledge, busy } from "./ack.js";
import { contentAround, h, icon, refill, setData, setText, withContent } from "./dom.js";
import { announce, follow, now } from "./feed.js";
import { muted } from "./notifications.js";
import { notEvaluated } from "./alert_text.js";
import { signals } from "./catalogue.js";
import { Tile } from "./tile.js";
import { PRIORITIES, short, titled, unit, when } from "./format.js";
import { columnsFor } from "./room.js";
import { follows, pause } from "./sound.js";
import { keyOf } from "./sound_state.js";

const grid = document.getElementById("tiles");
const { feed, ward } = document.body.dataset;
const tiles = new Map();
const main = document.getElementById("main");
const phone = matchMedia("(max-width: 700px)");
const MARGIN = 10; // pixels around the tiles
let announced = null; // alerts that were announced already, each with its severity

const act = (data) => acknowledge(data.alerts.filter((alert) => !alert.ack), () => refresh());

function show(board, catalogue) {
  catalogue?.forEach((signal) => signals.set(signal.signal, signal));
  const at = now();
  for (const data of board.beds) {
    if (!tiles.has(data.id)) tiles.set(data.id, new Tile(data.id, act));
    tiles.get(data.id).update(data, at, ward);
  }
  for (const [id, tile] of tiles) {
    if (!board.beds.some((data) => data.id === id)) { tile.root.remove(); tiles.delete(id); }
  }
  if (!busy()) arrange(board.beds.map((data) => tiles.get(data.id).root));
  document.getElementById("nothing").hidden = board.beds.length > 0;
  strips(board, at);
  columns();
  announceNew(board);
  follows(active(board));
}

function columns() {
  const strips = document.getElementById("strips").offsetHeight;
  const found = columnsFor(tiles.size, main.clientWidth - MARGIN, main.clientHeight - strips - 2 * MARGIN);
  if (grid.dataset.columns !== String(found.columns)) {
    grid.dataset.columns = String(found.columns);
    grid.style.setProperty("--columns", found.columns);
  }
  countBelow();
}

// Beds that the page must be scrolled for are counted, on a screen where all are expected at once.
function countBelow() {
  const bottom = main.getBoundingClientRect().bottom;
  const hidden = phone.matches ? 0 : [...grid.children].filter((root) => root.getBoundingClientRect().bottom > bottom + 1).length;
  const below = document.getElementById("below");
  setText(below, `↓ ${hidden} more ${hidden === 1 ? "bed" : "beds"} below`);
  below.hidden = hidden === 0;
}

// An element that is moved loses the focus: it is restored, so that the keys go on working.
function arrange(wanted) {
  const focused = document.activeElement;
  wanted.forEach((root, i) => {
    if (grid.children[i] !== root) grid.insertBefore(root, grid.children[i] ?? null);
  });
  if (focused && focused !== document.activeElement && grid.contains(focused)) focused.focus({ preventScroll: true });
}

function strips(board, at) {
  const others = document.getElementById("others");
  others.hidden = board.others.length === 0;
  setText(document.getElementById("others-count"), board.others_total > 12 ? `(${board.others_total}, the first 12 are shown: all are on the page Alerts)` : `(${board.others_total})`);
  refill(others.querySelector("ul"), board.others.slice(0, 12).map((alert) => h("li", { dataset: { id: alert.id, priority: alert.ack ? "acknowledged" : alert.severity } },
    h("span", { class: "badge", dataset: { severity: alert.severity } }, icon(alert.ack ? "acknowledged" : alert.severity), alert.severity.toUpperCase()),
    h("a", { class: "isolated", href: `/alerts?alert=${encodeURIComponent(alert.id)}` }, titled(alert)),
    h("span", { class: "secondary isolated" }, [muted(alert, at), alert.ack ? `acknowledged by ${alert.ack.by}` : "unacknowledged"].filter(Boolean).join(" · ")))));
  const unassigned = document.getElementById("unassigned");
  unassigned.hidden = board.unassigned.length === 0;
  setText(document.getElementById("unassigned-count"), `(${board.unassigned_total})`);
  refill(unassigned.querySelector("ul"), board.unassigned.slice(0, 12).map((data) => withContent(unassignedDevice(data, at), data)));
}

function unassignedDevice(data, at) {
  const [name, word] = PRIORITIES[data.priority];
  const values = data.values.slice(0, 4).map((v) => {
    const { label, display } = signals.get(v.signal) ?? { label: v.signal, display: "" };
    return h("span", { class: "isolated" }, `${short(v.signal, label)} `, h("span", { class: "num" }, v.state === "never" ? "–" : v.text), ` ${unit(display)}`);
  });
  const [alert] = data.alerts;
  const behind = data.evaluated ? null : h("span", { class: "isolated" }, notEvaluated(data, at));
  const state = data.data === "none" ? `NO DATA since ${when(data.data_since, at)}` : word;
  return h("li", { dataset: { id: data.id, priority: data.priority, data: data.data } },
    h("span", { class: "badge", dataset: data.severity ? { severity: data.severity } : { state: data.priority === "no alert" ? "ok" : "empty" } }, icon(data.data === "none" ? "none" : name), state),
    h("b", { class: "isolated" }, data.label), h("span", { class: "secondary isolated" }, data.ward), ...values, behind,
    alert ? h("span", { class: "isolated" }, alert.text) : null,
    alert && !alert.ack ? h("button", { type: "button", onclick: (e) => act(contentAround(e.currentTarget)) }, "Acknowledge") : null,
    alert?.ack ? h("span", { class: "isolated" }, `✓ acknowledged by ${alert.ack.by}`) : null);
}

const active = (board) => [...board.beds, ...board.unassigned].flatMap((tile) => tile.alerts).concat(board.others);

function announceNew(board) {
  const open = active(board).filter((alert) => !alert.ack);
  const fresh = announced === null ? [] : open.filter((alert) => !announced.has(keyOf(alert)));
  announced = new Set(open.map(keyOf));
  if (fresh.length) announce(fresh.slice(0, 3).map((alert) => `${alert.severity}: ${titled(alert)}`).join(". "));
}

// Arrow keys move in the grid; Tab follows the priority.
function keys(event) {
  const root = event.target.closest?.(".tile");
  if (!root || event.ctrlKey || event.metaKey || event.altKey || busy()) return;
  const all = [...grid.children];
  const i = all.indexOf(root);
  const columns = all.findIndex((tile) => tile.offsetTop > all[0].offsetTop);
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns < 0 ? all.length : columns, ArrowUp: columns < 0 ? -all.length : -columns }[event.key];
  const tile = tiles.get(root.id.slice("tile-".length));
  if (step !== undefined) all[Math.min(all.length - 1, Math.max(0, i + step))].focus();
  else if (event.key === "Home") all[0].focus();
  else if (event.key === "End") all.at(-1).focus();
  else if (event.key === "a") act(tile.data);
  else if (event.key === "Enter" && event.target === root) location.assign(tile.link.href);
  else return;
  event.preventDefault();
}

grid.addEventListener("keydown", keys);
addEventListener("resize", columns);
main.addEventListener("scroll", countBelow);
// Without a focus, the first arrow key or `a` goes to the bed of highest priority.
document.addEventListener("keydown", (event) => {
  if (event.key === "p" && !event.ctrlKey && !event.metaKey && !event.altKey && !busy() && !event.target.closest?.("input, select")) pause();
  if (event.target !== document.body || busy() || !grid.firstElementChild) return;
  if (["ArrowDown", "ArrowRight", "a"].includes(event.key)) { grid.firstElementChild.focus(); event.preventDefault(); }
});

setData(document.body, "ready", "no");
const refresh = follow(() => (signals.size ? [feed] : [feed, "/api/v1/signals"]), show);
