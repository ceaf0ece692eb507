"""Too many implausible values, lost, late or repeated readings, restarts or connections of a device."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base.columns import Columns, Floats
from detectors.base.derived_signals import AHEAD, CONNECTIONS, DUPLICATES, LATE, LOST, REBOOTS, SOURCE_CHANGES
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, IdleTimes
from detectors.base.texts import check_hint, threshold
from ward.config.base_model import Seconds
from ward.config.rule import DetectorParams

# For each derived signal: the text while there are too many, with their number, what to check, and the text at the end.
_TEXTS = {
    LOST: ("{} readings lost recently", "network", "Transmission normal again, no readings lost recently"),
    LATE: ("{} readings out of order recently", "network", "Readings in order again"),
    DUPLICATES: ("{} readings sent twice recently", "network", "Readings no longer sent twice"),
    AHEAD: (
        "{} readings with a time in the future recently",
        "device clock, and whether another device uses this id",
        "Times of readings normal again",
    ),
    SOURCE_CHANGES: (
        "Two devices send as {device}, in turns {} times recently",
        "device ids",
        "Only one device sends as {device}",
    ),
    CONNECTIONS: (
        "{device} connected {} times recently",
        "network, and whether two devices have one client id",
        "Connection of {device} stable again",
    ),
    REBOOTS: ("{device} restarted {} times recently", "power supply", "{device} no longer restarting"),
}


class EventCountParams(DetectorParams):
    """For a vital sign it counts implausible values; for a derived signal (lost_readings, late_readings,
    duplicate_readings, readings_ahead, reboots, source_changes, connections) it adds up the values."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.5}

    count: float = Field(gt=0, description="the value of the counter at which the score is 1")
    half_life: Seconds = Field(gt=0, description="the half-life of the counter")


class EventCount(Detector[EventCountParams], name="event_count"):
    """A leaky counter: c ← c·2^(−Δt/half_life) + x, and score = c/count.

    The counter decays with time, so the alert ends also while no value comes. At a steady r a second it settles at
    r·half_life/ln 2.

    >>> from detectors.tapes.example import example
    >>> example("event_count", "80x4 !400x6 80x20", count=5, half_life="10s")
    9s raised medium: Heart rate artefacts: check leads (5 recently, limit 5)
    20s cleared recovered: Heart rate free of artefacts again

    The leaky bucket is Turner's: Turner, J. S. (1986), New directions in communications, IEEE Communications Magazine
    24(10), 8–15; this one leaks in proportion to its content.
    """

    feed = "events"
    needs_ticks = True
    columns = Columns(level=0.0, at=np.nan)
    sample: ClassVar[Mapping[str, Any]] = {"count": 5, "half_life": "1m"}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        state.level = np.maximum(state.level * _decay(np.fmax(t - state.at, 0.0), p) + x, 0.0)
        state.at = t
        return np.asarray(state.level / p.count)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        before = np.concatenate((state.at, np.broadcast_to(t[:-1], x[:, :-1].shape)), axis=1)
        decay = _decay(np.fmax(t - before, 0.0), p)
        rows = zip(state.level[:, 0].tolist(), decay.tolist(), x.tolist(), strict=True)
        state.level = np.array([list(_levels(*row)) for row in rows])
        state.at = np.broadcast_to(t, x.shape)
        return np.asarray(state.level / p.count)

    def tick_score(self, state: Any, idle: IdleTimes, p: Any) -> Floats:
        return np.asarray(state.level * _decay(idle.age, p) / p.count)

    def seconds_until(self, score: Floats, state: Any, idle: IdleTimes, p: Any) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            seconds = p.half_life * np.log2(state.level / (p.count * score)) - idle.age
        return np.where((state.level > 0) & (score > 0), seconds, np.inf)

    def explain(self, evidence: Evidence[EventCountParams]) -> Explanation:
        count, limit = evidence.score * evidence.params.count, threshold(evidence) * evidence.params.count
        if evidence.signal.name in _TEXTS:
            many, what, _ = _TEXTS[evidence.signal.name]
            text = f"{many.format(f'{count:.0f}', device=evidence.device)} (limit {limit:g}): check {what}"
            return Explanation(count, limit, text, append_duration=False)
        text = f"{evidence.signal.label} artefacts{check_hint(evidence)} ({count:.0f} recently, limit {limit:g})"
        return Explanation(None, None, text, append_duration=False)

    def explain_end(self, evidence: Evidence[EventCountParams]) -> Explanation:
        if evidence.signal.name in _TEXTS:
            count, limit = evidence.score * evidence.params.count, threshold(evidence) * evidence.params.count
            text = _TEXTS[evidence.signal.name][2].format(device=evidence.device)
            return Explanation(count, limit, text, append_duration=False)
        return Explanation(None, None, f"{evidence.signal.label} free of artefacts again", append_duration=False)


def _levels(level: float, decay: Iterable[float], x: Iterable[float]) -> Iterator[float]:
    for left, added in zip(decay, x, strict=True):
        level = max(level * left + added, 0.0)
        yield level


def _decay(seconds: Floats, p: Any) -> Floats:
    """The share of the counter that is left after some seconds; all of it where nothing was counted before (NaN)."""
    return np.where(np.isnan(seconds), 1.0, np.exp2(-seconds / p.half_life))
