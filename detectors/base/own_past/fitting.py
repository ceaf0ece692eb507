"""What fits a series: its season, whether it keeps a level, and a forecast; learned anew from its past now and then."""

import math
from typing import NamedTuple

import numpy as np

from detectors.base.columns import Floats
from detectors.base.own_past import parts
from detectors.base.own_past.autoregression import ORDER, coefficients, forecasts, gain, scatter, without_extremes
from detectors.base.own_past.block_maxima import BLOCKS, FIRST_BLOCK
from detectors.base.own_past.limits import set_limits
from detectors.base.own_past.memory import INTERVALS, KEPT, Memory
from detectors.base.own_past.parts import FLAT, LEVELS, RECENT, SHAPE
from detectors.base.own_past.season import find_season

# The next fit is after a quarter more values, at most so many.
_LONGEST_WAIT = 256
# After a new normal, so many values are the past.
_SHORTEST_PAST = 64
# From so many values on the level of a steady series has a limit.
_KNOWN_LEVEL = 160.0
# An error is an extreme from so many times the usual one on.
_EXTREME = 6.0


class _Left(NamedTuple):
    """The values of the past; what the season leaves of them; and errors of the forecast, those of normal size."""

    x: Floats
    left: Floats
    errors: Floats
    sizes: Floats


