"""`signals.yaml`: the catalogue of signals."""

import re

from pydantic import Field, RootModel, field_validator, model_validator

from ward.config.base_model import ConfigModel, Seconds
from ward.config.units import UNITS
from ward.finding import Severity
from ward.signals import Catalogue, Signal


class SignalEntry(ConfigModel):
    """One signal."""

    label: str = Field(description="its name on screens: SpO2")
    unit: str = Field(description="its unit as UCUM writes it: /min, mm[Hg], %, Cel")
    display: str | None = Field(None, description="the unit as it is shown, where that is not the usual text")
    precision: int = Field(1, ge=0, le=6, description="digits after the point, as the instrument measures")
    plausible: tuple[float, float] | None = Field(
        None, description="[lowest, highest] plausible value; others are problems of the sensor, not of the patient"
    )
    every: Seconds | None = Field(None, gt=0, description="how often it usually comes")
    vital: bool = Field(False, description="whether it is of a patient; all others are telemetry")
    loinc: str | None = Field(None, description="its LOINC code")
    longest_delay: dict[Severity, Seconds] = Field(
        {}, description="how long rules may wait before they raise an alert, by severity: {high: 60s}; no rule and no "
        "override may wait longer",
    )  # fmt: skip
    gravity: int | None = Field(
        None, ge=1, le=1000, description="alerts of equal severity: the lowest number goes first"
    )
    scale: tuple[float, float] | None = Field(
        None, description="[lowest, highest] of its small curves; values beyond widen it"
    )
    observed: bool = Field(
        False, description="whether people observe it of a patient and enter it: consciousness, oxygen"
    )
    codes: dict[float, str] = Field(
        {}, description="what values mean, in the words of screens: {0: Alert, 1: New confusion}"
    )
    other_values: str = Field("", description="what all values without a code mean: On oxygen")
    caution: str = Field("", description="what whoever enters it must know, in a sentence; the bed page shows it")
    lasting: bool = Field(
        False, description="whether it stays the same for a whole stay, as age: it never goes stale, and holds until "
        "another value is entered",
    )  # fmt: skip

    @field_validator("loinc")
    @classmethod
    def _code(cls, value: str | None) -> str | None:
        if value is not None and re.fullmatch(r"[0-9]{1,7}-[0-9]", value) is None:
            raise ValueError("not a LOINC code such as 8867-4")
        return value

    @field_validator("longest_delay")
    @classmethod
    def _longer(cls, value: dict[Severity, float]) -> dict[Severity, float]:
        delays = [value[severity] for severity in sorted(value, key=lambda s: -s.rank)]
        if delays != sorted(delays) or min(delays, default=1) <= 0:
            raise ValueError("a delay is above 0, and no longer for HIGH than for MEDIUM, for MEDIUM than for LOW")
        return value

    @field_validator("plausible")
    @classmethod
    def _ordered(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and value[0] >= value[1]:
            raise ValueError(f"the lowest plausible value, {value[0]:g}, must be under the highest, {value[1]:g}")
        return value

    @field_validator("scale")
    @classmethod
    def _rising(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and value[0] >= value[1]:
            raise ValueError(f"the lowest value of a scale, {value[0]:g}, must be under the highest, {value[1]:g}")
        return value

    @model_validator(mode="after")
    def _possible(self) -> "SignalEntry":
        low, high = self.plausible or (float("-inf"), float("inf"))
        beyond = [code for code in self.codes if not low <= code <= high]
        if beyond:
            raise ValueError(f"the code {beyond[0]:g} is not plausible: it must be from {low:g} to {high:g}")
        return self

    def signal(self, name: str) -> Signal:
        """The signal of this name."""
        low, high = self.plausible or (float("-inf"), float("inf"))
        return Signal(
            name=name, label=self.label, unit=self.unit, precision=self.precision, low=low, high=high,
            display=UNITS.get(self.unit, self.unit) if self.display is None else self.display,
            every=self.every, measurement="vitals" if self.vital else "telemetry", loinc=self.loinc,
            longest_delay={str(severity): delay for severity, delay in self.longest_delay.items()},
            gravity=self.gravity, scale=self.scale, observed=self.observed, codes=self.codes,
            other_values=self.other_values, caution=self.caution, lasting=self.lasting,
        )  # fmt: skip


class SignalsFile(RootModel[dict[str, SignalEntry]]):
    """Signals by name, in the order in which screens show them."""

    def catalogue(self) -> Catalogue:
        """All signals, in the order of the file."""
        return Catalogue({name: entry.signal(name) for name, entry in self.root.items()})
