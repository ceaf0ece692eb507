"""Ticks of an axis: round numbers, and round times."""

import math

_STEPS = (1.0, 2.0, 5.0, 10.0)
_SECONDS = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
    1_209_600, 2_592_000, 7_776_000, 15_552_000, 31_536_000,
)  # fmt: skip


def number_ticks(low: float, high: float, most: int) -> list[float]:
    """At most so many round numbers from low to high.

    >>> number_ticks(0.13, 0.98, 5)
    [0.2, 0.4, 0.6, 0.8]
    """
    if not high > low:
        return [low]
    least = (high - low) / most
    size = 10.0 ** math.floor(math.log10(least))
    step = next((s * size for s in _STEPS if s * size >= least), 10 * size)
    return _multiples(low, high, step)


def time_ticks(low: float, high: float, most: int) -> list[float]:
    """At most so many round times, in seconds, from low to high.

    >>> time_ticks(0.0, 7000.0, 4)
    [0.0, 1800.0, 3600.0, 5400.0]
    """
    step = next((float(s) for s in _SECONDS if s * most >= high - low), None)
    return number_ticks(low, high, most) if step is None or high - low < most else _multiples(low, high, step)


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, 2 - math.floor(math.log10(step)))
    return [round(i * step, digits) for i in range(first, last + 1)]
