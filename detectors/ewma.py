"""A small shift of the mean, judged by a moving average that forgets."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base.baseline import LEARNED, BaselineParams, learn
from detectors.base.detector import Columns, Detector, Evidence, Explanation, Floats, finer


class EwmaParams(BaselineParams):
    """With weight 0.25 and width 3 a shift of one standard deviation is found after 11 values on average. A small
    weight remembers long and finds small shifts; a weight of 1 is a Shewhart chart."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.7}

    weight: float = Field(0.1, gt=0, le=1, description="λ: how much the newest value counts")
    width: float = Field(2.7, gt=0, description="L: where it is out of control, in standard deviations of the average")
    exact: bool = Field(
        False, description="limits that begin narrow and widen, as the average's own scatter does: finds a bad start"
    )


class Ewma(Detector[EwmaParams], kind="ewma"):
    """e ← λ·x + (1 − λ)·e, from e = mean; score = |e − mean|/(L·sd·√(λ/(2 − λ)·w)).

    w is 1 (fixed limits), or 1 − (1 − λ)^2n after n values (exact ones). Roberts, S. W. (1959), Technometrics 1,
    239–250; Lucas, J. M. and Saccucci, M. S. (1990), Technometrics 32, 1–12; exact limits: Steiner, S. H. (1999),
    Journal of Quality Technology 31, 75–86.
    """

    columns = Columns(average=np.nan, seen=0.0, **LEARNED)
    sample: ClassVar[Mapping[str, Any]] = {"every": "5m", "calibrate_for": "4h", "weight": 0.1, "width": 4}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        lesson = learn(state, x, t, p)
        judged = True if lesson is None else lesson.judged
        before = np.where(np.isnan(state.average), state.mean, state.average)
        state.average = np.where(judged, before + p.weight * (x - before), np.nan)
        state.seen = state.seen + judged
        widening = np.where(p.exact > 0, 1 - (1 - p.weight) ** (2 * state.seen), 1.0)
        width = p.width * state.sd * np.sqrt(p.weight / (2 - p.weight) * widening)
        return np.where(judged, np.abs(state.average - state.mean) / width, np.nan)

    def numbers(self, state: Any, p: Any) -> Mapping[str, Floats]:
        return {"mean": state.average, "target": state.mean, "sd": state.sd}

    def explain(self, case: Evidence[EwmaParams]) -> Explanation:
        average, target, signal = float(case.state.average[0]), float(case.state.mean[0]), case.signal
        side = "above" if average > target else "below"
        text = f"{signal.label} has come to {finer(signal, average)}, {side} its {finer(signal, target)}"
        return Explanation(average, target, text)

    def relief(self, case: Evidence[EwmaParams]) -> Explanation:
        target = float(case.state.mean[0])
        return Explanation(case.x, target, f"{case.signal.label} is back at its {finer(case.signal, target)}")
