"""A statistic of a window of time: mean, scatter, distance of the newest value, or rate of change."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field, model_validator

from detectors.base import window_sums
from detectors.base.buckets import BUCKETS, follow, next_bucket
from detectors.base.columns import Columns, Floats, RowValues, WideColumn, without_time
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.progress import Progress
from detectors.base.spread_floor import spread_floor
from detectors.base.texts import MEAN, calculated_value, check_hint, threshold
from detectors.base.window_sums import SUMS, sums_of
from ward.clock import format_span
from ward.config.base_model import Seconds
from ward.config.rule import DetectorParams
from ward.limit_text import limit_text, quantity
from ward.text_template import TextKind, TextTemplate

MEAN_BACK = TextTemplate(
    TextKind.ENDING, "{signal} (mean of {span}) back at {mean}", signal="SpO2", span="5 min", mean="92.1 %"
)  # fmt: skip
UNSTEADY = TextTemplate(
    TextKind.ALERT, "{signal} unsteady (SD {sd}, limit {limit}){check}", signal="Heart rate", sd="9.5 /min", limit="8",
    check=": check leads, rhythm",
)  # fmt: skip
STEADY = TextTemplate(TextKind.ENDING, "{signal} steady again (SD {sd})", signal="Heart rate", sd="4.2 /min")
TOO_STEADY = TextTemplate(
    TextKind.ALERT, "{signal} varies too little (SD {sd}, at least {limit}){check}", signal="Heart rate",
    sd="0.2 /min", limit="1", check=": check leads",
)  # fmt: skip
VARIES = TextTemplate(TextKind.ENDING, "{signal} varies again (SD {sd})", signal="Heart rate", sd="2.1 /min")
FAR_FROM_MEAN = TextTemplate(
    TextKind.ALERT, "{signal} {value}, {distance} SD {side} its mean of the last {span}{check}", signal="Heart rate",
    value="122 /min", distance="4.1", side="above", span="2 h", check="",
)  # fmt: skip
NEAR_MEAN = TextTemplate(
    TextKind.ENDING, "{signal} {value}, back near its mean of the last {span}", signal="Heart rate", value="82 /min",
    span="2 h",
)  # fmt: skip
MOVED = TextTemplate(
    TextKind.ALERT, "{signal} {moved} from {first} to {last} in {span}{check}", signal="SpO2", moved="fell", first="98",
    last="77 %", span="110 s", check="",
)  # fmt: skip
MOVING = TextTemplate(
    TextKind.ALERT, "{signal} {moving} at {rate} per {span}, {value} now{check}", signal="SpO2", moving="falling",
    rate="6.4 %", span="2 min", value="91 %", check="",
)  # fmt: skip
NOT_MOVING = TextTemplate(
    TextKind.ENDING, "{signal} {stopped}, {value} now", signal="SpO2", stopped="no longer falling", value="93 %"
)  # fmt: skip
# What a slope no longer does, by the side of its limit.
STOPPED = {"low": "no longer falling", "high": "no longer rising", "both": "no longer changing fast"}


class RollingParams(DetectorParams):
    """One statistic of a window of time, and its limit. A severity of 1.5 is at 1.5 times the limit; for the
    mean, it is half a hysteresis beyond the limit."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.8}

    measure: Literal["mean", "sd", "residual_sd", "zscore", "slope"] = Field(
        description="mean; sd, the standard deviation; residual_sd, the standard deviation around a line fitted to the "
        "values, to which a steady rise or fall adds nothing; zscore, how many standard deviations the newest value is "
        "from the mean of those before it; slope, the change of the fitted line per `per`"
    )
    window: Seconds = Field(gt=0, description="the length of the window")
    limit: float = Field(description="the value of the statistic at which the score is 1, in its unit")
    side: Literal["high", "low", "both"] = Field(
        "high", description="which side of the limit is wrong; both is beyond it in either direction (zscore, slope)"
    )
    per: Seconds = Field(60.0, gt=0, description="the time that a slope is the change of")
    hysteresis: float = Field(1.0, gt=0, description="for the mean: the distance that adds 1 to the score")
    min_values: int = Field(10, ge=3, description="the smallest number of values in a window that is scored")
    min_fill: float = Field(
        0.8, ge=0, le=1, description="the part of the window that must have passed since the first value in it"
    )
    sd_floor: float = Field(
        0.0, ge=0, description="for the zscore: the smallest standard deviation to use; at least half of the last digit"
    )

    @model_validator(mode="after")
    def _sided(self) -> "RollingParams":
        if self.side == "both" and self.measure in ("mean", "sd", "residual_sd"):
            raise ValueError(f"a {self.measure} has a high side or a low one; for both, write two rules")
        if self.measure != "mean" and self.limit <= 0:
            raise ValueError(f"the limit of a {self.measure} is above 0; `side` says the direction")
        return self


