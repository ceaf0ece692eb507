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
from ward.text_template import TextKind, TextTemplate

ARTEFACTS = TextTemplate(
    TextKind.ALERT, "{signal} artefacts{check} ({count} recently, limit {limit})", signal="Temperature",
    check=": check probe", count="5", limit="4",
)  # fmt: skip
NO_ARTEFACTS = TextTemplate(TextKind.ENDING, "{signal} free of artefacts again", signal="Temperature")


def _alert(text: str, count: str, limit: str) -> TextTemplate:
    return TextTemplate(TextKind.ALERT, text, device="Bedside monitor", count=count, limit=limit)


def _ending(text: str) -> TextTemplate:
    return TextTemplate(TextKind.ENDING, text, device="Bedside monitor")


# For each derived signal: the text while there are too many of its events, with what to check, and at the end.
TEXTS = {
    LOST: (
        _alert("{count} readings lost recently (limit {limit}): check network", "12", "5"),
        _ending("Transmission normal again, no readings lost recently"),
    ),
    LATE: (
        _alert("{count} readings out of order recently (limit {limit}): check network", "34", "30"),
        _ending("Readings in order again"),
    ),
    DUPLICATES: (
        _alert("{count} readings sent twice recently (limit {limit}): check network", "70", "60"),
        _ending("Readings no longer sent twice"),
    ),
    AHEAD: (
        _alert(
            "{count} readings with a time in the future recently (limit {limit}): check device clock, and whether "
            "another device uses this id", "35", "30",
        ),
        _ending("Times of readings normal again"),
    ),
    SOURCE_CHANGES: (
        _alert(
            "{device}: two devices send with its id, in turns {count} times recently (limit {limit}): check device ids",
            "7", "6",
        ),
        _ending("{device}: only one device sends with its id again"),
    ),
    CONNECTIONS: (
        _alert(
            "{device} connected {count} times recently (limit {limit}): check network, and whether two devices have "
            "one client id", "12", "8",
        ),
        _ending("Connection of {device} stable again"),
    ),
    REBOOTS: (
        _alert("{device} restarted {count} times recently (limit {limit}): check power supply", "3", "2.5"),
        _ending("{device} no longer restarting"),
    ),
}  # fmt: skip


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

    def measured(self, state: Any, x: Floats, score: Floats, p: Any) -> tuple[Floats, Floats]:
        return score * p.count, score

    def explain(self, evidence: Evidence[EventCountParams]) -> Explanation:
        count, limit = evidence.score * evidence.params.count, threshold(evidence) * evidence.params.count
        fields = {"device": evidence.device, "count": f"{count:.0f}", "limit": f"{limit:g}"}
        if evidence.signal.name in TEXTS:
            return Explanation(count, limit, TEXTS[evidence.signal.name][0](**fields))
        text = ARTEFACTS(signal=evidence.signal.label, check=check_hint(evidence), **fields)
        return Explanation(None, None, text)

    def explain_end(self, evidence: Evidence[EventCountParams]) -> Explanation:
        if evidence.signal.name in TEXTS:
            count, limit = evidence.score * evidence.params.count, threshold(evidence) * evidence.params.count
            text = TEXTS[evidence.signal.name][1](device=evidence.device)
            return Explanation(count, limit, text)
        return Explanation(None, None, NO_ARTEFACTS(signal=evidence.signal.label))


def _levels(level: float, decay: Iterable[float], x: Iterable[float]) -> Iterator[float]:
    for left, added in zip(decay, x, strict=True):
        level = max(level * left + added, 0.0)
        yield level


def _decay(seconds: Floats, p: Any) -> Floats:
    """The share of the counter that is left after some seconds; all of it where nothing was counted before (NaN)."""
    return np.where(np.isnan(seconds), 1.0, np.exp2(-seconds / p.half_life))
