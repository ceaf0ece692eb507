"""A change of the noise of a series, both ways: noise that grows, and a sensor that turns too smooth."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base.columns import Columns, Floats, RowValues, without_time
from detectors.base.cumulative_sums import Ceiling
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.progress import Progress, of_values
from detectors.base.texts import calculated_value, check_hint
from ward.config.base_model import Seconds
from ward.config.rule import DetectorParams
from ward.text_template import TextKind, TextTemplate

NOISY = TextTemplate(
    TextKind.ALERT, "{signal} noise is {times} times its usual (SD {sd}, usual {usual}){check}", signal="Heart rate",
    times="2.4", sd="4.8 /min", usual="2.0 /min", check=": check leads, rhythm",
)  # fmt: skip
SMOOTH = TextTemplate(
    TextKind.ALERT, "{signal} varies less than usual (SD {sd}, usual {usual}){check}", signal="Heart rate",
    sd="0.4 /min", usual="2.0 /min", check=": check leads",
)  # fmt: skip
AS_USUAL = TextTemplate(
    TextKind.ENDING, "{signal} noise back at its usual (SD {usual})", signal="Heart rate", usual="2.0 /min"
)  # fmt: skip

_SUMS = ("rise", "rise_pairs", "rise_total", "fall", "fall_pairs", "fall_total")
# A single step or spike is no change of the noise: one pair adds at most this share of the limit.
_MOST = 0.4


class VarianceParams(DetectorParams):
    """The changes to be found, and how sure to be. A healthy series of a known standard deviation gives a false alarm
    after more than e^limit pairs of values on average, for each of the two sides: 22,000 for a limit of 10. After a
    short calibration there are more."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.5}

    rise: float | None = Field(2.0, gt=1, description="the growth of the noise to be found, as a factor; null for none")
    fall: float | None = Field(
        0.5, gt=0, lt=1, description="the shrinking of the noise to be found, as a factor; null for none"
    )
    limit: float = Field(10.0, gt=0, description="h: the logarithm of the likelihood ratio at which the score is 1")
    sd: float | None = Field(
        None, gt=0, description="the usual standard deviation of the noise; left out, it is learned"
    )
    sd_floor: float = Field(0.0, ge=0, description="the smallest usual standard deviation to use")
    calibrate_values: int = Field(200, ge=4, description="from how many values it is learned")
    within: Seconds | None = Field(
        None, gt=0, description="the longest time between the two values of a pair; left out, any time"
    )
    ceiling: Ceiling = 2.0