class Rolling(Detector[RollingParams], name="rolling"):
    """A statistic over the bucket of the newest value and the eleven before it, as a share of its limit.

    Each bucket keeps n, Σx, Σx², Σt, Σt² and Σtx; those of the window are their sums, and mean, sd, residual_sd, zscore
    and slope follow from these (`detectors.base.window_sums` has the formulas). Memory grows neither with the window
    nor with the rate of values.

    >>> from detectors.tapes.example import example
    >>> rule = dict(measure="slope", window="12s", per="12s", limit=6, side="low", min_values=5)
    >>> example("rolling", "98x20 97-1x20 77x15", signal="spo2", kind="physiological", **rule)
    25s raised medium: SpO2 fell from 98 to 92 % in 11 s
    47s cleared recovered: SpO2 no longer falling, 77 % now

    Draper, N. R. and Smith, H. (1998), Applied Regression Analysis, 1.2–1.4.
    """

    columns = Columns(
        first=np.nan, value=np.nan, bucket=np.nan, since=np.nan, oldest=np.nan, oldest_at=np.nan, now=(0.0, SUMS),
        before=(0.0, SUMS), ring=WideColumn(0.0, BUCKETS * SUMS),
    )  # fmt: skip
    sample: ClassVar[Mapping[str, Any]] = {"measure": "slope", "window": "2m", "per": "1m", "limit": 25, "side": "both"}

    def row(self, params: RollingParams, series: SeriesInfo) -> RowValues:
        gain, offset = _line(params)
        return {
            "measure": float([*_STATISTICS].index(params.measure)), "width": params.window / BUCKETS,
            "needed": params.min_fill * params.window, "min_values": float(params.min_values), "per": params.per,
            "direction": {"high": 1.0, "low": -1.0, "both": 0.0}[params.side],
            "gain": gain, "offset": offset, "absolute": float(params.side == "both"),
            "inverse": float(params.measure in ("sd", "residual_sd") and params.side == "low"),
            "floor": spread_floor(params.sd_floor, series),
        }  # fmt: skip

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        bucket = np.floor(t / p.width)
        moved = np.flatnonzero(bucket != state.bucket)  # NaN differs from everything
        if len(moved):
            next_bucket(state, moved, bucket[moved], x[moved], t[moved], p.width[moved])
        past = state.before + state.now
        newest = sums_of(x - state.first, t - bucket * p.width)
        state.now = state.now + newest
        sums = past + newest
        state.value = value = _statistic(p.measure, _Window(sums, past, state.first, x, p.per, p.floor))
        return _score(value, sums[0], t - state.since, p)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        rows = without_time(state)
        first_scores = self.update(rows, x[:, 0], np.full(len(x), t[0]), without_time(p))
        past, sums = follow(state, rows, x, t, p.width)
        value, window = np.empty(x.shape), _Window(sums, past, state.first, x, p.per, p.floor)
        for number in set(p.measure[:, 0].tolist()):
            some = np.flatnonzero(p.measure[:, 0] == number)
            value[some] = _STATISTICS_BY_NUMBER[int(number)](_Window(*(column[..., some, :] for column in window)))
        value[:, 0] = rows.value
        state.value = value
        score = _score(value, sums[0], t - state.since, p)
        score[:, 0] = first_scores
        return score

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        """What is in the window at the time of the newest value; after a gap it begins again."""
        seconds = np.where(np.isnan(state.since), 0.0, np.maximum(t - state.since, 0.0))
        return Progress(False, (state.before + state.now)[0], p.min_values, seconds, p.needed)

    def measured(self, state: Any, x: Floats, score: Floats, p: Any) -> tuple[Floats, Floats]:
        """A mean is itself what is shown. The worst value of a fall is the lowest one, not that at the steepest; of a
        change in either direction none is worse than another."""
        slope, either = p.measure == _SLOPE, p.direction == 0
        value = np.where(slope & either, np.nan, np.where(p.measure == _MEAN, state.value, x))
        return value, np.where(slope & ~either, p.direction * x, score)

    def explain(self, evidence: Evidence[RollingParams]) -> Explanation:
        params, signal, value = evidence.params, evidence.signal, float(evidence.state.value[0])
        high, limit = params.side == "high", _limit(evidence)
        check = check_hint(evidence, unsteady=high and params.measure in ("sd", "residual_sd"))
        fields = {
            "signal": signal.label, "span": format_span(params.window), "limit": signal.show_limit(limit),
            "sd": calculated_value(signal, value), "check": check,
        }  # fmt: skip
        if params.measure == "slope":
            text = _change(evidence, value)
        elif params.measure == "zscore":
            side, distance = "above" if value > 0 else "below", f"{abs(value):.1f}"
            text = FAR_FROM_MEAN(**fields, value=quantity(signal, evidence.x), distance=distance, side=side)
        elif params.measure == "mean":
            label = MEAN(signal=signal.label, span=fields["span"])
            text = limit_text(signal, label, value, limit, upper=high, more_digits=1) + check
        else:
            text = (UNSTEADY if high else TOO_STEADY)(**fields)
        return _explanation(evidence, text)

    def explain_end(self, evidence: Evidence[RollingParams]) -> Explanation:
        params, signal, value = evidence.params, evidence.signal, float(evidence.state.value[0])
        shown = calculated_value(signal, value)
        fields = {
            "signal": signal.label, "span": format_span(params.window), "value": quantity(signal, evidence.x),
            "mean": shown, "sd": shown, "stopped": STOPPED[params.side],
        }  # fmt: skip
        scatter = STEADY if params.side == "high" else VARIES
        text = {"slope": NOT_MOVING, "zscore": NEAR_MEAN, "mean": MEAN_BACK}.get(params.measure, scatter)
        return _explanation(evidence, text(**fields))


