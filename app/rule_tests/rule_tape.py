"""A tape that tests a rule of a config."""

from pydantic import Field, model_validator

from ward.config.base_model import ConfigModel, Seconds


class RuleTape(ConfigModel):
    """One tape: a file of `config/tapes/`.

    Without `bed` and `device` it is run on the first device to which the rule applies without an override.
    """

    label: str = Field("", description="what it shows")
    rule: str = Field(description="the rule's name: desaturation")
    tape: str | dict[str, str] = Field(description="the values of `signal`, or those of several signals by name")
    signal: str = Field("", description="the measured signal, where the rule has several")
    every: Seconds = Field(1.0, gt=0, description="the time from one value to the next")
    bed: str = Field("", description="the bed whose overrides apply")
    device: str = Field("", description="the device whose overrides apply")
    expect: tuple[str, ...] = Field(description="exactly the findings that must result: `29s raised medium`")

    @model_validator(mode="after")
    def _one_place(self) -> "RuleTape":
        if self.bed and self.device:
            raise ValueError("a bed or a device, not both")
        return self
