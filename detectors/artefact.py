"""Too many implausible values, lost, late or repeated readings, or reboots."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pydantic import Field

from detectors.base.detector import Columns, Detector, Evidence, Explanation, Floats, Tick
from detectors.engine.waves.wave_builder import FACTS
from ward.config.model import Seconds
from ward.config.rule import DetectorParams


class ArtefactParams(DetectorParams):
    """Of a signal its implausible values are counted; of a fact of delivery (lost_readings, late_readings,
    duplicate_readings, reboots) the fact itself."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.5}

    count: float = Field(gt=0, description="how many at once are too many")
    half_life: Seconds = Field(gt=0, description="after how long one counts half")


class Artefact(Detector[ArtefactParams], kind="artefact"):
    """A leaky counter: c ← c·2^(−Δt/half_life) + x, and score = c/count.

    It forgets by itself, so it clears while nothing more comes. At r a second it settles at r·half_life/ln 2.
    The bucket that leaks is Turner's (1986), IEEE Communications Magazine 24(10), 8–15; ours leaks in
    proportion to what is in it.
    """

    feed = "doubts"
    ticks = True
    columns = Columns(level=0.0, at=np.nan)
    sample: ClassVar[Mapping[str, Any]] = {"count": 5, "half_life": "1m"}

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        state.level = np.maximum(state.level * _left(np.fmax(t - state.at, 0.0), p) + x, 0.0)
        state.at = t
        return np.asarray(state.level / p.count)

    def tick(self, state: Any, pulse: Tick, p: Any) -> Floats:
        return np.asarray(state.level * _left(pulse.age, p) / p.count)

    def until(self, score: Floats, state: Any, pulse: Tick, p: Any) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            seconds = p.half_life * np.log2(state.level / (p.count * score)) - pulse.age
        return np.where((state.level > 0) & (score > 0), seconds, np.inf)

    def explain(self, case: Evidence[ArtefactParams]) -> Explanation:
        count = case.score * case.params.count
        what = "" if case.signal.name in FACTS else " implausible values"
        text = f"{case.signal.label}: {count:.0f}{what} of late, {case.params.count:g} are too many"
        return Explanation(count, case.params.count, text, timed=False)

    def relief(self, case: Evidence[ArtefactParams]) -> Explanation:
        count = case.score * case.params.count
        what = "" if case.signal.name in FACTS else " implausible values"
        return Explanation(count, case.params.count, f"{case.signal.label}: hardly any{what} of late", timed=False)


def _left(seconds: Floats, p: Any) -> Floats:
    """The share of what was counted that is left after some time; all of it where nothing was."""
    return np.where(np.isnan(seconds), 1.0, np.exp2(-seconds / p.half_life))
