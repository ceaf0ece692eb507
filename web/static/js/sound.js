// The sound of this screen: tones by priority, off until a person turns them on, and always a sign of what it does.

import { setData, setText } from "./dom.js";
import { loudest, PRIORITIES } from "./pulses.js";
import { keyOf, LONGEST_PAUSE, sharedPause, soundsHere, soundState } from "./sound_state.js";
import { Voice } from "./tone.js";

const byId = (id) => document.getElementById(id);
const { page, ward } = document.body.dataset;
const here = page === "ward";
const PAUSABLE = ["on", "paused", "elsewhere"]; // states in which a person can pause, or end a pause
// `changes` counts how often the pause was changed: the highest count among the tabs applies.
const own = { id: Math.random().toString(36).slice(2), ward, changes: 0 };
const others = new Map(); // other tabs by id
const channel = "BroadcastChannel" in window ? new BroadcastChannel("wardwatch-sound") : null;
let context = null;
let voices = {};
let clock = { audio: 0, steady: 0, moved: false }; // the audio clock at the last check
let outputs = null; // the number of loudspeakers that the browser knew
let lost = false;
let pausedUntil = 0;
let alerts = [];
let known = new Set(); // alerts that were active at the last update, each with its severity
let playing = null;

const stored = () => { try { return localStorage.getItem("sound") === "on"; } catch { return own.on === true; } };

function choose(on) {
  own.on = on;
  try { localStorage.setItem("sound", on ? "on" : "off"); } catch { /* for this page only */ }
  pauseFor(0);
  if (on) start();
  else quiet();
  check();
}

// A browser lets a page sound only after a person has touched it.
function start() {
  if (!here) return;
  if (!context) {
    context = new AudioContext();
    voices = Object.fromEntries([...PRIORITIES, "frozen"].map((kind) => [kind, new Voice(context, kind)]));
    context.addEventListener("statechange", check);
  }
  context.resume().catch(() => { /* the state says so */ });
}

function quiet() {
  Object.values(voices).forEach((voice) => voice.quiet());
  playing = null;
}

function pauseFor(seconds) {
  pausedUntil = performance.now() + seconds * 1000;
  own.changes += 1;
}

const pauseLeft = () => Math.max(0, pausedUntil - performance.now()); // milliseconds
const elsewhere = () => !soundsHere(own, [...others.values()], performance.now());
const working = () => context?.state === "running" && clock.moved && !lost;

const state = () => soundState({ on: stored(), here, working: working(), paused: pauseLeft() / 1000, elsewhere: elsewhere() });

function check() {
  const steady = performance.now();
  if (context && steady - clock.steady > 900) {
    clock = { audio: context.currentTime, steady, moved: context.currentTime > clock.audio };
  }
  Object.assign(own, { hidden: document.hidden, working: stored() && working(), paused: pauseLeft() });
  channel?.postMessage(own);
  const now = state();
  show(now);
  sound(now.name === "on" ? loudest(alerts) : null);
  if (now.name === "off" || elsewhere()) voices.frozen?.quiet();
}

function sound(wanted) {
  if (playing !== wanted) {
    PRIORITIES.forEach((kind) => voices[kind]?.quiet());
    playing = wanted;
  }
  if (wanted) voices[wanted].keepSounding();
}

function show({ name, text, bad }) {
  setData(byId("sound"), "state", name);
  setText(byId("sound-text"), text);
  setText(byId("sound-problem"), "SOUND NOT WORKING on this screen: press a key or click anywhere; if this stays, check the loudspeaker.");
  byId("sound-problem").hidden = !bad;
  byId("sound-on").setAttribute("aria-pressed", String(name !== "off"));
  byId("sound-off").setAttribute("aria-pressed", String(name === "off"));
  byId("sound-pause").disabled = !PAUSABLE.includes(name);
  setText(byId("sound-pause"), name === "paused" ? "Sound again" : `Pause for ${LONGEST_PAUSE} s`);
}

/** What the screen shows now. A new HIGH alert, and one that has become HIGH, ends a pause. */
export function follows(shown) {
  alerts = shown;
  const fresh = alerts.some((a) => a.severity === "high" && !a.ack && !known.has(keyOf(a)));
  if (fresh && known.size && pauseLeft() > 0) pauseFor(0);
  known = new Set(["", ...alerts.map(keyOf)]);
  check();
}

/** Pause for at most two minutes, or end the pause. */
export function pause() {
  if (!PAUSABLE.includes(state().name)) return;
  pauseFor(pauseLeft() > 0 ? 0 : LONGEST_PAUSE);
  check();
}

function test() {
  start();
  const kind = PRIORITIES.find((severity) => byId("sound-test").value === severity);
  voices[kind]?.once();
}

function hear(tab) {
  others.set(tab.id, tab);
  pausedUntil = sharedPause(own, pausedUntil, tab, tab.at);
  if (tab.ward !== own.ward || !(tab.changes > own.changes)) return; // an older page counts none
  own.changes = tab.changes;
  check();
}

async function loudspeakers() {
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  const found = devices.filter((device) => device.kind === "audiooutput").length;
  lost = outputs > 0 && found === 0;
  if (found) outputs = found;
  check();
}

channel?.addEventListener("message", ({ data }) => hear({ ...data, at: performance.now() }));
// Without a further update the tone of a frozen screen begins by itself, even if no script runs any more.
document.addEventListener("updated", ({ detail }) => { if (["on", "paused"].includes(state().name) && !elsewhere()) voices.frozen.soundUnlessRenewed(detail.left, 40); });
["pointerdown", "keydown"].forEach((event) => document.addEventListener(event, () => { if (stored()) start(); }, { capture: true }));
navigator.mediaDevices?.addEventListener("devicechange", loudspeakers);
if (navigator.mediaDevices) loudspeakers();
addEventListener("storage", check);
byId("sound").addEventListener("click", () => { byId("sounds").hidden = !byId("sounds").hidden; });
byId("sound-on").addEventListener("click", () => choose(true));
byId("sound-off").addEventListener("click", () => choose(false));
byId("sound-pause").addEventListener("click", pause);
byId("sound-play").addEventListener("click", test);
byId("sound-play").disabled = !here;
if (stored()) start();
setInterval(check, 1000);
check();
