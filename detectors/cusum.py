"""A small, lasting shift of the mean, found by a cumulative sum (CUSUM) chart."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base import cumulative_sums, shift_texts
from detectors.base.baseline import BASELINE, BaselineParams, learn, learned
from detectors.base.columns import Columns, Floats, RowValues
from detectors.base.cumulative_sums import CUMULATIVE, Ceiling, estimated_shift, start
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.progress import Progress


class CusumParams(BaselineParams):
    """Slack and limit in standard deviations. With slack 0.5 and limit 4 a shift of one standard deviation is found
    after 8 values on average, and a series without a shift gives a false alarm every 168 values: for a ward take a
    higher limit, or means over `every:`."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.5}

    slack: float = Field(0.5, ge=0, description="k: half the shift to be found, in standard deviations")
    limit: float = Field(5.0, gt=0, description="h: the sum at which the score is 1, in standard deviations")
    head_start: float = Field(
        0.0, ge=0, description="where both sums start: with half the limit, a shift that is there from the start is "
        "found sooner",
    )  # fmt: skip
    ceiling: Ceiling = 2.0


class Cusum(Detector[CusumParams], name="cusum"):
    """Two cumulative sums of the distance from the mean, one for each direction.

    S⁺ ← max(0, S⁺ + z − k), S⁻ ← max(0, S⁻ − z − k) with z = (x − mean)/sd; score = max(S⁺, S⁻)/h. The shift is
    estimated as k + S/N standard deviations, N values after the sum was last 0.

    >>> from detectors.tapes.example import example
    >>> example("cusum", "36.8x5 37x5 36.8x20", signal="temperature", target=36.8, sd=0.1, limit=4)
    7s raised medium: Temperature is 0.20 °C above its target 36.80 °C over 3 values: check probe
    21s cleared recovered: Temperature 36.8 °C, back at its target 36.80 °C

    Page, E. S. (1954), Continuous inspection schemes, Biometrika 41, 100–115. Head start: Lucas, J. M. and
    Crosier, R. B. (1982), Fast initial response for CUSUM quality-control schemes, Technometrics 24, 199–205. Estimate
    of the shift: Montgomery, D. C., Introduction to Statistical Quality Control, 9.1.
    """

    columns = Columns(**CUMULATIVE, **BASELINE)
    sample: ClassVar[Mapping[str, Any]] = {
        "every": "1h", "calibrate_values": 48, "sd_floor": 0.05, "slack": 0.5, "limit": 8
    }  # fmt: skip

    def row(self, params: CusumParams, series: SeriesInfo) -> RowValues:
        return {**super().row(params, series), "top": params.limit * params.ceiling}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        calibration = learn(state, x, t, p)
        if calibration is None:
            return self._score(state, (x - state.mean) / state.sd, p)
        start(state, calibration.given, p.head_start)
        score = self._score(state, np.where(calibration.known, (x - state.mean) / state.sd, 0.0), p)
        start(state, calibration.completed, p.head_start)
        return np.where(calibration.known, score, np.nan)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats | None:
        if not state.sd.min() > 0:  # still learning
            return None
        higher = cumulative_sums.add_many(state, (x - state.mean) / state.sd, p.slack, p.top)
        return np.asarray(higher / p.limit)

    def _score(self, state: Any, z: Floats, p: Any) -> Floats:
        return np.asarray(cumulative_sums.add(state, z, p.slack, p.top) / p.limit)

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        return learned(state, t, p)

    def curves(self, state: Any, p: Any) -> Mapping[str, Floats]:
        score = np.maximum(state.high, state.low) / p.limit
        known = ~np.isnan(state.sd)
        return {
            "score": np.where(known, score, np.nan), "mean": state.mean + estimated_shift(state, p.slack) * state.sd,
            "target": state.mean, "sd": state.sd,
        }  # fmt: skip

    def explain(self, evidence: Evidence[CusumParams]) -> Explanation:
        state, params = evidence.state, evidence.params
        shift, count = float(estimated_shift(state, params.slack)[0] * state.sd[0]), cumulative_sums.longest(state)
        text = shift_texts.shifted(evidence, shift, float(state.mean[0]), count, params.normal)
        return Explanation(evidence.x, None, text)

    def explain_end(self, evidence: Evidence[CusumParams]) -> Explanation:
        text = shift_texts.back(evidence, float(evidence.state.mean[0]), evidence.params.normal)
        return Explanation(evidence.x, None, text)
