"""Normal series of other kinds: they were scored only when everything was chosen."""

import numpy as np

from detectors.base.columns import Floats
from quality.unknown.bases import Base, autoregressive


def tide(rng: np.random.Generator, n: int) -> Floats:
    """Two near frequencies, which beat, and a little noise."""
    t = np.arange(n)
    return np.asarray(3 * np.sin(2 * np.pi * t / 24.8) + np.sin(2 * np.pi * t / 24) + 0.3 * rng.normal(size=n))


def elevator(rng: np.random.Generator, n: int) -> Floats:
    """A motor's current: off for a random time, then on for another."""
    on = np.cumsum(rng.exponential(18, size=n)).astype(int)
    state = np.searchsorted(on, np.arange(n), side="right") % 2
    return np.asarray(0.2 + 6.0 * state + 0.15 * rng.normal(size=n))


def battery(rng: np.random.Generator, n: int) -> Floats:
    """A charge in percent that falls at a changing rate and is filled up at once."""
    out, charge = np.empty(n), 100.0
    for i in range(n):
        charge -= float(rng.gamma(2, 0.4))
        if charge < 15:
            charge = 100.0
        out[i] = charge
    return np.round(out)


def market(rng: np.random.Generator, n: int) -> Floats:
    """A price: a random walk of its logarithm, calm and rough in turn."""
    rough = np.exp(0.7 * autoregressive(rng, n, 0.98))
    return np.asarray(100 * np.exp(np.cumsum(0.003 * rough * rng.normal(size=n))))


def latency(rng: np.random.Generator, n: int) -> Floats:
    """Milliseconds of an answer: longer by day, never below 20, skewed."""
    day = 1 + 0.5 * np.sin(2 * np.pi * np.arange(n) / 144)
    return np.asarray(20 + 10 * day * np.exp(0.4 * autoregressive(rng, n, 0.5)))


def calls(rng: np.random.Generator, n: int) -> Floats:
    """Calls in ten minutes: few, fewer at night."""
    return rng.poisson(1.5 + 1.4 * np.sin(2 * np.pi * np.arange(n) / 144)).astype(np.float64)


def breathing(rng: np.random.Generator, n: int) -> Floats:
    """A breath every 40 values or so, now deeper, now flatter."""
    phase = np.cumsum(2 * np.pi / 40 * (1 + 0.1 * autoregressive(rng, n, 0.99)))
    return np.asarray((1 + 0.2 * autoregressive(rng, n, 0.98)) * np.sin(phase) + 0.05 * rng.normal(size=n))


def saturation(rng: np.random.Generator, n: int) -> Floats:
    """A saturation in whole percent that cannot be above 100."""
    return np.asarray(np.minimum(np.round(97.5 + 1.2 * autoregressive(rng, n, 0.95)), 100.0))


def set_points(rng: np.random.Generator, n: int) -> Floats:
    """A controlled temperature whose set point changes every 200 values or so: these changes are normal."""
    changes = rng.random(n) < 1 / 200
    levels = rng.choice([18.0, 20.0, 22.0, 24.0], size=n)
    held = np.maximum.accumulate(np.where(changes, np.arange(n), 0))
    return np.asarray(levels[held] + 0.2 * autoregressive(rng, n, 0.6))


def sunshine(rng: np.random.Generator, n: int) -> Floats:
    """Power of a solar cell: nothing at night, clouds by day."""
    day = np.maximum(np.sin(2 * np.pi * np.arange(n) / 96), 0)
    return np.asarray(np.round(500 * day * np.clip(0.8 + 0.2 * autoregressive(rng, n, 0.9), 0, 1)))


HELD_OUT: dict[str, Base] = {
    base.__name__: base
    for base in (tide, elevator, battery, market, latency, calls, breathing, saturation, set_points, sunshine)
}
