// What the screen says about its sound: never silent without a sign.

export const LONGEST_PAUSE = 120; // seconds

/** { name, text, bad }: `on` as chosen, `working` as measured, `paused` seconds left, `elsewhere` another tab sounds. */
export function soundState({ on, working, paused, elsewhere, here }) {
  if (!on) return { name: "off", text: "Sound off", bad: false };
  if (!here) return { name: "not here", text: "No sound on this page", bad: false };
  if (!working) return { name: "not working", text: "SOUND NOT WORKING", bad: true };
  if (paused > 0) return { name: "paused", text: `Sound paused ${Math.ceil(paused)} s`, bad: false };
  if (elsewhere) return { name: "elsewhere", text: "Sound in another tab", bad: false };
  return { name: "on", text: "Sound on", bad: false };
}

/** Of the tabs that show the same and could sound, one does: a visible one before a hidden one, then by name. */
export function soundsHere(own, others, now) {
  const rank = (tab) => `${tab.hidden ? 1 : 0} ${tab.id}`;
  return !others.some((tab) => tab.ward === own.ward && tab.working && now - tab.at < 2500 && rank(tab) < rank(own));
}

/** Until when a tab is paused after a message of another: a pause, and its end, are for all tabs that show the same. */
export function sharedPause(own, until, tab, now) {
  if (tab.ward !== own.ward || !(tab.changes >= own.changes)) return until;
  const theirs = now + Math.min(tab.paused, LONGEST_PAUSE * 1000);
  return tab.changes > own.changes ? theirs : Math.min(until, theirs); // an old message makes no pause longer
}

/** An alert at its severity: one that has become HIGH is new again. */
export const keyOf = (alert) => `${alert.id} ${alert.severity}`;
