"""A device that drifts away from all others of its kind, also while all of them move together."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base.columns import Floats, RowValues
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.peer_columns import COMPARED, PEER_COLUMNS
from detectors.base.progress import Progress
from detectors.base.spread_floor import SdFloor, spread_floor
from detectors.base.texts import calculated_value, check_hint, threshold
from ward.config.rule import DetectorParams, Scope
from ward.text_template import TextKind, TextTemplate

AWAY = TextTemplate(
    TextKind.ALERT, "{signal} {away} {side} what {others} show{check}", signal="Temperature", away="0.82 °C",
    side="above", others="18 others of its kind", check=": check probe",
)  # fmt: skip
NEAR = TextTemplate(
    TextKind.ENDING, "{signal} is what {others} show again, within {away}", signal="Temperature", away="0.12 °C",
    others="18 others of its kind",
)  # fmt: skip
COUNTED = TextTemplate(TextKind.NOTE, "{count} others of its kind", count="18")
NOT_COUNTED = TextTemplate(TextKind.NOTE, "others of its kind")


class CohortParams(DetectorParams):
    """How far from the others a device may be, and what it is compared with."""

    defaults: ClassVar[Mapping[str, Any]] = {"every": "1h", "clear_below": 0.7}
    scopes: ClassVar[tuple[Scope, ...]] = ("cohort",)

    limit: float = Field(4.0, gt=0, description="the distance at which the score is 1, in robust standard deviations")
    sd_floor: SdFloor = 0.0
    baseline: int = Field(
        COMPARED, ge=3, le=COMPARED, description="from how many windows the own offset of a device is learned, once: "
        "with windows of an hour a whole day, so that a daily course counts evenly",
    )  # fmt: skip
    at_least: int = Field(
        5, ge=3, description="of how many devices a cohort must be: of fewer the median is that of one"
    )


class Cohort(Detector[CohortParams], name="cohort"):
    """The distance of a device from what is common to its cohort, in robust standard deviations of all such distances.

    Of each device the mean of each window of `every:` counts, x. A median polish of the first `baseline` windows gives
    each its own offset a, once; from then on the common part of a window is c = median(x − a) over the members, and
    score = |x − a − c|/(limit·1.4826·MAD), with MAD the median of the distances |x − a − c| of all members in the last
    24 windows. What moves all of them is in c; the drift of one is in neither a nor c.

    A cohort is all devices of a kind in a ward, with `cohort: everywhere` all there are; of more than 512 the parts are
    compared each by itself. A device whose clock is off by more than a quarter of a window is not compared, nor one
    that sends more seldom. A tape has the distance itself, with `sd_floor` for the spread:

    >>> from detectors.tapes.example import example
    >>> example("cohort", "0.1x6 0.5x6 0x6", signal="temperature", sd_floor=0.1, every="20m")
    10800s raised medium: Temperature 0.50 °C above what others of its kind show: check probe
    18000s cleared recovered: Temperature is what others of its kind show again, within 0.00 °C

    Tukey, J. W. (1977), Exploratory Data Analysis, chapter 11; Mosteller, F. and Tukey, J. W. (1977), Data Analysis and
    Regression, chapter 9.
    """

    columns = PEER_COLUMNS
    sample: ClassVar[Mapping[str, Any]] = {"every": "1h", "limit": 4, "sd_floor": 0.1, "for": "6h"}

    def row(self, params: CohortParams, series: SeriesInfo) -> RowValues:
        return {**super().row(params, series), "floor": spread_floor(params.sd_floor, series)}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        return np.asarray(np.abs(x) / (p.limit * np.fmax(state.spread, p.floor)))

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        return self.update(state, x, t, p)

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        none, need = np.zeros(len(state.offset)), np.where(np.isfinite(state.offset), 0.0, p.baseline)
        return Progress(True, state.windows, need, none, none, state.members, p.at_least)

    def curves(self, state: Any, p: Any) -> Mapping[str, Floats]:
        sd = np.where(np.isnan(state.away), np.nan, np.fmax(state.spread, p.floor))
        return {"score": self.update(state, state.away, state.away, p), "sd": sd}

    def explain(self, evidence: Evidence[CohortParams]) -> Explanation:
        state, signal = evidence.state, evidence.signal
        spread = np.fmax(state.spread, evidence.p.floor)[0]
        text = AWAY(
            signal=signal.label, away=calculated_value(signal, abs(evidence.x)),
            side="above" if evidence.x > 0 else "below", others=_others(state), check=check_hint(evidence),
        )  # fmt: skip
        return Explanation(evidence.x, threshold(evidence) * evidence.params.limit * float(spread), text)

    def explain_end(self, evidence: Evidence[CohortParams]) -> Explanation:
        signal = evidence.signal
        text = NEAR(
            signal=signal.label, away=calculated_value(signal, abs(evidence.x)), others=_others(evidence.state)
        )  # fmt: skip
        return Explanation(evidence.x, None, text)


def _others(state: Any) -> str:
    """With how many others it is compared; on a tape that is not known."""
    others = float(state.others[0])
    return COUNTED(count=f"{others:.0f}") if others == others else NOT_COUNTED()
