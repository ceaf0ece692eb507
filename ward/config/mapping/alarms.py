"""`alarms` of a mapping: which codes of a maker's own alarms are which alerts."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainValidator, field_validator

from ward.config.base_model import ConfigModel
from ward.config.mapping.json_path import JsonPath
from ward.finding import Kind, Severity
from ward.ids import printable

Path = Annotated[JsonPath, PlainValidator(JsonPath.parse)]
SIGNAL_PREFIX = "alarm."
MOST_CODES = 200


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else (value,) if isinstance(value, str) else value


class AlarmEntry(ConfigModel):
    """What one code of the maker means."""

    alert: str = Field(description="the name of the alert, as of a rule")
    text: str = Field(
        min_length=1, max_length=120, description="what people read: what is wrong, and what to do; no patient's name"
    )
    severity: Severity = Field(description="the priority: `high`, `medium` or `low`")
    kind: Kind = Field(Kind.TECHNICAL, description="`technical`, or `physiological` for an alarm about the patient")

    @field_validator("text")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if printable(value, 500) != value or value != value.strip():
            raise ValueError("must be one line of printable text")
        return value

    @property
    def signal(self) -> str:
        """The signal that is 1 while the device reports the alarm, else 0."""
        return SIGNAL_PREFIX + self.alert


class MappedAlarms(ConfigModel):
    """Where a device reports its own alarms, and what each code means."""

    path: Path = Field(description="the place of the code in the payload, or of a list of codes")
    none: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = Field(
        ("",), description="codes that mean *no alarm*; null and an empty list always do"
    )
    missing: Literal["keep", "none"] = Field(
        "keep",
        description="what a payload without this place says: nothing, so that alarms go on (`keep`), or that there is "
        "no alarm (`none`)",
    )
    codes: dict[str, AlarmEntry] = Field(
        min_length=1, max_length=MOST_CODES, description="the maker's codes, and the alert of each"
    )
