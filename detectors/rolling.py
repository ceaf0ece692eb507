"""What a signal did over a while: its mean, its scatter, how unusual the newest value is, how fast it changes."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field, model_validator

from detectors.base.detector import (
    Columns,
    Detector,
    Evidence,
    Explanation,
    Floats,
    Ints,
    Numbers,
    Ring,
    Subject,
    exact,
    finer,
    quantity,
)
from ward.clock import format_span
from ward.config.model import Seconds
from ward.config.rule import DetectorParams

# A window is so many buckets, aligned to the epoch: the newest value's, and those before it.
BUCKETS = 12
# In each bucket: how many values, their sum and the sum of their squares, the sums of times, of their squares, and of
# times × values. Values are counted from the first one of the row, times from the beginning of the bucket.
SUMS = 6
_BACK = np.arange(BUCKETS - 1.0, 0.0, -1.0)[:, None]

_NAMES = {
    "mean": "mean", "sd": "scatter (SD)", "noise": "noise (SD)", "zscore": "distance from the mean",
    "slope": "rate of change",
}  # fmt: skip


class RollingParams(DetectorParams):
    """One measure of a window of time, and the limit it must not pass. Severities are shares of that limit; for the
    mean, where a share says little, they are hysteresis: 1 at the limit, 2 one hysteresis beyond it."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.8}

    measure: Literal["mean", "sd", "noise", "zscore", "slope"] = Field(
        description="mean; sd, the standard deviation; noise, the standard deviation around a line fitted to the "
        "values, which a rise or fall does not count towards; zscore, how many standard deviations the newest value is "
        "from the mean of those before it; slope, the change of the fitted line per `per`"
    )
    window: Seconds = Field(gt=0, description="how far back it looks")
    limit: float = Field(description="where it begins to be wrong, in the unit of what is measured")
    side: Literal["high", "low", "both"] = Field(
        "high", description="which side of the limit is wrong; both is beyond it in either direction (zscore, slope)"
    )
    per: Seconds = Field(60.0, gt=0, description="the span a slope is told for")
    hysteresis: float = Field(1.0, gt=0, description="for the mean: the distance that counts as a score of 1 more")
    least: int = Field(10, ge=3, description="how many values a window must hold before anything is said")
    filled: float = Field(
        0.8, ge=0, le=1, description="the part of the window that must have passed since the first value in it"
    )
    sd_floor: float = Field(
        0.0, ge=0, description="for the zscore: the least standard deviation to believe; at least half of what is shown"
    )

    @model_validator(mode="after")
    def _sided(self) -> "RollingParams":
        if self.side == "both" and self.measure in ("mean", "sd", "noise"):
            raise ValueError(f"a {self.measure} has a high side or a low one; for both, write two rules")
        if self.measure != "mean" and self.limit <= 0:
            raise ValueError(f"the limit of a {self.measure} is above 0; `side` says the direction")
        return self


class Rolling(Detector[RollingParams], kind="rolling"):
    """Sums over buckets, combined: the window is exactly the newest value's bucket and the eleven before it.

    With n values, Σx, Σx², Σt, Σt², Σtx: mean = Σx/n, sd² = (Σx² − (Σx)²/n)/(n − 1), slope = (n·Σtx − Σt·Σx)/
    (n·Σt² − (Σt)²), the least squares line, and noise² = (n − 1)/(n − 2)·(sd² − slope²·var t), the scatter around it
    (Draper and Smith, Applied Regression Analysis, 1.2–1.4). Memory does not grow with the window, nor with the rate.
    """

    columns = Columns(
        first=np.nan, value=np.nan, bucket=np.nan, since=np.nan, now=(0.0, SUMS), before=(0.0, SUMS),
        ring=Ring(0.0, BUCKETS * SUMS),
    )  # fmt: skip
    sample: ClassVar[Mapping[str, Any]] = {"measure": "slope", "window": "2m", "per": "1m", "limit": 25, "side": "both"}

    def row(self, params: RollingParams, subject: Subject) -> Numbers:
        gain, offset = _line(params)
        return {
            "measure": float([*_FORMULAS].index(params.measure)), "width": params.window / BUCKETS,
            "needed": params.filled * params.window, "least": float(params.least), "per": params.per,
            "gain": gain, "offset": offset, "either": float(params.side == "both"),
            "upside": float(params.measure in ("sd", "noise") and params.side == "low"),
            "floor": max(params.sd_floor, 0.5 * 10.0**-subject.signal.precision),
        }  # fmt: skip

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        bucket = np.floor(t / p.width)
        moved = np.flatnonzero(bucket != state.bucket)  # NaN differs from everything
        if len(moved):
            _advance(state, moved, bucket[moved], x[moved], t[moved], p.width[moved])
        past = state.before + state.now
        d, s = x - state.first, t - bucket * p.width
        newest = np.empty((SUMS, len(x)))
        newest[0], newest[1], newest[3] = 1.0, d, s
        np.multiply(d, d, out=newest[2])
        np.multiply(s, s, out=newest[4])
        np.multiply(s, d, out=newest[5])
        state.now = state.now + newest
        sums = past + newest
        state.value = value = _measured(p.measure, _Window(sums, past, state.first, x, p.per, p.floor))
        enough = (sums[0] >= p.least) & (t - state.since >= p.needed)
        return np.where(enough, _score(value, p), np.nan)

    def explain(self, case: Evidence[RollingParams]) -> Explanation:
        params, signal, value = case.params, case.signal, float(case.state.value[0])
        over = f"over {format_span(params.window)}"
        if params.measure == "slope":
            change = f"{'rises' if value > 0 else 'falls'} by {finer(signal, abs(value))}"
            text = f"{signal.label} {change} in {format_span(params.per)} (limit {params.limit:g}), {over}"
        elif params.measure == "zscore":
            text = f"{signal.label} {quantity(signal, case.x)} is {value:+.1f} SD from its mean {over}"
        else:
            what = _NAMES[params.measure]
            than = ">" if params.side == "high" else "<"
            text = f"{signal.label} {what} {finer(signal, value)} {than} {exact(signal, params.limit)} {over}"
        return Explanation(value, params.limit, text)

    def relief(self, case: Evidence[RollingParams]) -> Explanation:
        what = _NAMES[case.params.measure]
        value = float(case.state.value[0])
        return Explanation(value, case.params.limit, f"{case.signal.label}: {what} back at {finer(case.signal, value)}")


