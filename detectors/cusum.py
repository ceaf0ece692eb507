"""A small, lasting shift of the mean, found by a cumulative sum (CUSUM) chart."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base.baseline import BASELINE, BaselineParams, learn
from detectors.base.columns import Columns, Floats, Ints, RowValues
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.texts import calculated_value, check_hint
from ward.clock import format_span
from ward.limit_text import quantity
from ward.text_template import TextKind, TextTemplate

FOR_SPAN = TextTemplate(TextKind.NOTE, "for {span}", span="3 h")
OVER_VALUES = TextTemplate(TextKind.NOTE, "over {count} values", count="12")
SHIFTED = TextTemplate(
    TextKind.ALERT, "{signal} is {shift} {side} its {normal} {mean} {time}{check}", signal="Temperature",
    shift="0.20 °C", side="above", normal="usual", mean="36.80 °C", time="for 3 h", check=": check probe",
)  # fmt: skip
BACK = TextTemplate(
    TextKind.ENDING, "{signal} {value}, back at its {normal} {mean}", signal="Temperature", value="36.8 °C",
    normal="usual", mean="36.80 °C",
)  # fmt: skip


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
    ceiling: float = Field(
        2.0, ge=1, description="the cap of the sums, in multiples of `limit`, so that an alert can end soon"
    )


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

    # Both sums, and for how many values each has been above 0.
    columns = Columns(high=0.0, low=0.0, high_count=0.0, low_count=0.0, **BASELINE)
    sample: ClassVar[Mapping[str, Any]] = {
        "every": "1h", "calibrate_values": 48, "sd_floor": 0.05, "slack": 0.5, "limit": 8
    }  # fmt: skip

    def row(self, params: CusumParams, series: SeriesInfo) -> RowValues:
        return {**super().row(params, series), "top": params.limit * params.ceiling}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        calibration = learn(state, x, t, p)
        if calibration is None:
            return self._score(state, (x - state.mean) / state.sd, p)
        _start(state, calibration.given, p)
        score = self._score(state, np.where(calibration.known, (x - state.mean) / state.sd, 0.0), p)
        _start(state, calibration.completed, p)
        return np.where(calibration.known, score, np.nan)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats | None:
        if not state.sd.min() > 0:  # still learning
            return None
        z = (x - state.mean) / state.sd
        slack, top = p.slack[:, 0].tolist(), p.top[:, 0].tolist()
        for name, steps in (("high", z), ("low", -z)):
            count = f"{name}_count"
            starts = (getattr(state, column)[:, 0].tolist() for column in (name, count))
            sums = np.array([_sums(*row) for row in zip(*starts, steps.tolist(), slack, top, strict=True)])
            setattr(state, name, sums[:, 0])
            setattr(state, count, sums[:, 1])
        return np.asarray(np.maximum(state.high, state.low) / p.limit)

    def _score(self, state: Any, z: Floats, p: Any) -> Floats:
        """Update the sums in place; without comparing arrays to single numbers, where NumPy is slow: this runs for
        every value."""
        high, low, zeros = state.high, state.low, np.zeros(len(z))
        high += z
        low -= z
        for sums, counts in ((high, state.high_count), (low, state.low_count)):
            sums -= p.slack
            np.maximum(sums, zeros, out=sums)
            counts += 1
            counts *= sums > 0
            capped = sums > p.top
            if capped.any():  # a capped sum does not increase its count
                sums[capped] = p.top[capped]
                counts[capped] -= 1
        state.high, state.low, state.high_count, state.low_count = high, low, state.high_count, state.low_count
        return np.asarray(np.maximum(high, low) / p.limit)

    def curves(self, state: Any, p: Any) -> Mapping[str, Floats]:
        score = np.maximum(state.high, state.low) / p.limit
        known = ~np.isnan(state.sd)
        return {
            "score": np.where(known, score, np.nan), "mean": state.mean + _shift(state, p.slack),
            "target": state.mean, "sd": state.sd,
        }  # fmt: skip

    def explain(self, evidence: Evidence[CusumParams]) -> Explanation:
        state, signal, params, every = evidence.state, evidence.signal, evidence.params, evidence.decision.every
        shift, mean = float(_shift(state, params.slack)[0]), float(state.mean[0])
        count = float((state.high_count if state.high[0] >= state.low[0] else state.low_count)[0])
        time = FOR_SPAN(span=format_span(count * every)) if every else OVER_VALUES(count=f"{count:.0f}")
        text = SHIFTED(
            signal=signal.label, shift=calculated_value(signal, abs(shift)), side="above" if shift > 0 else "below",
            normal=params.normal, mean=calculated_value(signal, mean), time=time, check=check_hint(evidence),
        )  # fmt: skip
        return Explanation(evidence.x, None, text)

    def explain_end(self, evidence: Evidence[CusumParams]) -> Explanation:
        signal, mean = evidence.signal, float(evidence.state.mean[0])
        text = BACK(
            signal=signal.label, value=quantity(signal, evidence.x), normal=evidence.params.normal,
            mean=calculated_value(signal, mean),
        )  # fmt: skip
        return Explanation(evidence.x, None, text)


def _sums(
    total: float, count: float, steps: Sequence[float], slack: float, top: float
) -> tuple[list[float], list[float]]:
    """The sum of one direction after each step, and for how many steps it has been above 0: `_score` along time."""
    sums, counts = [], []
    for z in steps:
        total = total + z - slack
        if total > top:
            total = top
        elif total > 0:
            count += 1
        else:
            total, count = 0.0, 0.0
        sums.append(total)
        counts.append(count)
    return sums, counts


def _start(state: Any, rows: Ints, p: Any) -> None:
    """Set both sums of some rows to where they start."""
    for sums in (state.high, state.low):
        sums[rows] = p.head_start[rows]
    state.high, state.low = state.high, state.low


def _shift(state: Any, slack: Any) -> Floats:
    """The estimated distance of the mean from its target, in the unit of the values."""
    up = slack + state.high / np.maximum(state.high_count, 1)
    down = slack + state.low / np.maximum(state.low_count, 1)
    sign = np.where(state.high >= state.low, np.where(state.high > 0, up, 0.0), -down)
    shift: Floats = sign * state.sd
    return shift
