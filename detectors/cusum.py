"""A small, lasting shift of the mean."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base.baseline import LEARNED, BaselineParams, learn
from detectors.base.detector import Columns, Detector, Evidence, Explanation, Floats, Ints, Numbers, Subject, finer
from ward.clock import format_span


class CusumParams(BaselineParams):
    """Slack and limit in standard deviations. With slack 0.5 and limit 4 a shift of one standard deviation is found
    after 8 values on average, and a healthy series gives a false alarm each 168: for a ward take a longer
    limit, or means over `every:`."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.5}

    slack: float = Field(0.5, ge=0, description="k: half the shift to be found, in standard deviations")
    limit: float = Field(5.0, gt=0, description="h: where it is out of control, in standard deviations")
    head_start: float = Field(
        0.0, ge=0, description="where both sums begin: half the limit finds at once what was wrong from the start"
    )
    ceiling: float = Field(2.0, ge=1, description="how many limits high a sum may grow, so that it can come down again")


class Cusum(Detector[CusumParams], kind="cusum"):
    """S⁺ ← max(0, S⁺ + z − k), S⁻ ← max(0, S⁻ − z − k) with z = (x − mean)/sd; score = max(S⁺, S⁻)/h.

    Page, E. S. (1954), Continuous inspection schemes, Biometrika 41, 100–115. Head start: Lucas, J. M. and
    Crosier, R. B. (1982), Technometrics 24, 199–205. The shift is estimated by k + S/N, N values after the
    sum was last 0 (Montgomery, Introduction to Statistical Quality Control, 9.1).
    """

    # Both sums, and for how many values each has been above 0.
    columns = Columns(high=0.0, low=0.0, rise=0.0, fall=0.0, **LEARNED)
    sample: ClassVar[Mapping[str, Any]] = {
        "every": "1h", "calibrate_values": 48, "sd_floor": 0.05, "slack": 0.5, "limit": 8
    }  # fmt: skip

    def row(self, params: CusumParams, subject: Subject) -> Numbers:
        return {**super().row(params, subject), "top": params.limit * params.ceiling}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        lesson = learn(state, x, t, p)
        if lesson is None:
            return self._score(state, (x - state.mean) / state.sd, p)
        _begin(state, lesson.told, p)
        score = self._score(state, np.where(lesson.judged, (x - state.mean) / state.sd, 0.0), p)
        _begin(state, lesson.finished, p)
        return np.where(lesson.judged, score, np.nan)

    def _score(self, state: Any, z: Floats, p: Any) -> Floats:
        """In place, and never against a lone number where NumPy is slow at it: this runs for each value there is."""
        high, low, nothing = state.high, state.low, np.zeros(len(z))
        high += z
        low -= z
        for sum_, grown in ((high, state.rise), (low, state.fall)):
            sum_ -= p.slack
            np.maximum(sum_, nothing, out=sum_)
            grown += 1
            grown *= sum_ > 0
            top = sum_ > p.top
            if top.any():  # it grows no more, and what it has grown for is not counted on
                sum_[top] = p.top[top]
                grown[top] -= 1
        state.high, state.low, state.rise, state.fall = high, low, state.rise, state.fall
        return np.asarray(np.maximum(high, low) / p.limit)

    def numbers(self, state: Any, p: Any) -> Mapping[str, Floats]:
        score = np.maximum(state.high, state.low) / p.limit
        known = ~np.isnan(state.sd)
        return {
            "score": np.where(known, score, np.nan), "mean": state.mean + _shift(state, p.slack),
            "target": state.mean, "sd": state.sd,
        }  # fmt: skip

    def explain(self, case: Evidence[CusumParams]) -> Explanation:
        state, signal = case.state, case.signal
        shift, target = float(_shift(state, case.params.slack)[0]), float(state.mean[0])
        values = (state.rise if state.high[0] >= state.low[0] else state.fall)[0]
        every = case.decision.every
        over = f"{values:.0f} means of {format_span(every)}" if every else f"{values:.0f} values"
        side = "above" if shift > 0 else "below"
        text = f"{signal.label} is {finer(signal, abs(shift))} {side} its {finer(signal, target)} over {over}"
        return Explanation(target + shift, target, text, timed=False)

    def relief(self, case: Evidence[CusumParams]) -> Explanation:
        target = float(case.state.mean[0])
        return Explanation(case.x, target, f"{case.signal.label} is back at its {finer(case.signal, target)}")


def _begin(state: Any, rows: Ints, p: Any) -> None:
    """Both sums where they begin."""
    for sum_ in (state.high, state.low):
        sum_[rows] = p.head_start[rows]
    state.high, state.low = state.high, state.low


def _shift(state: Any, slack: Any) -> Floats:
    """How far the mean seems to be from its target, in the unit of the values."""
    up = slack + state.high / np.maximum(state.rise, 1)
    down = slack + state.low / np.maximum(state.fall, 1)
    sign = np.where(state.high >= state.low, np.where(state.high > 0, up, 0.0), -down)
    shift: Floats = sign * state.sd
    return shift