def _advance(state: Any, rows: Ints, bucket: Floats, x: Floats, t: Floats, width: Floats) -> None:
    """Put the bucket that is over into the ring, drop those that are too old, and sum up those that stay."""
    ring = state.ring.reshape(-1, BUCKETS, SUMS)
    slots = np.arange(len(ring))[state.slots][rows]
    was, now, before = state.bucket[rows], state.now[:, rows], np.zeros((SUMS, len(rows)))
    lasting = (bucket > was) & (bucket - was < BUCKETS)
    ring[slots[~lasting]] = 0.0
    place = np.where(lasting, was, bucket).astype(np.intp) % BUCKETS
    ring[slots, place] = np.where(lasting, now, 0.0).T
    begun = bucket - _BACK  # the eleven buckets before, the oldest first: shape (11, rows)
    at = begun.astype(np.intp) % BUCKETS
    stale = lasting & (begun > was)  # nothing came in that bucket: what lies there is a turn older
    ring[np.broadcast_to(slots, at.shape)[stale], at[stale]] = 0.0
    held = ring[slots, at]
    filled = held[..., 0] > 0
    oldest = np.take_along_axis(begun, filled.argmax(axis=0)[None], axis=0)[0]
    since = np.where(filled.any(axis=0), np.maximum(state.since[rows], oldest * width), t)
    for sums in _shifted(held, -_BACK * width):  # one by one: np.sum adds in another order when there is one row
        before += sums
    ring[slots, bucket.astype(np.intp) % BUCKETS] = 0.0
    for name, values in (
        ("bucket", bucket), ("now", 0.0), ("before", before),
        ("since", since),
        ("first", np.where(np.isnan(state.first[rows]), x, state.first[rows])),
    ):  # fmt: skip
        column = getattr(state, name)
        column[..., rows] = values
        setattr(state, name, column)


def _shifted(sums: Floats, by: Floats) -> Floats:
    """Sums whose times are counted from `by` seconds earlier.

    They come as (buckets, rows, SUMS) and go as (buckets, SUMS, rows).
    """
    n, s, q, st, stt, sts = np.moveaxis(sums, -1, 0)
    return np.stack((n, s, q, st + n * by, stt + 2 * by * st + n * by * by, sts + by * s), axis=1)


class _Window(NamedTuple):
    """The sums of some rows with the newest value and without it, what values are counted from, and that value."""

    sums: Floats
    past: Floats
    first: Floats
    x: Floats
    per: Floats
    floor: Floats


def _measured(measure: Floats, window: _Window) -> Floats:
    """What each row measures."""
    formulas = [*_FORMULAS.values()]
    if (measure == measure[0]).all():
        return formulas[int(measure[0])](window)
    value = np.full(len(measure), np.nan)
    for number in np.unique(measure):
        rows = np.flatnonzero(measure == number)
        value[rows] = formulas[int(number)](_Window(*(column[..., rows] for column in window)))
    return value


def _mean(w: _Window) -> Floats:
    return np.asarray(w.first + w.sums[1] / w.sums[0])


def _sd(w: _Window) -> Floats:
    return _spread(w.sums)


def _noise(w: _Window) -> Floats:
    n, s, q, st, stt, sts = w.sums
    across, along, both = q - s * s / n, stt - st * st / n, sts - st * s / n
    return np.asarray(np.sqrt(np.maximum(across - both * both / along, 0.0) / (n - 2)))


def _zscore(w: _Window) -> Floats:
    """Against the values before it: one that counted among them would hide itself."""
    return np.asarray((w.x - w.first - w.past[1] / w.past[0]) / np.maximum(_spread(w.past), w.floor))


def _slope(w: _Window) -> Floats:
    n, s, _, st, stt, sts = w.sums
    return np.asarray((n * sts - st * s) / (n * stt - st * st) * w.per)


def _spread(sums: Floats) -> Floats:
    n, s, q = sums[:3]
    return np.asarray(np.sqrt(np.maximum(q - s * s / n, 0.0) / (n - 1)))


_FORMULAS = {"mean": _mean, "sd": _sd, "noise": _noise, "zscore": _zscore, "slope": _slope}


def _line(params: RollingParams) -> tuple[float, float]:
    """The score as a straight line of what is measured: slope and intercept."""
    sign = -1.0 if params.side == "low" else 1.0
    if params.measure == "mean":
        return sign / params.hysteresis, 1 - sign * params.limit / params.hysteresis
    if params.measure in ("sd", "noise") and params.side == "low":  # of 1/sd: half the scatter is twice as bad
        return params.limit, 0.0
    return sign / params.limit, 0.0


def _score(value: Floats, p: Any) -> Floats:
    if p.upside.any():
        value = np.where(p.upside > 0, 1 / value, value)
    if p.either.any():
        value = np.where(p.either > 0, np.abs(value), value)
    score: Floats = p.gain * value + p.offset
    return score
