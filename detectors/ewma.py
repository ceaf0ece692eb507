"""A small shift of the mean, found by an exponentially weighted moving average (EWMA) chart."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base import shift_texts
from detectors.base.baseline import BASELINE, BaselineParams, learn, learned
from detectors.base.columns import Columns, Floats
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation
from detectors.base.progress import Progress
from detectors.base.texts import calculated_value, check_hint
from ward.text_template import TextKind, TextTemplate

SHIFTED = TextTemplate(
    TextKind.ALERT, "{signal} average {average}, {side} its {normal} {mean}{check}", signal="Temperature",
    average="36.95 °C", side="above", normal="usual", mean="36.80 °C", check=": check probe",
)  # fmt: skip


class EwmaParams(BaselineParams):
    """With weight 0.25 and width 3 a shift of one standard deviation is found after 11 values on average. A small
    weight averages over many values and finds small shifts; with weight 1 it is a Shewhart chart."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.7}

    weight: float = Field(0.1, gt=0, le=1, description="λ: the weight of the newest value")
    width: float = Field(
        2.7, gt=0, description="L: the distance at which the score is 1, in standard deviations of the average"
    )
    exact: bool = Field(
        False, description="limits that widen from the first value on as the scatter of the average does: a shift that "
        "is there from the start is found sooner",
    )  # fmt: skip


class Ewma(Detector[EwmaParams], name="ewma"):
    """The distance of a moving average from the mean, as a share of what is allowed.

    e ← λ·x + (1 − λ)·e, from e = mean; score = |e − mean|/(L·sd·√(λ/(2 − λ)·w)), where w is 1 (fixed limits), or
    1 − (1 − λ)^2n after n values (exact limits).

    >>> from detectors.tapes.example import example
    >>> example("ewma", "36.8x5 37.1x5", signal="temperature", target=36.8, sd=0.1, weight=0.3, width=3)
    6s raised medium: Temperature average 36.95 °C, above its target 36.80 °C: check probe

    Roberts, S. W. (1959), Control chart tests based on geometric moving averages, Technometrics 1, 239–250;
    Lucas, J. M. and Saccucci, M. S. (1990), Exponentially weighted moving average control schemes, Technometrics 32,
    1–12; exact limits: Steiner, S. H. (1999), EWMA control charts with time-varying control limits and fast initial
    response, Journal of Quality Technology 31, 75–86.
    """

    columns = Columns(average=np.nan, averaged=0.0, **BASELINE)
    sample: ClassVar[Mapping[str, Any]] = {"every": "5m", "calibrate_for": "4h", "weight": 0.1, "width": 4}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        calibration = learn(state, x, t, p)
        known = True if calibration is None else calibration.known
        before = np.where(np.isnan(state.average), state.mean, state.average)
        state.average = np.where(known, before + p.weight * (x - before), np.nan)
        state.averaged = state.averaged + known
        return np.where(known, _score(state, p), np.nan)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats | None:
        if not state.sd.min() > 0:  # still learning
            return None
        before = np.where(np.isnan(state.average), state.mean, state.average)
        columns = (column[:, 0].tolist() for column in (before, p.weight))
        rows = zip(*columns, x.tolist(), strict=True)
        state.average = np.array([list(_averages(average, weight, values)) for average, weight, values in rows])
        state.averaged = state.averaged + np.arange(1.0, len(t) + 1)
        return _score(state, p)

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        return learned(state, t, p)

    def curves(self, state: Any, p: Any) -> Mapping[str, Floats]:
        return {"mean": state.average, "target": state.mean, "sd": state.sd}

    def explain(self, evidence: Evidence[EwmaParams]) -> Explanation:
        average, mean, signal = float(evidence.state.average[0]), float(evidence.state.mean[0]), evidence.signal
        text = SHIFTED(
            signal=signal.label, average=calculated_value(signal, average), side="above" if average > mean else "below",
            normal=evidence.params.normal, mean=calculated_value(signal, mean), check=check_hint(evidence),
        )  # fmt: skip
        return Explanation(evidence.x, None, text)

    def explain_end(self, evidence: Evidence[EwmaParams]) -> Explanation:
        text = shift_texts.back(evidence, float(evidence.state.mean[0]), evidence.params.normal)
        return Explanation(evidence.x, None, text)


def _averages(average: float, weight: float, x: Iterable[float]) -> Iterator[float]:
    for one in x:
        average += weight * (one - average)
        yield average


def _score(state: Any, p: Any) -> Floats:
    widening = np.where(p.exact > 0, 1 - (1 - p.weight) ** (2 * state.averaged), 1.0)
    width = p.width * state.sd * np.sqrt(p.weight / (2 - p.weight) * widening)
    return np.asarray(np.abs(state.average - state.mean) / width)
