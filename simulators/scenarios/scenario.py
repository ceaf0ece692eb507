"""A scenario file: influences on the body over time, and what a monitor must then show."""

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from simulators.random_streams import FloatArray
from simulators.scenarios.influences import INFLUENCES
from ward.config.base_model import ConfigModel, Seconds

SETTABLE_INFLUENCES = tuple(name for name in INFLUENCES if name != "asphyxia")
InfluenceName = Literal[
    "fever", "blood_loss", "vasodilation", "desaturation", "respiratory_drive", "vagal_tone", "arousal"
]  # fmt: skip


class Step(ConfigModel):
    """From `at`, an influence moves linearly to a new value, which it reaches after `over`."""

    at: Seconds = Field(ge=0, description="since the scenario began")
    over: Seconds = Field(default=0, ge=0, description="how long the change takes")
    influence: InfluenceName = Field(description="the influence that changes")
    to: float = Field(ge=-60, le=60, description="its new value, in its own unit")


class ExpectedValue(ConfigModel):
    """A value that a monitor must show in a scenario: `signal` above or below a limit, within a time."""

    signal: str
    above: float | None = None
    below: float | None = None
    after: Seconds = Field(default=0, ge=0, description="ignored before this time since the scenario began")
    within: Seconds = Field(gt=0, description="since the scenario began")

    @model_validator(mode="after")
    def _one_side(self) -> "ExpectedValue":
        if (self.above is None) == (self.below is None):
            raise ValueError("give `above` or `below`")
        return self

    def shown(self, value: float) -> bool:
        """Whether a value is beyond the limit."""
        return value > self.above if self.above is not None else value < (self.below or 0)


class Scenario(ConfigModel):
    """A timeline with a name. With `already_present`, it begins after the body has adapted to the first steps.
    `observed` is what people observe of the patient when it begins: a rehearsal enters it."""

    label: str
    about: str
    speed: float = Field(default=1, gt=0, le=10_000, description="how many times faster than written")
    already_present: bool = False
    timeline: tuple[Step, ...] = ()
    expected: tuple[ExpectedValue, ...] = ()
    observed: dict[str, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _in_order(self) -> "Scenario":
        ends: dict[str, float] = {}
        for step in self.timeline:
            if step.at < ends.get(step.influence, 0):
                raise ValueError(f"{step.influence} changes at {step.at:g} s before its previous change is complete")
            ends[step.influence] = step.at + step.over
        return self

    @property
    def lasts(self) -> float:
        """Seconds until the last change is complete, at speed 1."""
        return max((step.at + step.over for step in self.timeline), default=0.0)

    @cached_property
    def knots(self) -> Mapping[str, tuple[FloatArray, FloatArray]]:
        """By influence: times in seconds and the values at them; linear in between."""
        found: dict[str, list[tuple[float, float]]] = {}
        for step in self.timeline:
            line = found.setdefault(step.influence, [])
            line.append((step.at, line[-1][1] if line else 0.0))
            line.append((step.at + step.over, step.to))
        return {name: (np.array([t for t, _ in line]), np.array([v for _, v in line])) for name, line in found.items()}