def _explanation(evidence: Evidence[RollingParams], text: str) -> Explanation:
    """A mean is compared with a limit of the same unit; all other statistics are in the text, beside the value."""
    if evidence.params.measure == "mean":
        return Explanation(float(evidence.state.value[0]), _limit(evidence), text)
    return Explanation(evidence.x, None, text)


def _limit(evidence: Evidence[RollingParams]) -> float:
    """The value of the statistic from which the severity in question holds: where `_score` is its threshold."""
    params, ratio = evidence.params, threshold(evidence)
    gain, offset = _line(params)
    if params.measure in ("sd", "residual_sd") and params.side == "low":
        return gain / ratio
    return (ratio - offset) / gain


def _change(evidence: Evidence[RollingParams], slope: float) -> str:
    """`SpO2 fell from 98 to 77 % in 110 s`: the means of the first and of the last bucket that has values, and the time
    between the means of their times.

    Where these two do not show the slope of the fitted line, it is the slope: a rate, for nothing has changed by it.
    """
    state, signal, params = evidence.state, evidence.signal, evidence.params
    now = state.now[:, 0]
    first, last = float(state.oldest[0]), float(state.first[0] + window_sums.mean(now))
    last_at = float(state.bucket[0] * params.window / BUCKETS + window_sums.mean_time(now))
    check = check_hint(evidence)
    if (last - first) * slope > 0 and signal.show(first) != signal.show(last):
        return MOVED(
            signal=signal.label, moved="rose" if slope > 0 else "fell", first=signal.show(first),
            last=quantity(signal, last), span=format_span(last_at - float(state.oldest_at[0])), check=check,
        )  # fmt: skip
    return MOVING(
        signal=signal.label, moving="rising" if slope > 0 else "falling", rate=calculated_value(signal, abs(slope)),
        span=format_span(params.per), value=quantity(signal, evidence.x), check=check,
    )  # fmt: skip


class _Window(NamedTuple):
    """The sums of some rows with and without the newest value, the value that is 0 in them, and the newest value."""

    sums: Floats
    past: Floats
    first: Floats
    x: Floats
    per: Floats
    floor: Floats


_STATISTICS: dict[str, Callable[[_Window], Floats]] = {
    "mean": lambda w: w.first + window_sums.mean(w.sums),
    "sd": lambda w: window_sums.sd(w.sums),
    "residual_sd": lambda w: window_sums.residual_sd(w.sums),
    "zscore": lambda w: window_sums.zscore(w.x - w.first, w.past, w.floor),
    "slope": lambda w: window_sums.slope(w.sums) * w.per,
}
_MEAN, _SLOPE = (float([*_STATISTICS].index(name)) for name in ("mean", "slope"))
_STATISTICS_BY_NUMBER = [*_STATISTICS.values()]


def _statistic(measure: Floats, window: _Window) -> Floats:
    """The statistic that each row asks for."""
    if (measure == measure[0]).all():
        return np.asarray(_STATISTICS_BY_NUMBER[int(measure[0])](window))
    value = np.full(len(measure), np.nan)
    for number in np.unique(measure):
        rows = np.flatnonzero(measure == number)
        value[rows] = _STATISTICS_BY_NUMBER[int(number)](_Window(*(column[..., rows] for column in window)))
    return value


def _line(params: RollingParams) -> tuple[float, float]:
    """The score as a straight line of the statistic: slope and intercept."""
    sign = -1.0 if params.side == "low" else 1.0
    if params.measure == "mean":
        return sign / params.hysteresis, 1 - sign * params.limit / params.hysteresis
    if params.measure in ("sd", "residual_sd") and params.side == "low":  # of 1/sd: half the scatter is twice the score
        return params.limit, 0.0
    return sign / params.limit, 0.0


def _score(value: Floats, count: Floats, passed: Floats, p: Any) -> Floats:
    """The score, NaN while too few values or too little time is in the window."""
    if p.inverse.any():
        value = np.where(p.inverse > 0, 1 / value, value)
    if p.absolute.any():
        value = np.where(p.absolute > 0, np.abs(value), value)
    score: Floats = p.gain * value + p.offset
    return np.where((count >= p.min_values) & (passed >= p.needed), score, np.nan)
