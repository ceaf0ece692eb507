// The tones of priorities, as bursts of pulses: IEC 60601-1-8 as a design target, without a claim of compliance.

const SHAPES = {
  high: { groups: [5, 5], pulse: 0.15, spacing: 0.1, between: 0.5, pause: 5, tone: 523 },
  medium: { groups: [3], pulse: 0.2, spacing: 0.2, between: 0, pause: 10, tone: 440 },
  low: { groups: [2], pulse: 0.2, spacing: 0.2, between: 0, pause: 20, tone: 330 },
  // A screen without updates: long and deep, like no alert.
  frozen: { groups: [2], pulse: 0.6, spacing: 0.3, between: 0, pause: 3, tone: 196 },
};

export const PRIORITIES = ["high", "medium", "low"];
/** The levels of a tone's harmonics, from the fundamental on. */
export const HARMONICS = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3];

/** One burst: its pulses as { at, length } in seconds from its beginning, after how long the next one begins, its tone in Hz. */
export function burst(kind) {
  const { groups, pulse, spacing, between, pause, tone } = SHAPES[kind];
  const pulses = [];
  let at = 0;
  groups.forEach((count, group) => {
    if (group) at += between - spacing;
    for (let i = 0; i < count; i += 1, at += pulse + spacing) pulses.push({ at: round(at), length: pulse });
  });
  return { pulses, every: round(at - spacing + pause), tone };
}

/** The alerts of a screen that sound: neither acknowledged nor muted. */
export const sounding = (alerts) => alerts.filter((a) => !a.ack && !a.silenced_by.length && !a.inhibited_by.length);

/** The highest priority that sounds among some alerts; null where it is quiet. */
export const loudest = (alerts) => PRIORITIES.find((severity) => sounding(alerts).some((a) => a.severity === severity)) ?? null;

const round = (seconds) => Math.round(seconds * 1000) / 1000;
