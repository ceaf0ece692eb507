// Pages of a long list: buttons for the previous and the next page, and which part is shown.

import { fill, h } from "./dom.js";

export const PAGE = 200;

/** The pages of one list in `nav`; `turn` is called after another page was chosen. */
export class Pages {
  constructor(nav, turn) {
    this.offset = 0;
    this.nav = nav;
    this.shown = h("span", { role: "status" });
    this.previous = h("button", { type: "button", onclick: () => this.#go(-PAGE, turn) }, "Previous");
    this.next = h("button", { type: "button", onclick: () => this.#go(PAGE, turn) }, "Next");
    fill(nav, [this.previous, this.shown, this.next]);
  }

  /** The parameters of the request for this page. */
  get query() {
    return { limit: PAGE, offset: this.offset };
  }

  first() {
    this.offset = 0;
  }

  /** Show where `answer` is in the whole list. A page beyond its end, as when alerts have ended, is left: then true. */
  update({ offset, total, alerts }) {
    this.offset = offset;
    this.nav.hidden = total <= PAGE && offset === 0;
    const text = `${offset + 1}–${offset + alerts.length} of ${total}`;
    if (this.shown.textContent !== text) this.shown.textContent = text;
    this.previous.disabled = offset === 0;
    this.next.disabled = offset + alerts.length >= total;
    if (alerts.length > 0 || offset === 0) return false;
    this.offset = total > 0 ? Math.floor((total - 1) / PAGE) * PAGE : 0;
    return true;
  }

  #go(step, turn) {
    this.offset = Math.max(0, this.offset + step);
    turn();
    this.nav.parentElement.scrollIntoView({ block: "start" });
  }
}
