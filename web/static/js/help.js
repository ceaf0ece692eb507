// The keys of a page, on `?`; and the panels of the head, which Escape closes.

import { busy } from "./ack.js";

const byId = (id) => document.getElementById(id);
const PANELS = ["keys", "sounds"];
const typing = (node) => node.closest?.("input, textarea, select") !== null;

function toggle() {
  byId("keys").hidden = !byId("keys").hidden;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || busy() || typing(event.target)) return;
  if (event.key === "?") toggle();
  else if (event.key === "Escape" && PANELS.some((id) => !byId(id).hidden)) {
    PANELS.filter((id) => !byId(id).hidden).forEach((id) => { byId(id).hidden = true; byId(id === "keys" ? "help" : "sound").focus(); });
  } else return;
  event.preventDefault();
});
byId("help").addEventListener("click", toggle);
