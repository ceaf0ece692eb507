"""A value that does not change for too long: a stuck sensor, or one that is not on a patient."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base.detector import Columns, Detector, Evidence, Explanation, Floats, Numbers, Subject, quantity
from ward.clock import format_span
from ward.config.model import Seconds
from ward.config.rule import DetectorParams


class FlatlineParams(DetectorParams):
    """How still a signal may be follows from its noise and its rounding: a temperature shown to 0.1 may rest for an
    hour, a heart rate may not rest for minutes."""

    after: Seconds = Field(gt=0, description="how long the value may stay the same")
    tolerance: float = Field(0.0, ge=0, description="how far it may move and still count as the same, in its unit")
    least: int = Field(10, ge=2, description="how many such values there must be; a gap is no flat line")


class Flatline(Detector[FlatlineParams], kind="flatline"):
    """The time since the value last moved, as a share of what is allowed: score = (t − since)/after.

    A value counts as moved when it differs by more than `tolerance` from the first one of the run, so a slow
    drift is no flat line. A value at the very end of what is plausible cannot move beyond it, and is not judged: SpO2
    may rest at 100 %. (Known as the *persistence* or *flat line* test in the quality control of sensor
    data: IOOS QARTOD, Manual for Real-Time Quality Control of In-situ Temperature and Salinity Data, test 8.)
    """

    columns = Columns(value=np.nan, since=np.nan, number=0.0)
    sample: ClassVar[Mapping[str, Any]] = {"after": "5m"}

    def row(self, params: FlatlineParams, subject: Subject) -> Numbers:
        return {**super().row(params, subject), "lowest": subject.signal.low, "highest": subject.signal.high}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        same = (np.abs(x - state.value) <= p.tolerance) & (state.since <= t)
        state.value = np.where(same, state.value, x)
        state.since = np.where(same, state.since, t)
        state.number = np.where(same, state.number + 1, 1.0)
        judged = (state.number >= p.least) & (x > p.lowest) & (x < p.highest)
        return np.where(judged, (t - state.since) / p.after, 0.0)

    def explain(self, case: Evidence[FlatlineParams]) -> Explanation:
        flat = case.score * case.params.after
        text = f"{case.signal.label} stays at {quantity(case.signal, case.x)} for {format_span(flat)}"
        return Explanation(case.x, case.params.after, text, timed=False)

    def relief(self, case: Evidence[FlatlineParams]) -> Explanation:
        return Explanation(case.x, None, f"{case.signal.label} {quantity(case.signal, case.x)}, it moves again")