class Variance(Detector[VarianceParams], name="variance"):
    """How much likelier the newest differences of successive values are with another noise than with the usual one.

    Of each pair of successive values, of which none is in two pairs, y = (x₂ − x₁)²/2σ² with the usual standard
    deviation σ. Without a change the y are independent and χ² with one degree of freedom, and a slow trend of the level
    is not in them. For a change of the standard deviation by a factor r, S ← max(0, S + y·(1 − r⁻²)/2 − ln r); score =
    max(S_rise, S_fall)/h. Each pair adds at most 0.4 h: a step or a spike is not enough.

    A rounded signal has differences of 0 that are not as smooth as they look: for the falling side y is greater by
    q²/12σ², what rounding to steps of q hides on average; q is the smallest change that was seen. So a noise of less
    than 0.35 q cannot be found to turn too smooth; use `flatline` there.

    >>> from detectors.tapes.example import example
    >>> example("variance", "(80 79 81 82 78)x40 (80 86 75 84 71)x4", calibrate_values=100)
    205s raised medium: Heart rate noise is 3.2 times its usual (SD 5.2 /min, usual 1.6 /min): check leads, rhythm

    Page, E. S. (1954), Continuous inspection schemes, Biometrika 41, 100–115; the bound e^h: Lorden, G. (1971),
    Procedures for reacting to a change in distribution, Annals of Mathematical Statistics 42, 1897–1908; charts for
    the variance: Hawkins, D. M. and Olwell, D. H. (1998), Cumulative Sum Charts and Charting for Quality Improvement,
    chapter 4; differences: von Neumann, J. et al. (1941), The mean square successive difference, Annals of
    Mathematical Statistics 12, 153–162; what rounding adds: Sheppard, W. F. (1898), Proceedings of the London
    Mathematical Society 29, 353–380.
    """

    # The newest value, and 1 where it waits for the second one of its pair; the smallest change; of the calibration the
    # number of pairs and the sum of their variances; both sums, and of the pairs since each was 0 the number and the
    # sum of their variances.
    columns = Columns(
        last=np.nan, last_at=np.nan, waiting=0.0, step=np.inf, pairs=0.0, total=0.0, sd=np.nan, rise=0.0, fall=0.0,
        rise_pairs=0.0, rise_total=0.0, fall_pairs=0.0, fall_total=0.0,
    )  # fmt: skip
    sample: ClassVar[Mapping[str, Any]] = {"calibrate_values": 200, "sd_floor": 1}

    def row(self, params: VarianceParams, series: SeriesInfo) -> RowValues:
        """A side that is not in use has a factor of 1: its sum stays 0."""
        rise, fall = params.rise or 1.0, params.fall or 1.0
        return {
            **super().row(params, series), "top": params.limit * params.ceiling, "most": params.limit * _MOST,
            "rise_gain": (1 - rise**-2) / 2, "rise_loss": math.log(rise), "fall_gain": (1 - fall**-2) / 2,
            "fall_loss": math.log(fall),
        }  # fmt: skip

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        off = x - state.last
        pair = (state.waiting > 0) & ~(np.abs(t - state.last_at) > p.within)
        state.step = np.where(np.abs(off) > 0, np.minimum(state.step, np.abs(off)), state.step)
        known = ~np.isnan(state.sd)
        squared = np.where(pair, off * off / 2, 0.0)
        self._learn(state, squared, pair & ~known, p)
        self._add(state, squared, pair & known, p)
        state.last, state.last_at, state.waiting = x, t, np.where(pair, 0.0, 1.0)
        return np.where(known, np.maximum(state.rise, state.fall) / p.limit, np.nan)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats | None:
        if np.isnan(state.sd).any():  # still learning
            return None
        rows = without_time(state), without_time(p)
        found = [_along(row, x[row].tolist(), t.tolist(), *rows) for row in range(len(x))]
        for i, name in enumerate(_SUMS):
            setattr(state, name, np.array([sums[i] for sums, _ in found]))
        for i, name in enumerate(("step", "waiting")):
            setattr(state, name, np.array([[last[i]] for _, last in found]))
        state.last, state.last_at = x[:, -1:], np.full((len(x), 1), t[-1])
        return np.asarray(np.maximum(state.rise, state.fall) / p.limit)

    def _learn(self, state: Any, squared: Floats, new: Any, p: Any) -> None:
        """Take some pairs into the calibration. It goes on while there is no noise at all."""
        state.pairs, state.total = state.pairs + new, np.where(new, state.total + squared, state.total)
        found = np.maximum(np.sqrt(state.total / np.maximum(state.pairs, 1)), p.sd_floor)
        enough = (2 * state.pairs >= p.calibrate_values) & (found > 0)
        sd = np.where(enough, found, np.nan)
        state.sd = np.where(np.isnan(state.sd), np.where(np.isnan(p.sd), sd, p.sd), state.sd)

    def _add(self, state: Any, squared: Floats, some: Any, p: Any) -> None:
        """Add some pairs to the sums of both sides."""
        variance = state.sd * state.sd
        hidden = np.where(np.isfinite(state.step), state.step, 0.0)
        for side, y in (("rise", squared / variance), ("fall", squared / variance + hidden * hidden / (12 * variance))):
            before = getattr(state, side)
            more = np.minimum(getattr(p, f"{side}_gain") * y - getattr(p, f"{side}_loss"), p.most)
            after = np.where(some, np.minimum(np.maximum(before + more, 0.0), p.top), before)
            setattr(state, side, after)
            for name, added in ((f"{side}_pairs", 1.0), (f"{side}_total", squared)):
                sums = np.where(after > 0, getattr(state, name) + np.where(some, added, 0.0), 0.0)
                setattr(state, name, sums)

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        needed = np.where(np.isnan(state.sd), np.where(state.total > 0, p.calibrate_values, np.inf), 0.0)
        return of_values(2 * state.pairs, needed)

    def curves(self, state: Any, p: Any) -> Mapping[str, Floats]:
        score = np.maximum(state.rise, state.fall) / p.limit
        return {"score": np.where(np.isnan(state.sd), np.nan, score), "sd": state.sd}

    def explain(self, evidence: Evidence[VarianceParams]) -> Explanation:
        state, signal, usual = evidence.state, evidence.signal, float(evidence.state.sd[0])
        grows = bool(state.rise[0] >= state.fall[0])
        pairs, total = (state.rise_pairs, state.rise_total) if grows else (state.fall_pairs, state.fall_total)
        sd = math.sqrt(float(total[0]) / max(float(pairs[0]), 1.0))
        text = (NOISY if grows else SMOOTH)(
            signal=signal.label, times=f"{sd / usual:.1f}", sd=calculated_value(signal, sd),
            usual=calculated_value(signal, usual), check=check_hint(evidence, unsteady=grows),
        )  # fmt: skip
        return Explanation(evidence.x, None, text)

    def explain_end(self, evidence: Evidence[VarianceParams]) -> Explanation:
        signal = evidence.signal
        text = AS_USUAL(signal=signal.label, usual=calculated_value(signal, float(evidence.state.sd[0])))
        return Explanation(evidence.x, None, text)


