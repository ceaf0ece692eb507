// The catalogue of signals.

/** Signals by name, filled once by the page. */
export const signals = new Map();

/** The signal of a name; one with default properties where the catalogue has none. */
export const known = (name) => signals.get(name) ?? { label: name, display: "", precision: 1 };
