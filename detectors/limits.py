"""A limit crossed now."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from detectors.base.detector import Detector, Evidence, Explanation, Floats, Numbers, Subject, exact, finer, quantity
from ward.config.rule import DetectorParams


class LimitsParams(DetectorParams):
    """One side of one signal, with a limit for each severity that is wanted."""

    # A score of 0 is a hysteresis inside the limit: that is where it is cleared.
    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.0}

    side: Literal["high", "low"] = Field(description="whether values above or below the limits are wrong")
    low: float | None = Field(None, description="the limit for LOW severity, in the signal's unit")
    medium: float | None = Field(None, description="the limit for MEDIUM severity")
    high: float | None = Field(None, description="the limit for HIGH severity")
    hysteresis: float = Field(
        0.0, ge=0, description="how far back inside a value must come to clear, in the signal's unit"
    )

    @property
    def sign(self) -> float:
        return 1.0 if self.side == "high" else -1.0

    @property
    def limits(self) -> tuple[float | None, float | None, float | None]:
        return self.low, self.medium, self.high

    @model_validator(mode="after")
    def _ordered(self) -> "LimitsParams":
        given = [limit for limit in self.limits if limit is not None]
        if not given:
            raise ValueError("at least one of low, medium and high must be given")
        if given != sorted(given, reverse=self.side == "low"):
            raise ValueError(
                f"limits of the {self.side} side must get {'higher' if self.side == 'high' else 'lower'} with severity"
            )
        return self


class Limits(Detector[LimitsParams], kind="limits"):
    """The distance beyond a limit, in units of the hysteresis: 1 on the limit, 0 where it is cleared.

    With the sign s = +1 (high) or −1 (low), limit L and hysteresis h: score = 1 + s·(x − L)/h.
    A value *on* the limit is still inside. Without a hysteresis anything beyond counts, and anything else clears.
    """

    sample: ClassVar[Mapping[str, Any]] = {"side": "low", "medium": 90, "high": 85, "hysteresis": 2, "for": "15s"}

    def row(self, params: LimitsParams, subject: Subject) -> Numbers:
        """`first` is the limit met first; `bands` are those of LOW, MEDIUM and HIGH; all times the sign."""
        bands = [float("nan") if limit is None else params.sign * limit for limit in params.limits]
        first = min(band for band in bands if band == band)
        return {"sign": params.sign, "first": first, "bands": bands, "per": 1 / max(params.hysteresis, 1e-9)}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        return _beyond(p.sign * x - p.first, p.per)

    def levels(self, score: Floats, state: Any, x: Floats, t: Floats, p: Any, at: Floats) -> Floats:
        return _beyond(p.sign * x - p.bands, p.per)

    def explain(self, case: Evidence[LimitsParams]) -> Explanation:
        limit = self._met(case)
        than = ">" if case.params.side == "high" else "<"
        # 44.6 is shown as 45 by the instrument, and `45 < 45` would be a riddle.
        hidden = case.signal.show(case.x) == exact(case.signal, limit)
        value = (finer if hidden else quantity)(case.signal, case.x)
        text = f"{case.signal.label} {value} {than} {exact(case.signal, limit)}"
        return Explanation(case.x, limit, text)

    def relief(self, case: Evidence[LimitsParams]) -> Explanation:
        limit = self._met(case)
        inside = limit - case.params.sign * case.params.hysteresis * (1 - case.decision.clear_below)
        back = "below" if case.params.side == "high" else "above"
        text = f"{case.signal.label} {quantity(case.signal, case.x)}, back {back} {exact(case.signal, inside)}"
        return Explanation(case.x, limit, text)

    def _met(self, case: Evidence[LimitsParams]) -> float:
        """The limit of the severity in question; the mildest one where a rule of config asks in shares of its own."""
        limit = case.params.limits[case.level - 1]
        return next(v for v in case.params.limits if v is not None) if limit is None else limit


def _beyond(distance: Floats, per: Floats) -> Floats:
    """1 + d/h, a value on the limit itself being just inside."""
    score = distance * per
    score += 1
    return np.where(distance > 0, score, np.minimum(score, 1 - 1e-12))
