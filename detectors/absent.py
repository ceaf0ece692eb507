"""A device, or a signal of one, that should send and does not."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base.columns import Floats, RowValues
from detectors.base.detector import DEVICE_PAUSE, Detector
from detectors.base.evidence import Evidence, Explanation, IdleTimes, SeriesInfo
from ward.clock import format_span
from ward.config.base_model import Seconds
from ward.config.rule import DetectorParams
from ward.text_template import TextKind, TextTemplate

# Seconds after which a device counts as missing, where neither the rule nor the inventory gives it.
DEFAULT_AFTER = 15.0
# A signal may miss so many of its expected periods, and an unregistered device so many of its mean intervals.
PERIODS, INTERVALS = 4.0, 5.0
# An unregistered device is watched for absence after so many readings.
REGULAR = 30

NOT_YET = TextTemplate(TextKind.ALERT, "{what}: no data yet after {span}", what="Bedside monitor", span="15 s")
NO_DATA = TextTemplate(TextKind.ALERT, "{what}: no data for {span}", what="SpO2", span="12 s")
SIGNAL_BACK = TextTemplate(TextKind.ENDING, "{signal} signal back after {span}", signal="SpO2", span="90 s")
DATA_AGAIN = TextTemplate(TextKind.ENDING, "{device}: data again after {span}", device="Bedside monitor", span="90 s")


class AbsentParams(DetectorParams):
    """Without `signals` the rule is about its devices as a whole, with them about each of these signals."""

    after: Seconds | None = Field(
        None,
        gt=0,
        description="the time without data; left out, it is what the device's kind gives. A signal may always miss "
        "four of its expected periods, and an unregistered device five of its mean intervals",
    )


class Absent(Detector[AbsentParams], name="absent"):
    """The time since the last data, as a share of what is allowed.

    For a device: score = (now − last data)/after. For a signal the time counts only while its device sends:
    score = (last data of the device − last data of the signal)/after, so that a device that is switched off is one
    finding and not seven. A device of the inventory is reported also when it never sent; an unregistered one after it
    has sent regularly.

    >>> from detectors.tapes.example import example
    >>> example("absent", "80x4 _x30 80x3", after="15s", severity={"low": 1, "medium": 1.5})
    18s raised low: Monitor: no data for 15 s
    26s changed medium: Monitor: no data for 23 s
    35s cleared recovered: Monitor: data again after 32 s
    """

    feed = "ticks"
    needs_ticks = True
    sample: ClassVar[Mapping[str, Any]] = {"after": "15s", "severity": {"low": 1, "medium": 4}}

    def row(self, params: AbsentParams, series: SeriesInfo) -> RowValues:
        after = params.after or series.silent_after or DEFAULT_AFTER
        whole = series.signal.name == ""
        return {
            "after": after if whole else max(after, PERIODS * (series.period or 0.0)),
            "whole": float(whole),
            "expected": float(series.expected is True),
        }

    def tick_score(self, state: Any, idle: IdleTimes, p: Any) -> Floats:
        watched = (p.expected > 0) | (idle.count >= REGULAR)
        return np.where(watched, _silent(idle, p) / _allowed(idle, p), 0.0)

    def seconds_until(self, score: Floats, state: Any, idle: IdleTimes, p: Any) -> Floats:
        silent, least = _silent(idle, p), score * p.after
        # The smallest time until the score is reached, for the case that the device sends again at once: a signal
        # counts as missing at the earliest when it has had no value for `score * after` seconds.
        later = np.where(p.whole > 0, np.minimum(score * _allowed(idle, p) - silent, least), 1.0)
        seconds = np.where(least > idle.age, least - idle.age, later)
        watched = (p.expected > 0) | (idle.count >= REGULAR)
        # While the whole device sends nothing, the scores of its signals do not change, and no count of readings does.
        waiting = (idle.device_age >= DEVICE_PAUSE) & ~(watched & (p.whole > 0))
        over = watched & (silent >= score * _allowed(idle, p))
        return np.where(waiting | over, np.inf, np.where(watched, seconds, p.after))

    def explain(self, evidence: Evidence[AbsentParams]) -> Explanation:
        assert evidence.idle is not None
        span, what = format_span(float(evidence.idle.age[0])), evidence.signal.label or evidence.device
        text = NOT_YET if evidence.idle.count[0] == 0 else NO_DATA
        return Explanation(None, None, text(what=what, span=span))

    def explain_end(self, evidence: Evidence[AbsentParams]) -> Explanation:
        assert evidence.idle is not None
        # The episode began when the time without data reached the lowest threshold.
        allowed = float(_allowed(evidence.idle, evidence.p)[0]) * min(evidence.decision.severity.values())
        span = format_span(evidence.since - evidence.onset + allowed)
        text = SIGNAL_BACK if evidence.signal.name else DATA_AGAIN
        what = text(signal=evidence.signal.label, device=evidence.device, span=span)
        return Explanation(None, None, what)


def _silent(idle: IdleTimes, p: Any) -> Floats:
    """Seconds without data: of a whole device, or of a signal while its device sent."""
    return np.where(p.whole > 0, idle.age, np.maximum(idle.age - idle.device_age, 0.0))


def _allowed(idle: IdleTimes, p: Any) -> Floats:
    """Seconds without data that are allowed."""
    return np.asarray(np.where(p.expected > 0, p.after, np.maximum(p.after, INTERVALS * idle.interval)))
