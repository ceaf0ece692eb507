"""What happens to a patient, as a file: influences on the body over time, and what a monitor must show of them."""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from simulators.random_streams import FloatArray
from simulators.scenarios.influences import INFLUENCES
from ward.config.base_model import ConfigModel, Seconds

INFLICTED = tuple(name for name in INFLUENCES if name != "asphyxia")
What = Literal[
    "fever", "blood_loss", "vasodilation", "desaturation", "respiratory_drive", "vagal_tone", "arousal"
]  # fmt: skip


class Step(ConfigModel):
    """From `at`, an influence moves evenly to a new value and has it after `over`."""

    at: Seconds = Field(ge=0, description="since the scenario began")
    over: Seconds = Field(default=0, ge=0, description="how long the change takes")
    what: What = Field(description="the influence that changes")
    to: float = Field(ge=-60, le=60, description="its new value, in its own unit")


class Sign(ConfigModel):
    """What a monitor must show for the scenario to deserve its name: `signal` above or below a value, soon enough."""

    signal: str
    above: float | None = None
    below: float | None = None
    after: Seconds = Field(default=0, ge=0, description="not looked for before, since the scenario began")
    within: Seconds = Field(gt=0, description="since the scenario began")

    @model_validator(mode="after")
    def _one_side(self) -> "Sign":
        if (self.above is None) == (self.below is None):
            raise ValueError("give `above` or `below`")
        return self

    def shown(self, value: float) -> bool:
        """Whether a value is the sign."""
        return value > self.above if self.above is not None else value < (self.below or 0)


class Scenario(ConfigModel):
    """A timeline with a name. `settled`: the patient is already as the first steps say when it begins."""

    label: str
    about: str
    speed: float = Field(default=1, gt=0, le=10_000, description="how many times faster than written")
    settled: bool = False
    timeline: tuple[Step, ...] = ()
    signature: tuple[Sign, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> "Scenario":
        ends: dict[str, float] = {}
        for step in self.timeline:
            if step.at < ends.get(step.what, 0):
                raise ValueError(f"{step.what} changes at {step.at:g} s before its last change is done")
            ends[step.what] = step.at + step.over
        return self

    @property
    def lasts(self) -> float:
        """Seconds until the last change is done, at speed 1."""
        return max((step.at + step.over for step in self.timeline), default=0.0)

    @cached_property
    def knots(self) -> Mapping[str, tuple[FloatArray, FloatArray]]:
        """By influence: times in seconds, and its value at each, straight lines between."""
        found: dict[str, list[tuple[float, float]]] = {}
        for step in self.timeline:
            line = found.setdefault(step.what, [])
            line.append((step.at, line[-1][1] if line else 0.0))
            line.append((step.at + step.over, step.to))
        return {what: (np.array([t for t, _ in line]), np.array([v for _, v in line])) for what, line in found.items()}
