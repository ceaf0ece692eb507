"""How strange the newest value of a series is, by its own past: one value after the other, in bounded memory."""

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from detectors.base.columns import Floats
from detectors.base.own_past.autoregression import ORDER
from detectors.base.own_past.fitting import fit
from detectors.base.own_past.limits import take_parts
from detectors.base.own_past.memory import INTERVALS, Memory
from detectors.base.own_past.nearest import nearest_distance
from detectors.base.own_past.parts import (
    ERROR,
    FILTERS,
    FIRST_LEVEL,
    FIRST_SPREAD,
    FIRST_STEP,
    FLAT,
    LONG_LEVEL,
    LONG_STEP,
    MEANS,
    NEEDED,
    PAIRS,
    PARTS,
    RECENT,
    SHAPE,
    WINDOW,
)  # fmt: skip

# The scores are capped here, so that they are finite where something changes for the first time.
HIGHEST_SCORE = 1e6
# Values are moved into this range: their squares can be summed up.
_LARGEST = 1e90
# After so many extreme errors in a row the series is where the values are.
_STREAK = 4.0
# Where it comes back within so many values, those in between are taken out of the past.
_EXCURSION = 64.0
# An alert after so many values without one is another one. The limit is wider by this share for each alert of late, at
# most twice as wide, and it is forgotten after so many values: a series that alerts often is like that.
_APART, _WIDER, _MOST_WIDER, _FORGOTTEN = 64.0, 0.15, 1.0, 4000.0
# After so many values without an alert the past may be learned from, at the latest after this wait.
_CALM, _LONGEST_DELAY = 32.0, 256.0
# A level that is beyond its limit for more values is another level.
_EXCEEDED = 16.0
# The nearest window is looked for at every fourth value, and a window has a step of at most 4 values.
_EVERY, _LONGEST_STRIDE = 4, 4
# A gap is filled with at most so many values.
_LONGEST_GAP = RECENT
_NEEDED_MOST = float(NEEDED.max())
_LEVELS = np.array([*range(FIRST_LEVEL, FIRST_SPREAD), *range(FIRST_LEVEL + PAIRS, FIRST_SPREAD + PAIRS)])


class Judgement(NamedTuple):
    """`score` is NaN while too few values are known; `part` the column of the strangest part, -1 where none is known;
    `forecast` what the value was expected to be."""

    score: float
    part: int
    forecast: float


_WARMING_UP = Judgement(math.nan, -1, math.nan)


def judge(memory: Memory, x: float, t: float, warmup: float, adapt_after: float) -> Judgement:
    """Take the newest value and say how strange it is: a score of 1 is the limit.

    Args:
        memory: of the series; it is changed.
        x, t: the value and its time in seconds; a value that is not finite is left out.
        warmup: how many values are needed before the first score.
        adapt_after: after how many values on another level that is the usual one.
    """
    if not math.isfinite(x):
        return _WARMING_UP
    m = memory
    x = min(max(x, -_LARGEST), _LARGEST)
    m.count += 1
    _take_time(m, t)
    _take_run(m, x)
    if not m.fitted:
        m.keep(x, x, 0.0)
        if m.count >= warmup:
            fit(m)
        return _WARMING_UP
    season = m.season()
    left = x - season
    forecast = _forecast(m)
    error = left - forecast
    _take_value(m, x, left, error)
    measured = _measure(m, error)
    score, part = _strangest(m, measured)
    if m.steady:
        _take_level(m, measured, adapt_after)
    m.strange = m.strange + 1 if score >= 1 else max(m.strange - 1, 0.0)
    if m.strange >= 2 * adapt_after:
        _begin_again(m, adapt_after)
    if m.moved > _EXCEEDED:  # another level becomes the usual one after `adapt_after` values, not by wider limits
        measured[_LEVELS] = math.nan
    take_parts(m, measured)
    if m.count >= m.next_fit and (m.quiet >= _CALM or (m.count >= m.next_fit + _LONGEST_DELAY and not m.moved)):
        fit(m)
    return Judgement(score, part, forecast + season)


def _take_time(m: Memory, t: float) -> None:
    """Fill a gap with the newest value, so that the season stays where it is."""
    passed = t - m.at
    m.at = t
    if not m.fitted:
        if passed > 0 and m.count <= INTERVALS:
            m.intervals[int(m.count) - 1] = passed
        return
    if m.interval and passed > 1.5 * m.interval:
        missing = passed / m.interval - 1
        for _ in range(round(min(missing, _LONGEST_GAP))):
            end = int(m.recent_end) - 1
            left = m.recent.item(end)
            m.keep(left + m.season(), left, m.errors.item(end))


def _take_run(m: Memory, x: float) -> None:
    if x == m.newest:
        m.run += 1
        return
    change = abs(x - m.newest)  # NaN at first
    m.longest_run, m.run, m.newest = max(m.longest_run, m.run), 1.0, x
    if change < m.resolution or (change > 0 and not m.resolution):
        m.resolution = change


def _forecast(m: Memory) -> float:
    end = int(m.recent_end)
    past = m.recent[end - ORDER - 1 : end].tolist()
    middle = m.drift if m.integrated else m.level
    if m.integrated:
        now = past[-1]
        past = [b - a for a, b in pairwise(past)]
    found = middle
    for weight, value in zip(m.weights.tolist(), reversed(past), strict=False):
        found += weight * (value - middle)
    return found + now if m.integrated else found


