// The page of a link in a notification: its buttons acknowledge the alert, or say that its message was seen.

import { clean, segment, setText } from "./dom.js";
import { ask, follow } from "./feed.js";

const byId = (id) => document.getElementById(id);
const { token } = document.body.dataset;
const form = byId("link-form");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const what = event.submitter?.value ?? "ack";
  const buttons = [...form.querySelectorAll("button")];
  buttons.forEach((button) => { button.disabled = true; });
  try {
    const { effect } = await ask(`/api/v1/links/${segment(token)}/${what}`, {
      method: "POST", timeout: 9000, headers: { "Content-Type": "application/json" }, body: JSON.stringify({ by: byId("link-by").value.trim() }),
    });
    setText(byId("link-state"), clean(effect));
    byId("link-problem").hidden = true;
    if (what === "ack") form.hidden = true;
  } catch (error) {
    setText(byId("link-problem"), clean(error.message));
    byId("link-problem").hidden = false;
  }
  buttons.forEach((button) => { button.disabled = false; });
});

// A page that was in the background for long shows what was true then.
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && !byId("link-by")?.value) location.reload();
});

follow(() => ["/api/v1/status"], () => {});
