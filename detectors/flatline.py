"""A value that stays the same for too long: a sensor that is stuck, or that is not on a patient."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from detectors.base.columns import Columns, Floats, RowValues
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.texts import check_hint
from ward.clock import format_span
from ward.config.base_model import Seconds
from ward.config.rule import DetectorParams
from ward.limit_text import quantity
from ward.text_template import TextKind, TextTemplate

UNCHANGED = TextTemplate(
    TextKind.ALERT, "{signal} unchanged at {value} for {span}{check}", signal="SpO2", value="97 %", span="15 min",
    check=": check probe",
)  # fmt: skip
CHANGING = TextTemplate(TextKind.ENDING, "{signal} {value}, changing again", signal="SpO2", value="96 %")


class FlatlineParams(DetectorParams):
    """How long a signal may stay the same depends on its noise and rounding: a temperature shown to 0.1 may stay
    for an hour, a heart rate for minutes only."""

    after: Seconds = Field(gt=0, description="how long the value may stay the same")
    tolerance: float = Field(0.0, ge=0, description="how far it may move and still count as the same, in its unit")
    min_values: int = Field(10, ge=2, description="the smallest number of such values, so that a gap is no flat line")


class Flatline(Detector[FlatlineParams], name="flatline"):
    """The time since the value last changed, as a share of what is allowed: score = (t − since)/after.

    A value has changed when it differs by more than `tolerance` from the first one of the run, so a slow drift is no
    flat line. A value at the end of the plausible range cannot go beyond it and scores 0: SpO2 may stay at 100 %.

    >>> from detectors.tapes.example import example
    >>> example("flatline", "80x3 86x13 85", after="10s")
    13s raised medium: Heart rate unchanged at 86 /min for 10 s: check leads
    16s cleared recovered: Heart rate 85 /min, changing again

    The *persistence* or *flat line* test in the quality control of sensor data: IOOS QARTOD, Manual for Real-Time
    Quality Control of In-situ Temperature and Salinity Data, test 8.
    """

    columns = Columns(value=np.nan, since=np.nan, count=0.0)
    sample: ClassVar[Mapping[str, Any]] = {"after": "5m"}

    def row(self, params: FlatlineParams, series: SeriesInfo) -> RowValues:
        return {**super().row(params, series), "lowest": series.signal.low, "highest": series.signal.high}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        same = (np.abs(x - state.value) <= p.tolerance) & (state.since <= t)
        state.value = np.where(same, state.value, x)
        state.since = np.where(same, state.since, t)
        state.count = np.where(same, state.count + 1, 1.0)
        scored = (state.count >= p.min_values) & (x > p.lowest) & (x < p.highest)
        return np.where(scored, (t - state.since) / p.after, 0.0)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        places = np.arange(len(t))
        begun = np.maximum.accumulate(np.where(_changed(state.value, x, p.tolerance), places, -1), axis=1)
        here = begun >= 0  # whether the run began with one of these values
        state.value = np.where(here, np.take_along_axis(x, begun, axis=1), state.value)
        state.since = np.where(here, t[begun], state.since)
        state.count = np.where(here, places - begun + 1.0, state.count + (places + 1.0))
        scored = (state.count >= p.min_values) & (x > p.lowest) & (x < p.highest)
        return np.where(scored, (t - state.since) / p.after, 0.0)

    def explain(self, evidence: Evidence[FlatlineParams]) -> Explanation:
        span, value = format_span(evidence.score * evidence.params.after), quantity(evidence.signal, evidence.x)
        text = UNCHANGED(signal=evidence.signal.label, value=value, span=span, check=check_hint(evidence))
        return Explanation(evidence.x, None, text)

    def explain_end(self, evidence: Evidence[FlatlineParams]) -> Explanation:
        text = CHANGING(signal=evidence.signal.label, value=quantity(evidence.signal, evidence.x))
        return Explanation(evidence.x, None, text)


def _changed(value: Floats, x: Floats, tolerance: Floats) -> npt.NDArray[np.bool_]:
    """Whether each value begins a run. Without a tolerance, whether it differs from the value before."""
    before = np.concatenate((value, x[:, :-1]), axis=1)
    changed = ~(np.abs(x - before) <= tolerance)
    for row in np.flatnonzero(tolerance[:, 0] > 0).tolist():
        changed[row] = list(_runs(float(value[row, 0]), x[row].tolist(), float(tolerance[row, 0])))
    return changed


def _runs(value: float, x: Iterable[float], tolerance: float) -> Iterator[bool]:
    for one in x:
        new = not abs(one - value) <= tolerance  # NaN is no value yet
        if new:
            value = one
        yield new
