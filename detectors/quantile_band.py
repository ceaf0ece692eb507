"""A value outside the band in which nearly all values of its series are, whatever their distribution."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field, model_validator

from detectors.base.columns import Columns, Floats, RowValues
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation, SeriesInfo
from detectors.base.p_square import observe
from detectors.base.progress import Progress, of_values
from detectors.base.texts import band, check_hint
from ward.config.rule import DetectorParams
from ward.limit_text import quantity
from ward.text_template import TextKind, TextTemplate

OUTSIDE = TextTemplate(
    TextKind.ALERT, "{signal} {value}, {share} % of its values are within {band}{check}", signal="Heart rate",
    value="122 /min", share="96", band="71.3 to 86.9 /min", check=": check leads",
)  # fmt: skip
INSIDE = TextTemplate(
    TextKind.ENDING, "{signal} {value}, back near its usual {band}", signal="Heart rate", value="82 /min",
    band="71.3 to 86.9 /min",
)  # fmt: skip

_MARKERS = 7
_LOW, _HIGH = 2, 4
# So many values must be below the lower quantile and above the higher one within the memory.
_LEAST_IN_TAIL = 4


class QuantileBandParams(DetectorParams):
    """The two quantiles, and how far beyond them a value may be. For normal values the band of 2 % and 98 % is 4.1
    standard deviations wide, and with a margin of 0.5 the limits are 4.1 from the mean."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.8}

    low: float = Field(0.02, gt=0, lt=0.5, description="the share of values below the band")
    high: float = Field(0.98, gt=0.5, lt=1, description="the share of values below the upper end of the band")
    margin: float = Field(
        0.5, gt=0, description="how far beyond the band the score is 1, in widths of the band: a skewed distribution "
        "has a wide band",
    )  # fmt: skip
    warm_up: int = Field(200, ge=_MARKERS, description="how many values are learned before the first one is scored")
    memory: int = Field(
        5000, description="of how many values a band is: those before are forgotten, so a change that lasts longer "
        "becomes usual",
    )  # fmt: skip
    least_width: float = Field(
        0.0, ge=0, description="the smallest width of the band to use; at least one step of the last digit"
    )

    @model_validator(mode="after")
    def _enough(self) -> "QuantileBandParams":
        least = max(math.ceil(_LEAST_IN_TAIL / min(self.low, 1 - self.high) - 1e-9), self.warm_up)
        if self.memory < least:
            raise ValueError(f"memory is at least {least}, for these quantiles and this warm_up")
        return self


class QuantileBand(Detector[QuantileBandParams], name="quantile_band"):
    """The distance from the band between two quantiles, which are learned all the time, as a share of what is allowed.

    score = max(0, q_low − x, x − q_high)/(margin·width) with width = q_high − q_low. The quantiles are estimated by the
    P² algorithm from seven markers. After `memory` values the band is that of these until there are as many new ones;
    before, it is that of all values so far. A value beyond the limits of both this band and the next one is learned as
    if it were on the limit, so outliers do not widen the band.

    >>> from detectors.tapes.example import example
    >>> example("quantile_band", "(80 79 81 82 78 76 84 80)x30 122 80", warm_up=200)
    240s raised medium: Heart rate 122 /min, 96 % of its values are within 76.0 to 84.0 /min: check leads
    241s cleared recovered: Heart rate 80 /min, back near its usual 76.0 to 84.0 /min

    Jain, R. and Chlamtac, I. (1985), The P² algorithm for dynamic calculation of quantiles and histograms without
    storing observations, Communications of the ACM 28, 1076–1085.
    """

    # Markers of the block that is being learned, and how many values it has; whether there was one before, and the band
    # that the newest value was held against.
    columns = Columns(
        heights=(np.nan, _MARKERS), positions=(np.nan, _MARKERS), count=0.0, follows=0.0, low=np.nan, high=np.nan
    )  # fmt: skip
    sample: ClassVar[Mapping[str, Any]] = {"warm_up": 30, "margin": 1, "least_width": 4}

    def row(self, params: QuantileBandParams, series: SeriesInfo) -> RowValues:
        low, high = params.low, params.high
        return {
            "margin": params.margin, "warm_up": float(params.warm_up), "memory": float(params.memory),
            "floor": max(params.least_width, 10.0**-series.signal.precision),
            "fractions": [0.0, low / 2, low, (low + high) / 2, high, (1 + high) / 2, 1.0],
        }  # fmt: skip

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        follows, own_low, own_high = state.follows > 0, state.heights[_LOW], state.heights[_HIGH]
        low, high = np.where(follows, state.low, own_low), np.where(follows, state.high, own_high)
        far = p.margin * np.maximum(high - low, p.floor)
        score = np.maximum(np.maximum(low - x, x - high), 0.0) / far
        known = follows | (state.count >= p.warm_up)
        own_far = p.margin * np.maximum(own_high - own_low, p.floor)
        lowest, highest = np.minimum(low - far, own_low - own_far), np.maximum(high + far, own_high + own_far)
        damped = known & (state.count >= _MARKERS)
        state.low, state.high = low, high
        self._learn(state, np.where(damped, np.minimum(np.maximum(x, lowest), highest), x), p)
        return np.where(known, score, np.nan)

    def _learn(self, state: Any, x: Floats, p: Any) -> None:
        """Take a value into the block; the band of a block that is full is in force from the next value on."""
        heights, positions = state.heights, state.positions
        observe(heights, positions, p.fractions, state.count, x)
        count = state.count + 1
        full = np.flatnonzero(count >= p.memory)
        if len(full):
            state.low[full], state.high[full] = heights[_LOW, full], heights[_HIGH, full]
            state.low, state.high = state.low, state.high
            follows = state.follows
            follows[full], count[full], heights[:, full] = 1.0, 0.0, np.nan
            state.follows = follows
        state.heights, state.positions, state.count = heights, positions, count

    def progress(self, state: Any, t: Floats, p: Any) -> Progress:
        return of_values(state.count, np.where(state.follows > 0, 0.0, p.warm_up))

    def explain(self, evidence: Evidence[QuantileBandParams]) -> Explanation:
        signal, params = evidence.signal, evidence.params
        text = OUTSIDE(
            signal=signal.label, value=quantity(signal, evidence.x), share=f"{100 * (params.high - params.low):.4g}",
            band=_band(evidence), check=check_hint(evidence),
        )  # fmt: skip
        return Explanation(evidence.x, None, text)

    def explain_end(self, evidence: Evidence[QuantileBandParams]) -> Explanation:
        signal = evidence.signal
        text = INSIDE(signal=signal.label, value=quantity(signal, evidence.x), band=_band(evidence))
        return Explanation(evidence.x, None, text)


def _band(evidence: Evidence[QuantileBandParams]) -> str:
    return band(evidence.signal, float(evidence.state.low[0]), float(evidence.state.high[0]))
