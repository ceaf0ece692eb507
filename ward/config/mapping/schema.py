"""`mappings` of `bridge.yaml`: descriptions of JSON formats of vendors, so that these need no code."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, field_validator, model_validator

from ward.config.base_model import ConfigModel
from ward.config.mapping.alarms import MappedAlarms
from ward.config.mapping.json_path import JsonPath
from ward.config.mapping.time_format import EPOCHS, format_problem, zones
from ward.config.mapping.unit_conversion import unit_code
from ward.ids import is_id

Path = Annotated[JsonPath, PlainValidator(JsonPath.parse)]
# A scalar value of a payload.
Scalar = bool | int | float | str


def as_list(value: object) -> object:
    """A single value in the place of a list is a list of one."""
    return tuple(value) if isinstance(value, list) else value if isinstance(value, dict) else (value,)


Scalars = Annotated[tuple[Scalar, ...], BeforeValidator(as_list)]
# The codecs that use a mapping.
CODECS_WITH_MAPPING = ("mapping", "sparkplug")


class IdSource(ConfigModel):
    """Where an id is read from: a level of the topic, the payload, or it is constant."""

    topic: int | None = Field(None, ge=1, le=32, description="the level of the topic, the first is 1")
    path: Path | None = Field(None, description="its place in the payload")
    always: str | None = Field(None, description="the id itself, where all readings of this mapping have the same")
    names: dict[str, str] = Field({}, description="the vendor's name: the id here")
    prefix: str = Field("", description="put before the vendor's name, so that ids of two vendors differ")
    instead: str | None = Field(
        None,
        description="replaces each character that no id has; digits of a hash follow, so that two names stay two ids",
    )

    @field_validator("instead")
    @classmethod
    def _fits(cls, value: str | None) -> str | None:
        if value is not None and not is_id(f"a{value}"):
            raise ValueError("letters, digits, '_', '.' and '-' may stand in an id, and nothing else")
        return value

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"path": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _exactly_one(self) -> "IdSource":
        if sum(given is not None for given in (self.topic, self.path, self.always)) != 1:
            raise ValueError("give one of `topic`, `path` and `always`")
        return self


class MappedValue(ConfigModel):
    """How one signal is sent."""

    path: Path = Field(description="the place of its number in the payload")
    unit: str | None = Field(
        None, description="the unit it is sent in, where that is not the signal's own: °F, kPa, fraction, mm[Hg]"
    )
    times: float = Field(1.0, description="what the number is multiplied by first: 0.1 for tenths")
    plus: float = Field(0.0, description="what is added after that")
    absent: Scalars = Field((), description="values that mean *no reading* here, besides the mapping's `absent`")
    words: dict[str, float] = Field({}, description="numbers for words, `true` and `false`")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"path": value} if isinstance(value, str) else value

    @field_validator("times")
    @classmethod
    def _some(cls, value: float) -> float:
        if value == 0:
            raise ValueError("a factor of 0 would make every value 0")
        return value

    @property
    def code(self) -> str | None:
        """The UCUM code of the unit, or the text as it is written where the unit is unknown."""
        return None if self.unit is None else unit_code(self.unit) or self.unit


class MappedTime(ConfigModel):
    """How the device's own time is sent."""

    path: Path = Field(description="its place in the payload")
    then: Path | None = Field(None, description="the place of the second half, for a day and a time in two values")
    format: str = Field(
        "rfc3339",
        description="`rfc3339`, `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`, or such as `%d.%m.%Y %H:%M:%S`",
    )
    zone: str | None = Field(None, description="the zone of times without one: Europe/Berlin, UTC")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"path": value} if isinstance(value, str) else value

    @field_validator("zone")
    @classmethod
    def _somewhere(cls, value: str | None) -> str | None:
        if value is not None and value not in zones():
            raise ValueError("no time zone such as Europe/Berlin or UTC")
        return value

    @model_validator(mode="after")
    def _readable(self) -> "MappedTime":
        if problem := format_problem(self.format, self.zone):
            raise ValueError(f"`format` {problem}")
        if self.then is not None and self.format in EPOCHS:
            raise ValueError("`then` is for text: a number counts the whole time")
        return self


class MappedSequence(ConfigModel):
    """How readings are numbered."""

    path: Path = Field(description="the place of the number in the payload")
    wraps: int | None = Field(None, ge=4, le=2**53, description="after how many numbers it begins with 0 again")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"path": value} if isinstance(value, str) else value


class MappedMetric(ConfigModel):
    """One metric a message: its name is in one place, its value in another."""

    topic: int | None = Field(None, ge=1, le=32, description="the level of the topic that is its name, the first is 1")
    path: Path | None = Field(None, description="the place of its name in the payload")
    value: Path = Field(
        JsonPath.parse("$"), description="the place of its value; left out, the whole payload is the value"
    )
    ignore: tuple[str, ...] = Field((), description="names of metrics that are not ours; `*` stands for any text")

    @model_validator(mode="after")
    def _one_place(self) -> "MappedMetric":
        if (self.topic is None) == (self.path is None):
            raise ValueError("give one of `topic` and `path`: where the metric's name is")
        return self


class MappingEntry(ConfigModel):
    """The JSON format of a vendor. Paths are written as `obs[code=HR].value`."""

    device: IdSource | None = Field(
        None, description="the device's id; for codec `sparkplug` it follows from the topic"
    )
    ward: IdSource | None = Field(None, description="the ward's id; left out, that of the inventory")
    device_kind: str = Field("", description="the kind of these devices, for those that are not in the inventory")
    each: Path | None = Field(
        None, description="a list of which each entry is a reading; paths then begin in the entry"
    )
    metric: MappedMetric | None = Field(
        None, description="for one metric a message; the `path` of each of `values` is then the name of its metric"
    )
    values: dict[str, MappedValue] = Field(description="signals of the catalogue, and the place of each")
    time: MappedTime | None = Field(None, description="the device's own time; left out, the time of arrival")
    seq: MappedSequence | None = Field(None, description="a number that increases by one with each reading")
    boot: Path | None = Field(
        None, description="a value that changes when the device restarts and its numbers begin again"
    )
    absent: Scalars = Field((), description="values that mean *no reading*: -1, 8388607, '---'; null always does")
    expect: dict[str, Scalar] = Field({}, description="required values of each payload, by path: a unit, a version")

    alarms: MappedAlarms | None = Field(None, description="the device's own alarms, each as an alert")

    ignore: dict[str, Scalars] = Field(
        {}, description="payloads that are not ours: by path, the values that they have there; `*` is any value"
    )

    @field_validator("values")
    @classmethod
    def _some(cls, value: dict[str, MappedValue]) -> dict[str, MappedValue]:
        if not value:
            raise ValueError("at least one signal is needed, or nothing is read")
        return value

    @field_validator("expect", "ignore")
    @classmethod
    def _paths(cls, value: dict[str, Any]) -> dict[str, Any]:
        for path in value:
            JsonPath.parse(path)
        return value

    @model_validator(mode="after")
    def _numbered(self) -> "MappingEntry":
        if self.boot is not None and self.seq is None:
            raise ValueError("`boot` needs `seq`")
        return self
