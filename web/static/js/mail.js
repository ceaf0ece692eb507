// The demo's mailbox.

import { fill, h } from "./dom.js";
import { follow, now } from "./feed.js";
import { clock, when } from "./format.js";

const list = document.getElementById("mails");

function show(_status, { mails }) {
  document.getElementById("no-mail").hidden = mails.length > 0;
  const key = mails.map((mail) => mail.id).join();
  if (list.dataset.key === key) return;
  const first = list.dataset.key === undefined;
  list.dataset.key = key;
  const expanded = new Set([...list.querySelectorAll("details[open]")].map((d) => d.dataset.id));
  fill(list, mails.map((mail, i) => h("li", { class: "alert-row" }, h("time", { class: "number", datetime: mail.at, title: clock(mail.at) }, when(mail.at, now())),
    h("details", { open: expanded.has(mail.id) || (first && i === 0), dataset: { id: mail.id } }, h("summary", { class: "text isolated" }, mail.subject || "(no subject)"), h("pre", {}, mail.text)))));
}

follow(() => ["/api/v1/status", "/api/v1/mail"], show, 2000);
