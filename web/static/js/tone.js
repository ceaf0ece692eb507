// Tones by WebAudio. Pulses are scheduled in the audio clock, so they sound on time while scripts are slow.

import { burst, HARMONICS } from "./pulses.js";

const LEVEL = 0.25; // all pulses are equally loud
const EDGE = 0.01; // seconds in which a pulse rises and falls

/** One kind of burst on an audio context. */
export class Voice {
  constructor(context, kind) {
    this.context = context;
    this.burst = burst(kind);
    this.gain = context.createGain();
    this.gain.gain.value = 0;
    const tone = context.createOscillator();
    tone.setPeriodicWave(context.createPeriodicWave(new Float32Array(HARMONICS.length + 1), Float32Array.of(0, ...HARMONICS)));
    tone.frequency.value = this.burst.tone;
    tone.connect(this.gain).connect(context.destination);
    tone.start();
    this.next = 0; // when the next burst begins, in seconds of the audio clock
  }

  /** Sound from now on, and go on for at least `ahead` seconds without another call. */
  keepSounding(ahead = 2) {
    const now = this.context.currentTime;
    this.next = Math.max(this.next, now + 0.05);
    while (this.next < now + ahead) this.#schedule();
  }

  /** Sound once. */
  once() {
    this.quiet();
    this.next = this.context.currentTime + 0.05;
    this.#schedule();
  }

  /** Sound `bursts` times, beginning in `delay` seconds, unless this is called again before. */
  soundUnlessRenewed(delay, bursts) {
    this.quiet();
    this.next = this.context.currentTime + delay;
    for (let i = 0; i < bursts; i += 1) this.#schedule();
  }

  quiet() {
    this.gain.gain.cancelScheduledValues(0);
    this.gain.gain.setValueAtTime(0, this.context.currentTime);
    this.next = 0;
  }

  #schedule() {
    for (const { at, length } of this.burst.pulses) {
      const start = this.next + at;
      this.gain.gain.setValueAtTime(0, start);
      this.gain.gain.linearRampToValueAtTime(LEVEL, start + EDGE);
      this.gain.gain.setValueAtTime(LEVEL, start + length - EDGE);
      this.gain.gain.linearRampToValueAtTime(0, start + length);
    }
    this.next += this.burst.every;
  }
}
