"""A single value far from the middle of the values before it: Hampel's identifier, from a rolling median and MAD."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, model_validator

from detectors.base.columns import Columns, Floats, RowValues, WideColumn
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.progress import Progress, of_values
from detectors.base.robust import SD_OF_MAD
from detectors.base.spread_floor import SdFloor, spread_floor
from detectors.base.texts import band, check_hint, threshold
from ward.config.base_model import Seconds
from ward.config.rule import DetectorParams
from ward.limit_text import quantity
from ward.text_template import TextKind, TextTemplate

OUTSIDE = TextTemplate(
    TextKind.ALERT, "{signal} {value}, usual now is {band} (median {median} of {count} values){check}",
    signal="Heart rate", value="122 /min", band="74.1 to 85.9 /min", median="80", count="31", check="",
)  # fmt: skip
INSIDE = TextTemplate(
    TextKind.ENDING, "{signal} {value}, back near its median {median}", signal="Heart rate", value="82 /min",
    median="80 /min",
)  # fmt: skip

MOST_VALUES = 61
# So many windows at once: bounds the memory of a long backlog.
_WINDOWS = 4096


class HampelParams(DetectorParams):
    """The window, and how far a value may be from its median. One value in 370 of a healthy normal series is more than
    3 standard deviations away, and with a window of 31 values about twice as many, as the MAD of few values varies."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.8}

    values: int = Field(31, ge=5, le=MOST_VALUES, description="of how many values median and MAD are")
    window: Seconds | None = Field(
        None, gt=0, description="the time that they cover: older values are left out, and of more values than fit one "
        "is kept each window/values; left out, the newest values count, however old they are",
    )  # fmt: skip
    limit: float = Field(4.0, gt=0, description="the distance at which the score is 1, in robust standard deviations")
    min_values: int = Field(10, ge=3, description="the smallest number of values in the window for a score")
    sd_floor: SdFloor = 0.0

    @model_validator(mode="after")
    def _enough(self) -> "HampelParams":
        if self.min_values > self.values:
            raise ValueError(f"min_values {self.min_values} is more than the window has: values is {self.values}")
        return self


