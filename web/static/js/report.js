// Pages of reports: printing, mailing, and how old the report is. The report itself is made by the server.

import { setText } from "./dom.js";
import { ask, follow, now } from "./feed.js";
import { span } from "./format.js";

const OLD_AFTER = 60; // seconds after which the page says how old it is

const made = Date.parse(document.body.dataset.made);
const age = document.getElementById("age");
const result = document.getElementById("mail-result");
const form = document.getElementById("mail");

document.getElementById("print")?.addEventListener("click", () => window.print());

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const { url, ward, shift } = form.dataset;
    const body = JSON.stringify({ by: form.elements.by.value, ward, shift });
    const answer = await ask(url, { method: "POST", body, headers: { "content-type": "application/json" }, timeout: 10000 });
    setText(result, answer.effect);
  } catch (error) {
    setText(result, error.message);
  }
  button.disabled = false;
});

follow(() => ["/api/v1/status"], () => {
  const seconds = (now() - made) / 1000;
  age.hidden = seconds < OLD_AFTER;
  setText(age, `This report is ${span(seconds)} old, and does not change by itself: load the page again for what is open now.`);
});