def _along(
    row: int, x: Sequence[float], t: Sequence[float], state: Any, p: Any
) -> tuple[list[list[float]], tuple[float, float]]:
    """`_SUMS` of one row after each of its values, and the smallest change and `waiting` after the last: `update` along
    time, for a row that has learned."""
    columns = (state.last, state.last_at, state.waiting, state.step)
    last, last_at, waiting, step = (float(column[row]) for column in columns)
    variance, within = float(state.sd[row]) * float(state.sd[row]), float(p.within[row])
    sides = [[float(getattr(state, name)[row]) for name in _SUMS[i : i + 3]] for i in (0, 3)]
    rise, fall = (p.rise_gain, p.rise_loss, p.most, p.top), (p.fall_gain, p.fall_loss, p.most, p.top)
    gains = [[float(column[row]) for column in side] for side in (rise, fall)]
    found: list[list[float]] = [[] for _ in _SUMS]
    for one, at in zip(x, t, strict=True):
        off = one - last
        if abs(off) > 0:
            step = min(step, abs(off))
        if waiting > 0 and not abs(at - last_at) > within:
            waiting, squared = 0.0, off * off / 2
            hidden = step if step < math.inf else 0.0
            _add_pair(sides[0], squared, squared / variance, *gains[0])
            _add_pair(sides[1], squared, squared / variance + hidden * hidden / (12 * variance), *gains[1])
        else:
            waiting = 1.0
        last, last_at = one, at
        for sums, number in zip(found, [*sides[0], *sides[1]], strict=True):
            sums.append(number)
    return found, (step, waiting)


def _add_pair(side: list[float], squared: float, y: float, gain: float, loss: float, most: float, top: float) -> None:
    """Add a pair to the sum of one side, and to the number and the variances of its pairs, in place."""
    side[0] = min(max(side[0] + min(gain * y - loss, most), 0.0), top)
    side[1], side[2] = (side[1] + 1.0, side[2] + squared) if side[0] > 0 else (0.0, 0.0)