class Hampel(Detector[HampelParams], name="hampel"):
    """The distance from the median of the values before, in robust standard deviations, as a share of what is allowed.

    score = |x − median|/(limit·1.4826·MAD), with MAD the median of the distances |xᵢ − median| of the values in the
    window; x itself is not among them. Up to half of the window may be outliers without moving the limits far. A value
    of the window counts for as long as it is in it, so a lasting change becomes usual after half a window.

    >>> from detectors.tapes.example import example
    >>> example("hampel", "(80 79 81 82 78)x4 122 80")
    20s raised medium: Heart rate 122 /min, usual now is 74.1 to 85.9 /min (median 80 of 20 values): check leads
    21s cleared recovered: Heart rate 80 /min, back near its median 80 /min

    Hampel, F. R. (1974), The influence curve and its role in robust estimation, Journal of the American Statistical
    Association 69, 383–393; Davies, L. and Gather, U. (1993), The identification of multiple outliers, ibid. 88,
    782–792.
    """

    # `kept` values went into the ring `past`, the newest at `kept_at`.
    columns = Columns(
        median=np.nan, spread=np.nan, used=0.0, kept=0.0, kept_at=np.nan, past=WideColumn(np.nan, MOST_VALUES),
        times=WideColumn(np.nan, MOST_VALUES),
    )  # fmt: skip
    sample: ClassVar[Mapping[str, Any]] = {"values": 31, "limit": 5, "sd_floor": 2}

    def row(self, params: HampelParams, series: SeriesInfo) -> RowValues:
        floor = spread_floor(params.sd_floor, series)
        apart = 0.0 if params.window is None else params.window / params.values
        return {**super().row(params, series), "floor": floor, "apart": apart}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        slots = np.arange(len(state.past))[state.slots]
        window = self._window(state, t, p)
        score = _score(state, window, x, p)
        # After a clock was set back, its time counts: older values are then of the future, and not used.
        new = np.flatnonzero(~(np.abs(t - state.kept_at) < p.apart))
        places = (state.kept[new] % p.values[new]).astype(np.intp)
        state.past[slots[new], places], state.times[slots[new], places] = x[new], t[new]
        state.kept[new], state.kept_at[new] = state.kept[new] + 1, t[new]
        state.kept, state.kept_at = state.kept, state.kept_at
        return score

    def _window(self, state: Any, t: Floats, p: Any) -> Floats:
        """The values in the window of each row, NaN for places without one: (rows, values)."""
        size = int(p.values.max())
        past = state.past[state.slots][:, :size]
        if np.isnan(p.window).all():
            return np.asarray(past)
        age = t[:, None] - state.times[state.slots][:, :size]
        return np.where(~((age > p.window[:, None]) | (age < 0)) | np.isnan(p.window)[:, None], past, np.nan)

    def update_many(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats | None:
        if not np.isnan(p.window).all():  # which values are kept depends on their times, one after the other
            return None
        rows, n = x.shape
        found: dict[str, Floats] = {name: np.empty(x.shape) for name in ("median", "spread", "used")}
        slots = np.arange(len(state.past))[state.slots]
        rings = []
        for row in range(rows):
            size, before = int(p.values[row, 0]), int(state.kept[row, 0])
            ring = state.past[slots[row], :size]
            values = np.concatenate((np.roll(ring, -(before % size)), x[row]))
            windows = np.lib.stride_tricks.sliding_window_view(values, size)[:n]
            for start in range(0, n, _WINDOWS):
                part = slice(start, start + _WINDOWS)
                for name, column in zip(found, _middle(windows[part]), strict=True):
                    found[name][row, part] = column
            rings.append(np.roll(values[-size:], (before + n) % size))
        for row, ring in enumerate(rings):
            last = min(n, len(ring))
            places = (int(state.kept[row, 0]) + np.arange(n - last, n)) % len(ring)
            state.past[slots[row], : len(ring)], state.times[slots[row], places] = ring, t[n - last :]
        for name, column in found.items():
            setattr(state, name, column)
        state.spread = np.maximum(state.spread, p.floor)
        state.kept, state.kept_at = state.kept + np.arange(1.0, n + 1), np.broadcast_to(t, x.shape)
        return _distance(state, x, p)

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        have = np.sum(~np.isnan(self._window(state, t, p)), axis=1).astype(np.float64)
        return of_values(have, p.min_values, warming_up=False)

    def curves(self, state: Any, p: Any) -> Mapping[str, Floats]:
        known = state.used >= p.min_values
        return {
            name: np.where(known, column, np.nan) for name, column in (("target", state.median), ("sd", state.spread))
        }

    def explain(self, evidence: Evidence[HampelParams]) -> Explanation:
        state, signal, x = evidence.state, evidence.signal, evidence.x
        median = float(state.median[0])
        width = threshold(evidence) * evidence.params.limit * float(state.spread[0])
        text = OUTSIDE(
            signal=signal.label, value=quantity(signal, x), band=band(signal, median - width, median + width),
            median=signal.show(median), count=f"{state.used[0]:.0f}", check=check_hint(evidence),
        )  # fmt: skip
        return Explanation(x, None, text)

    def explain_end(self, evidence: Evidence[HampelParams]) -> Explanation:
        signal, median = evidence.signal, float(evidence.state.median[0])
        text = INSIDE(signal=signal.label, value=quantity(signal, evidence.x), median=quantity(signal, median))
        return Explanation(evidence.x, None, text)


def _score(state: Any, window: Floats, x: Floats, p: Any) -> Floats:
    state.median, spread, state.used = _middle(window)
    state.spread = np.maximum(spread, p.floor)
    return _distance(state, x, p)


def _distance(state: Any, x: Floats, p: Any) -> Floats:
    score = np.abs(x - state.median) / (p.limit * state.spread)
    return np.where(state.used >= p.min_values, score, np.nan)


def _middle(window: Floats) -> tuple[Floats, Floats, Floats]:
    """Median, 1.4826·MAD and the number of values of each window (n, size); NaN are no values."""
    ordered = np.sort(window, axis=-1)  # NaN last
    count = np.sum(ordered == ordered, axis=-1)
    median = _median(ordered, count)
    off = np.abs(ordered - median[:, None])
    off.sort(axis=-1)
    return median, SD_OF_MAD * _median(off, count), count.astype(np.float64)


def _median(ordered: Floats, count: Any) -> Floats:
    """The median of the first `count` of each row's values, which are in order; NaN for none."""
    rows = np.arange(len(ordered))
    low, high = ordered[rows, np.maximum(count - 1, 0) // 2], ordered[rows, count // 2]
    return np.asarray(low + (high - low) / 2)
