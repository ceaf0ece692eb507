"""Normal series of many kinds: what sensors, counters and services send while nothing is wrong."""

from collections.abc import Callable

import numpy as np

from detectors.base.columns import Floats

Base = Callable[[np.random.Generator, int], Floats]


def autoregressive(rng: np.random.Generator, n: int, phi: float) -> Floats:
    """An autoregressive series of first order with variance 1."""
    out, steps, last = np.empty(n), rng.normal(size=n) * np.sqrt(1 - phi * phi), float(rng.normal())
    for i, step in enumerate(steps.tolist()):
        out[i] = last = phi * last + step
    return out


def white(rng: np.random.Generator, n: int) -> Floats:
    return 50 + 3 * rng.normal(size=n)


def correlated(rng: np.random.Generator, n: int) -> Floats:
    return 20 + autoregressive(rng, n, 0.9)


def walk(rng: np.random.Generator, n: int) -> Floats:
    return 100 + np.cumsum(0.3 * rng.normal(size=n))


def trend(rng: np.random.Generator, n: int) -> Floats:
    return 10 + 20 * np.arange(n) / n + rng.normal(size=n)


def daily(rng: np.random.Generator, n: int) -> Floats:
    """One sine of 48 values with noise, as a temperature every half hour."""
    return 15 + 6 * np.sin(2 * np.pi * np.arange(n) / 48) + 0.7 * rng.normal(size=n)


def traffic(rng: np.random.Generator, n: int) -> Floats:
    """Requests to a site every hour: day and week multiply, noise grows with the level, counts."""
    hour = np.arange(n)
    day = 1 + 0.6 * np.sin(2 * np.pi * (hour - 8) / 24) + 0.2 * np.sin(4 * np.pi * hour / 24)
    week = np.where(hour // 24 % 7 >= 5, 0.6, 1.0)
    return np.asarray(np.round(800 * day * week * np.exp(0.08 * rng.normal(size=n))))


def pulses(rng: np.random.Generator, n: int) -> Floats:
    """A pulse as of a heart, 60 values or so apart: shape kept, period not quite."""
    out, at = np.zeros(n), 0.0
    t = np.arange(n)
    while at < n + 60:
        near = t[(t > at - 30) & (t < at + 40)]
        out[near] += np.exp(-(((near - at) / 3) ** 2)) + 0.3 * np.exp(-(((near - at - 18) / 7) ** 2))
        out[near] -= 0.2 * np.exp(-(((near - at - 6) / 3) ** 2))
        at += 60 * (1 + 0.03 * rng.normal())
    return out + 0.03 * rng.normal(size=n)


def two_sines(rng: np.random.Generator, n: int) -> Floats:
    t = np.arange(n)
    return np.asarray(np.sin(2 * np.pi * t / 31.7) + 0.5 * np.sin(2 * np.pi * t / 110.3) + 0.1 * rng.normal(size=n))


def counts(rng: np.random.Generator, n: int) -> Floats:
    return rng.poisson(4, size=n).astype(float)


def rare_counts(rng: np.random.Generator, n: int) -> Floats:
    return rng.poisson(0.05, size=n).astype(float)


def quantised(rng: np.random.Generator, n: int) -> Floats:
    """A slow temperature that a sensor rounds to 0.5."""
    return np.round(2 * (21 + 0.3 * autoregressive(rng, n, 0.97))) / 2


def binary(rng: np.random.Generator, n: int) -> Floats:
    """A pump that is on for about 12 values and off for about 30."""
    out, at, on = np.zeros(n), 0, False
    while at < n:
        length = int(rng.integers(10, 15) if on else rng.integers(26, 35))
        out[at : at + length] = on
        at, on = at + length, not on
    return out


def counter(rng: np.random.Generator, n: int) -> Floats:
    """A count that only rises, by 10 or so each time."""
    return np.cumsum(rng.poisson(10, size=n)).astype(float)


def heavy(rng: np.random.Generator, n: int) -> Floats:
    """Waiting times with many large values: Student's t with 3 degrees of freedom."""
    return 200 + 10 * rng.standard_t(3, size=n)


def skewed(rng: np.random.Generator, n: int) -> Floats:
    return 40 * np.exp(0.5 * rng.normal(size=n))


def busy_hours(rng: np.random.Generator, n: int) -> Floats:
    """Steady at night, noisy by day: the spread has a season, the mean has not."""
    return 10 + (0.5 + 2 * (np.sin(2 * np.pi * np.arange(n) / 96) > 0)) * rng.normal(size=n)


def machine(rng: np.random.Generator, n: int) -> Floats:
    """The temperature of a machine that follows its load: slow, with a weak day, and now and then a lower load."""
    load, level = np.zeros(n), 0.0
    for i in range(n):
        if rng.random() < 0.004:
            level = float(rng.normal(0, 4))
        load[i] = level
    out = np.convolve(load, np.exp(-np.arange(120) / 30) / 30, "full")[:n]
    return 80 + out + np.sin(2 * np.pi * np.arange(n) / 288) + 0.8 * autoregressive(rng, n, 0.8)


def processor(rng: np.random.Generator, n: int) -> Floats:
    """The load of a server: low, never below 0, with short bursts that belong to it."""
    out = 8 + np.abs(autoregressive(rng, n, 0.7)) + (rng.random(n) < 0.01) * rng.exponential(15, size=n)
    return np.clip(out, 0, 100)


def sawtooth(rng: np.random.Generator, n: int) -> Floats:
    """A tank that is filled when it is empty."""
    return (np.arange(n) % 75) + 1.5 * rng.normal(size=n)


def vibration(rng: np.random.Generator, n: int) -> Floats:
    """The root mean square of a bearing's vibration: small, a little skewed, almost steady."""
    return np.asarray(
        0.08 * np.exp(0.05 * autoregressive(rng, n, 0.5) + 0.02 * np.cumsum(rng.normal(size=n)) / np.sqrt(n))
    )


def constant(_rng: np.random.Generator, n: int) -> Floats:
    return np.full(n, 37.0)


# The families that the choices were made on; `held_out` has the others.
DEVELOPMENT: dict[str, Base] = {
    base.__name__: base
    for base in (
        white, correlated, walk, trend, daily, traffic, pulses, two_sines, counts, rare_counts, quantised, binary,
        counter, heavy, skewed, busy_hours, machine, processor, sawtooth, vibration, constant,
    )
}  # fmt: skip