def _take_value(m: Memory, x: float, left: float, error: float) -> None:
    """Take the value into the past. An extreme one is taken as the most that is usual, so that what follows is not
    strange because of it; but after a few in one direction the series is there. For the season and the nearest window
    it stays as it is: what comes again and again belongs to them. An error beyond its limit is no spread either."""
    usual = min(max(error, m.low_error), m.high_error)
    side = (error > usual) - (error < usual)
    m.streak = m.streak + side if side * m.streak > 0 else float(side)
    if m.left_at and _is_back(m, left):
        _cut_out(m)
    elif abs(m.streak) == _STREAK:
        _leave(m, left)
    there = not side or abs(m.streak) >= _STREAK
    beyond = error - m.middle[ERROR] > m.distance[ERROR] or m.middle[ERROR] - error > m.distance[PAIRS]
    size = m.errors.item(int(m.recent_end) - 1) if beyond and not there else abs(usual)
    if side:
        m.spike_at = m.count if beyond and abs(m.streak) == 1 and m.spike_at < m.count - 1 else 0.0
    m.keep(min(max(x, m.lowest), m.highest), left if there else left - error + usual, size)


def _leave(m: Memory, left: float) -> None:
    """The series has left its level: after some extreme errors in one direction."""
    end = int(m.recent_end)
    m.left_at, m.left_to, m.back = m.count, left, 0.0
    m.left_from = float(m.recent[end - 20 : end - 4].mean())
    m.usual_error = float(m.errors[end - 40 : end - 4].mean())


def _is_back(m: Memory, left: float) -> bool:
    """Whether the last few values are near the level again that the series left not long ago."""
    if m.count - m.left_at > _EXCURSION:
        m.left_at = 0.0
        return False
    m.back = m.back + 1 if abs(left - m.left_from) < abs(m.left_to - m.left_from) / 3 else 0.0
    return m.back == _STREAK


def _cut_out(m: Memory) -> None:
    """Take an excursion that is over out of the past, so that its end is nothing strange."""
    end, went = int(m.recent_end), m.left_to - m.left_from
    length = min(int(m.count - m.left_at + _STREAK - 1), end, int(m.values_end))
    away = m.recent[end - length : end]
    away[np.abs(away - m.left_from) >= abs(went) / 3] = m.left_from
    m.errors[end - length : end] = m.usual_error
    m.left_at = m.streak = 0.0


def _measure(m: Memory, error: float) -> Floats:
    """The parts of the newest value; NaN for those that it is too early for."""
    end = int(m.recent_end)
    measured = np.empty(PARTS)
    measured[ERROR] = error
    measured[FIRST_STEP:FIRST_SPREAD] = FILTERS @ m.recent[end - RECENT : end]
    measured[FIRST_LEVEL:FIRST_SPREAD] -= m.level if m.steady else math.nan
    measured[FIRST_SPREAD:PAIRS] = np.log(MEANS @ m.errors[end - RECENT : end] + m.smallest)
    measured[PAIRS : 2 * PAIRS] = -measured[:PAIRS]
    stride = min(max(1, math.ceil(m.period / WINDOW)), _LONGEST_STRIDE)
    if not m.count % _EVERY:
        past = m.past()
        enough = len(past) >= 4 * WINDOW * stride
        m.nearest = nearest_distance(past, WINDOW, stride, centred=not m.steady) if enough else math.nan
    # A single value beyond the limit of its error makes all windows with it strange: that is known already.
    spiked = 0 < m.spike_at < m.count < m.spike_at + WINDOW * stride
    measured[SHAPE] = math.nan if spiked else m.nearest
    # Where the same value stays for most of the time, that it stays is nothing strange.
    measured[FLAT] = m.run if 2 * m.longest_run < m.count else 1.0
    if m.count < _NEEDED_MOST:
        measured[m.count < NEEDED] = math.nan
    return measured


def _strangest(m: Memory, measured: Floats) -> tuple[float, int]:
    """The highest ratio of a part to its limit, and its column."""
    ratios = (measured - m.middle) / m.distance
    m.alerts *= 1 - 1 / _FORGOTTEN
    wider = 1 + min(_WIDER * m.alerts, _MOST_WIDER)
    highest = float(np.fmax.reduce(ratios))
    if math.isnan(highest):
        return math.nan, -1
    score = min(max(highest / wider, 0.0), HIGHEST_SCORE)
    if score >= 1:
        m.alerts += m.quiet >= _APART or not m.alerts
        m.quiet = 0.0
    else:
        m.quiet += 1
    return score, int(np.argmax(ratios == highest))


def _take_level(m: Memory, measured: Floats, adapt_after: float) -> None:
    """After some time on another level that is the usual one: the past begins there."""
    column = LONG_LEVEL
    distance = measured[column] - m.middle[column]
    beyond = distance > m.distance[column] or -distance > m.distance[column + PAIRS]
    m.moved = m.moved + 1 if beyond else max(m.moved - 1, 0.0)
    step = measured[LONG_STEP] - m.middle[LONG_STEP]
    if m.moved >= adapt_after and -m.distance[LONG_STEP + PAIRS] < step < m.distance[LONG_STEP]:
        m.level += float(measured[column])
        _begin_again(m, adapt_after)


def _begin_again(m: Memory, adapt_after: float) -> None:
    """What has been so for a while is the usual: the past begins there, and what fits is learned from it."""
    m.begin, m.next_fit, m.quiet = m.count - adapt_after, m.count, _CALM
    m.moved = m.strange = 0.0
