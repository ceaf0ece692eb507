"""`thresholds.yaml`: limits of signals, and who has others."""

from typing import Any

from pydantic import Field, field_validator, model_validator

from ward.config.base_model import ConfigModel, Seconds
from ward.config.rule import Match
from ward.config.schema.override_entry import OverrideEntry
from ward.finding import Kind

SIDES = {"above": "high", "below": "low"}
SEVERITIES = ("low", "medium", "high")


class LimitSettings(ConfigModel):
    """A limit for each severity that is wanted, and how a crossing becomes an alert and ends."""

    low: float | None = Field(None, description="the limit for LOW severity, in the signal's unit")
    medium: float | None = Field(None, description="the limit for MEDIUM severity")
    high: float | None = Field(None, description="the limit for HIGH severity")
    hysteresis: float | None = Field(None, ge=0, description="the distance inside the limit at which the alert can end")
    for_: Seconds | None = Field(None, alias="for", ge=0, description="how long a limit must be crossed to raise")
    keep_firing_for: Seconds | None = Field(None, ge=0, description="how long all must be well again to end it")
    every: Seconds | None = Field(None, gt=0, description="compare the means of such spans instead of single values")


class SideLimits(LimitSettings):
    """One side of one signal: an alert with a name."""

    alert: str = Field(description="the alert's name in messages, routes and silences: tachycardia")
    label: str = Field(description="the text that is shown: Fast heart rate")
    loosest: float | None = Field(None, description="no override may put a limit beyond this, nor take one away")
    kind: Kind | None = Field(
        None, description="physiological or technical; left out, a vital sign's is physiological, all others technical"
    )
    where: Match = Field(Match(), description="for which wards, device kinds, beds, devices or patients; left out, all")
    source: str = Field("", description="where the numbers come from")
    runbook: str = Field("", description="an address of what to do about it")

    @model_validator(mode="after")
    def _some(self) -> "SideLimits":
        if self.low is None and self.medium is None and self.high is None:
            raise ValueError("give at least one limit: low, medium or high")
        return self


class SignalLimits(ConfigModel):
    """The limits of one signal."""

    unit: str | None = Field(None, description="the unit the limits are in, to be checked against signals.yaml")
    above: SideLimits | None = Field(None, description="limits for values that are too high")
    below: SideLimits | None = Field(None, description="limits for values that are too low")


class SignalChange(ConfigModel):
    """What an override changes of one signal. `high: null` takes a limit away."""

    above: LimitSettings | None = Field(None, description="what is other for values that are too high")
    below: LimitSettings | None = Field(None, description="what is other for values that are too low")


class LimitOverride(OverrideEntry):
    """Other limits for some beds, devices or patients."""

    set: dict[str, SignalChange] = Field(description="what is other, by signal and side")


class ThresholdsFile(ConfigModel):
    """Limits by signal. Each side of a signal becomes one rule of the detector `limits`."""

    defaults: LimitSettings = Field(LimitSettings(), description="defaults of all sides: for, keep_firing_for, every")
    limits: dict[str, SignalLimits] = Field({}, description="limits by signal")
    overrides: tuple[LimitOverride, ...] = Field((), description="other limits for some")

    @field_validator("defaults")
    @classmethod
    def _no_limits(cls, value: LimitSettings) -> LimitSettings:
        if value.low is not None or value.medium is not None or value.high is not None or value.hysteresis is not None:
            raise ValueError("only `for`, `keep_firing_for` and `every` can be the same for all signals")
        return value


def settings(given: dict[str, Any]) -> dict[str, Any]:
    """The settings of a side, without the keys that are not the detector's or the decision's."""
    keys = {field.alias or name for name, field in LimitSettings.model_fields.items()}
    return {key: value for key, value in given.items() if key in keys}