def fit(memory: Memory) -> None:
    """Learn what fits the past. Where something else fits than before, the limits of all parts are learned from it."""
    m = memory
    m.next_fit = m.count + (max(8.0, m.count // 4) if m.count < KEPT else _LONGEST_WAIT)
    if not m.interval and m.count > INTERVALS:
        m.interval = _regular_interval(m.intervals)
    x = m.past(max(int(m.count - m.begin), _SHORTEST_PAST)).copy()
    before = _structure(m)
    low, high = np.percentile(x, (5, 95)).tolist()
    room = 10 * (high - low) + m.resolution
    m.lowest, m.highest = low - room, high + room
    corrected = _corrections(m, x)
    left = _fit_season(m, x)
    _fit_level(m, left)
    known = _fit_forecast(m, x, left)
    _set_floors(m, x)
    recent, end = len(corrected), int(m.recent_end)
    m.recent[end - recent : end] = left[-recent:] + corrected
    if not m.fitted:
        m.errors[end - recent : end] = known.sizes[-recent:]
    if not m.fitted or _structure(m) != before:
        _learn_limits(m, known)
    m.fitted = 1.0


def _corrections(m: Memory, x: Floats) -> Floats:
    """By how much each recent value was changed when it was taken, as extreme ones are."""
    recent, end = min(len(x), RECENT), int(m.recent_end)
    taken, came = m.recent[end - recent : end], x[-recent:]
    if m.period:
        came = came - m.profile[(int(m.phase) - recent + np.arange(recent)) % int(m.period)]
    return np.asarray(taken - came)


def _structure(m: Memory) -> tuple[float, ...]:
    return m.period, m.steady, m.integrated, m.begin


def _regular_interval(intervals: Floats) -> float:
    """The median interval where most are like it; else 0."""
    median = float(np.median(intervals))
    return median if np.mean(np.abs(intervals - median) <= 0.1 * median) > 0.8 else 0.0


def _fit_season(m: Memory, x: Floats) -> Floats:
    season = find_season(x, int(m.period))
    m.period, m.season_excess = float(season.period), season.excess
    if not season.period:
        return x
    m.profile[: season.period] = season.profile
    m.phase = float(len(x) % season.period)
    return x - season.profile[np.arange(len(x)) % season.period]


def _fit_level(m: Memory, left: Floats) -> None:
    """Whether the series keeps a level: means far apart in time differ little more than neighbours do."""
    length = max(len(left) // 32, 1)
    means = left[len(left) % length :].reshape(-1, length).mean(axis=1)
    apart = max(len(means) // 3, 1)
    near, far = np.median(np.abs(np.diff(means))), np.median(np.abs(means[apart:] - means[:-apart]))
    changes = np.diff(left)
    size = float(np.abs(left).max())
    most = (1.9 if m.steady else 1.5) * near + 0.25 * m.resolution + 1e-12 * size
    counter = _is_counter(changes)
    # A steady series that begins to drift is an alert before it is another kind of series.
    stays = bool(m.steady) and m.count >= _KNOWN_LEVEL and m.alerts < 0.5
    m.steady = float((far <= most or stays) and not counter)
    m.integrated = float(not m.steady and (counter or bool(np.std(changes) < 0.5 * np.std(left))))
    m.moved *= m.steady
    m.level = float(np.median(left)) if m.steady else float(left[-_SHORTEST_PAST:].mean())


def _is_counter(changes: Floats) -> bool:
    """Whether values only rise, or only fall."""
    one_way = max(float(np.mean(changes >= 0)), float(np.mean(changes <= 0)))
    return one_way > 0.995 and float(np.mean(changes != 0)) > 0.2


def _fit_forecast(m: Memory, x: Floats, left: Floats) -> _Left:
    y = np.diff(left) if m.integrated else left
    m.drift = float(np.median(y)) if m.integrated else 0.0
    y = y - (m.drift if m.integrated else m.level)
    m.weights[:] = coefficients(without_extremes(y), m.resolution)
    m.level_gains[:] = [gain(m.weights.tolist(), width) for width in LEVELS]
    total = min(float(m.weights.sum()), 0.98)
    m.overlap = 0.0 if m.integrated or total <= 0 else min((1 + total) / (1 - total), 64.0)
    errors = y - forecasts(y, m.weights.tolist())
    _fit_tails(m, errors[ORDER:])
    if m.integrated:
        errors = np.concatenate(([0.0], errors))
    sizes = np.minimum(np.abs(errors), m.extreme or math.inf)
    sizes[: ORDER + 1] = np.median(sizes)
    return _Left(x, left, errors, sizes)


def _fit_tails(m: Memory, errors: Floats) -> None:
    """How heavy the tails of the errors are, from two of their quantiles; of few errors they are taken to be between a
    normal and an exponential distribution."""
    sizes = np.sort(np.abs(errors - np.median(errors)))
    last = len(sizes) - 1
    usual, large, rare = (float(sizes[int(share * last)]) for share in (0.75, 0.985, 0.99))
    ratio = large / usual if usual > 0 else math.inf
    # The power is 2 for the ratio 2.11 of a normal distribution, and 1 where the ratio is higher by its square root.
    heavy = math.log(min(max(ratio, 1.01), 9.0)) / math.log(2.11) - 1
    weight = len(sizes) / (len(sizes) + 60)
    m.power = weight * min(max(2 - 2 * heavy, 0.25), 2.0) + (1 - weight) * 1.5
    m.extreme = max(_EXTREME * scatter(errors), rare)
    m.smallest = float(np.std(without_extremes(errors)))


def _set_floors(m: Memory, x: Floats) -> None:
    """The least distance of each part at which it is at its limit: a sensor's steps are nothing strange, and neither is
    what computers round."""
    step, tiny = m.resolution, max(1e-9 * float(np.abs(x).max()), 1e-150)
    m.smallest = max(0.05 * m.smallest, 0.1 * step, tiny)
    two_sided = np.array([2.1 * step, step, 0.6 * step, 0.4 * step, 0.6 * step, 0.4 * step, 0.0, 0.0]) + tiny
    two_sided[parts.FIRST_SPREAD :] = (0.5, 0.3)
    m.floor[:] = parts.both_sides(two_sided, np.array([max(0.5 * step, tiny), 3.0]))


def _learn_limits(m: Memory, known: _Left) -> None:
    """Fill the blocks from the past as it is measured now. Of the parts that are not measured again, the newest blocks
    stay."""
    excess = max(m.season_excess, _shared(m, len(known.x))) if m.period else 1.0
    measured = parts.along(
        (known.left - m.level) * excess, known.errors * excess, known.sizes, m.smallest, steady=bool(m.steady)
    )
    kept = {column: m.maxima[: int(m.filled), column].copy() for column in (SHAPE, FLAT)}
    block = FIRST_BLOCK
    while len(measured) // block > BLOCKS:
        block *= 2
    filled = len(measured) // block
    m.maxima[:] = math.nan
    m.maxima[:filled] = np.fmax.reduce(measured[len(measured) - filled * block :].reshape(filled, block, -1), axis=1)
    for column, maxima in kept.items():
        maxima = maxima[~np.isnan(maxima)][-filled:]
        m.maxima[filled - len(maxima) : filled, column] = maxima
    m.block, m.filled, m.in_block, m.place = float(block), float(filled), 0.0, -1.0
    m.highest_parts[:] = -math.inf
    set_limits(m)


def _shared(m: Memory, n: int) -> float:
    """By how much a profile of few periods follows the values that it was learned from."""
    return 1 / math.sqrt(1 - 1 / max(n / m.period, 2.0))
