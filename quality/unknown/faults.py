"""What goes wrong in a series: each fault changes a stretch of it, and says which values are not normal."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from detectors.base.columns import Floats

# Changes the values from the first index on, in place, and returns the end of what is labelled.
Fault = Callable[[np.random.Generator, Floats, int], int]


def spike(rng: np.random.Generator, x: Floats, at: int) -> int:
    x[at] += _side(rng) * 9 * _noise(x[:at])
    return at + 1


def cluster(rng: np.random.Generator, x: Floats, at: int) -> int:
    x[at : at + 6] += _side(rng) * 6 * _noise(x[:at])
    return at + 6


def shift(rng: np.random.Generator, x: Floats, at: int) -> int:
    """A new level that stays."""
    x[at:] += _side(rng) * 2 * _spread(x[:at])
    return min(at + 60, len(x))


def plateau(rng: np.random.Generator, x: Floats, at: int) -> int:
    """Another level for a while."""
    end = at + int(rng.integers(40, 120))
    x[at:end] += _side(rng) * 2 * _spread(x[:at])
    return end


def drift(rng: np.random.Generator, x: Floats, at: int) -> int:
    """A trend that begins and does not end."""
    x[at:] += _side(rng) * 3 * _spread(x[:at]) * np.arange(len(x) - at) / 150
    return len(x)


def noisy(rng: np.random.Generator, x: Floats, at: int) -> int:
    end = at + 100
    x[at:end] += 3 * _noise(x[:at]) * rng.normal(size=len(x[at:end]))
    return end


def stuck(_rng: np.random.Generator, x: Floats, at: int) -> int:
    end = at + 80
    x[at:end] = x[at]
    return end


def smooth(_rng: np.random.Generator, x: Floats, at: int) -> int:
    """The noise becomes a fifth of what it was."""
    end = at + 100
    kernel = np.ones(25) / 25
    x[at:end] = np.convolve(np.pad(x[at:end], 12, mode="edge"), kernel, "valid")[: len(x[at:end])]
    return end


def faster(_rng: np.random.Generator, x: Floats, at: int) -> int:
    """The same course at one and a half times its speed."""
    end = at + 120
    course = np.interp(at + 1.5 * np.arange(120), np.arange(len(x)), x)
    x[at:end] = course[: len(x[at:end])]
    return end


def reversed_course(_rng: np.random.Generator, x: Floats, at: int) -> int:
    end = at + 90
    x[at:end] = x[at:end][::-1].copy()
    return end


def mirrored(_rng: np.random.Generator, x: Floats, at: int) -> int:
    """High where it is low, as in a season that is missed."""
    end = at + 90
    x[at:end] = 2 * np.median(x[:at]) - x[at:end]
    return end


def onset(rng: np.random.Generator, x: Floats, at: int) -> int:
    """Wear: level and noise grow faster and faster until the end."""
    grown = np.arange(len(x) - at) / 100
    x[at:] += _noise(x[:at]) * (np.expm1(grown) + grown * rng.normal(size=len(x) - at)).clip(-1e3, 1e3)
    return len(x)


def zeros(rng: np.random.Generator, x: Floats, at: int) -> int:
    end = at + int(rng.integers(3, 12))
    x[at:end] = 0.0
    return end


def _side(rng: np.random.Generator) -> float:
    return float(rng.choice([-1.0, 1.0]))


def _noise(x: Floats) -> float:
    """The usual change from one value to the next, but never 0."""
    return max(float(np.std(np.diff(x))) / math.sqrt(2), 0.2 * float(np.std(x)), 1e-3 * float(np.abs(x).max()))


def _spread(x: Floats) -> float:
    return max(float(np.std(x - np.linspace(x[0], x[-1], len(x)))), 1e-3 * float(np.abs(x).max()))


_STEADY = (spike, cluster, shift, plateau, drift, noisy, stuck, smooth, onset)
_PERIODIC = (spike, cluster, shift, stuck, faster, reversed_course, mirrored, noisy)
_ODD = (spike, plateau, stuck, zeros)
# Which faults make sense in which normal series.
FITTING: Mapping[str, tuple[Fault, ...]] = {
    "white": _STEADY, "correlated": _STEADY, "walk": (spike, cluster, noisy, stuck, shift), "trend": _STEADY,
    "daily": _PERIODIC, "traffic": (*_PERIODIC, zeros), "pulses": _PERIODIC, "two_sines": _PERIODIC,
    "counts": (shift, plateau, cluster, stuck, drift), "rare_counts": (cluster, plateau, spike),
    "quantised": (shift, plateau, spike, stuck, drift), "binary": (stuck, faster, mirrored),
    "counter": (spike, stuck, shift), "heavy": (shift, plateau, drift, noisy, onset),
    "skewed": (shift, plateau, onset), "busy_hours": (spike, shift, stuck), "machine": (shift, zeros, stuck, noisy),
    "processor": (plateau, shift, stuck, onset), "sawtooth": _PERIODIC, "vibration": (onset, shift, noisy, spike),
    "constant": (spike, shift, noisy), "tide": _PERIODIC, "elevator": (spike, stuck, shift, zeros),
    "battery": (spike, stuck, faster), "market": (spike, cluster, noisy, stuck),
    "latency": (plateau, shift, stuck, onset, cluster), "calls": (plateau, shift, stuck, cluster),
    "breathing": (stuck, faster, noisy, spike, shift), "saturation": (plateau, stuck, zeros, shift),
    "set_points": (spike, noisy, stuck, zeros), "sunshine": (spike, stuck, mirrored, zeros),
}  # fmt: skip
