"""A limit crossed now."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from detectors.engine.base import Detector, Floats, Verdict
from ward.config.rule import DetectorParams
from ward.signals import Signal


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

    @model_validator(mode="after")
    def _ordered(self) -> "LimitsParams":
        given = [limit for limit in (self.low, self.medium, self.high) if limit is not None]
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
    A value *on* the limit is still inside. Without a hysteresis the score is 0 or 1 + the distance.
    """

    def row(self, params: LimitsParams) -> Mapping[str, float]:
        """`first` is the limit met first; `b1` to `b3` are those of LOW, MEDIUM and HIGH, times the sign."""
        sign = 1.0 if params.side == "high" else -1.0
        bands = [float("nan") if v is None else sign * v for v in (params.low, params.medium, params.high)]
        first = min(b for b in bands if b == b)
        return {
            "sign": sign,
            "first": first,
            "b1": bands[0],
            "b2": bands[1],
            "b3": bands[2],
            "h": max(params.hysteresis, 1e-9),
        }

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        return _beyond(p.sign * x - p.first, p.h)

    def levels(self, score: Floats, state: Any, x: Floats, t: Floats, p: Any, at: Floats) -> Floats:
        bands = np.stack((p.b1, p.b2, p.b3), axis=1)
        return _beyond((p.sign * x)[:, None] - bands, p.h[:, None])

    def explain(self, params: LimitsParams, signal: Signal, level: int, score: float, state: Any, x: float) -> Verdict:
        limits = (params.low, params.medium, params.high)
        limit = limits[level - 1] if level else next(v for v in limits if v is not None)
        assert limit is not None
        than = ">" if params.side == "high" else "<"
        return Verdict(x, limit, f"{signal.label} {signal.show(x)} {signal.display} {than} {signal.show(limit)}")


def _beyond(distance: Floats, h: Floats) -> Floats:
    """1 + d/h, a value on the limit itself being just inside."""
    return np.where(distance > 0, 1 + distance / h, np.minimum(1 + distance / h, 1 - 1e-12))
