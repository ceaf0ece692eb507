"""Too many implausible values, lost, late or repeated readings, or restarts of a device."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base.columns import Columns, Floats
from detectors.base.delivery_facts import DUPLICATES, LATE, LOST, REBOOTS
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, Tick
from detectors.base.texts import check, threshold
from ward.config.base_model import Seconds
from ward.config.rule import DetectorParams

# For each delivery fact: the text while there are too many, with their number, what to check, and the text at the end.
_FACTS = {
    LOST: ("{} readings lost recently", "network", "Transmission normal again, no readings lost recently"),
    LATE: ("{} readings out of order recently", "network", "Readings in order again"),
    DUPLICATES: ("{} readings sent twice recently", "network", "Readings no longer sent twice"),
    REBOOTS: ("{device} restarted {} times recently", "power supply", "{device} no longer restarting"),
}


class EventCountParams(DetectorParams):
    """For a vital sign it counts implausible values; for a delivery fact (lost_readings, late_readings,
    duplicate_readings, reboots) the fact itself."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.5}

    count: float = Field(gt=0, description="how many at once are too many")
    half_life: Seconds = Field(gt=0, description="the time after which one counts half")


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

    def tick_score(self, state: Any, tick: Tick, p: Any) -> Floats:
        return np.asarray(state.level * _decay(tick.age, p) / p.count)

    def seconds_until(self, score: Floats, state: Any, tick: Tick, p: Any) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            seconds = p.half_life * np.log2(state.level / (p.count * score)) - tick.age
        return np.where((state.level > 0) & (score > 0), seconds, np.inf)

    def explain(self, evidence: Evidence[EventCountParams]) -> Explanation:
        count, limit = evidence.score * evidence.params.count, threshold(evidence) * evidence.params.count
        if evidence.signal.name in _FACTS:
            many, what, _ = _FACTS[evidence.signal.name]
            text = f"{many.format(f'{count:.0f}', device=evidence.device)} (limit {limit:g}): check {what}"
            return Explanation(count, limit, text, lasting=False)
        text = f"{evidence.signal.label} artefacts{check(evidence)} ({count:.0f} recently, limit {limit:g})"
        return Explanation(None, None, text, lasting=False)

    def explain_end(self, evidence: Evidence[EventCountParams]) -> Explanation:
        if evidence.signal.name in _FACTS:
            count, limit = evidence.score * evidence.params.count, threshold(evidence) * evidence.params.count
            text = _FACTS[evidence.signal.name][2].format(device=evidence.device)
            return Explanation(count, limit, text, lasting=False)
        return Explanation(None, None, f"{evidence.signal.label} free of artefacts again", lasting=False)


def _decay(seconds: Floats, p: Any) -> Floats:
    """The share of the counter that is left after some seconds; all of it where nothing was counted before (NaN)."""
    return np.where(np.isnan(seconds), 1.0, np.exp2(-seconds / p.half_life))
