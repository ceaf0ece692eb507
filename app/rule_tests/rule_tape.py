"""A tape that ops write to hold a rule of their config to its word."""

from pydantic import Field, model_validator

from ward.config.base_model import ConfigModel, Seconds


class RuleTape(ConfigModel):
    """One tape, as it stands in a file of `config/tapes/`.

    Without `bed` and `device` it is played on the first device that the rule is for and no override touches.
    """

    label: str = Field("", description="what it shows")
    rule: str = Field(description="the rule's name: desaturation")
    tape: str | dict[str, str] = Field(description="the values of `signal`, or those of several signals by name")
    signal: str = Field("", description="what is measured, where the rule watches several signals")
    every: Seconds = Field(1.0, gt=0, description="the time from one value to the next")
    bed: str = Field("", description="whose overrides hold: a bed")
    device: str = Field("", description="whose overrides hold: a device")
    expect: tuple[str, ...] = Field(description="exactly what must be found: `29s raised medium`")

    @model_validator(mode="after")
    def _one_place(self) -> "RuleTape":
        if self.bed and self.device:
            raise ValueError("a bed or a device, not both")
        return self
