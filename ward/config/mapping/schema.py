"""`mappings` of `bridge.yaml`: makers' JSON described, so that it takes no code."""

from typing import Annotated

from pydantic import BeforeValidator, Field, PlainValidator, field_validator, model_validator

from ward.config.base_model import ConfigModel
from ward.config.mapping.json_path import JsonPath
from ward.config.mapping.time_format import EPOCHS, format_problem, zones
from ward.config.mapping.unit_conversion import CODES
from ward.ids import is_id

Path = Annotated[JsonPath, PlainValidator(JsonPath.parse)]
# What a payload may say in a leaf.
Leaf = bool | int | float | str


def leaves(value: object) -> object:
    """One of them where a list may stand is a list of one."""
    return tuple(value) if isinstance(value, list) else value if isinstance(value, dict) else (value,)


Leaves = Annotated[tuple[Leaf, ...], BeforeValidator(leaves)]
# The codecs that take a mapping.
CODECS_WITH_MAPPING = ("mapping", "sparkplug")


class IdSource(ConfigModel):
    """Where an id is told: by a level of the topic, by the payload, or always the same."""

    topic: int | None = Field(None, ge=1, le=32, description="the level of the topic, the first is 1")
    path: Path | None = Field(None, description="where it stands in the payload")
    always: str | None = Field(None, description="the id itself, where all that come by this mapping have one")
    names: dict[str, str] = Field({}, description="what the maker says: what it is called here")
    prefix: str = Field("", description="put before what the maker says, so that it is like no other's")
    instead: str | None = Field(None, description="stands for each character that no id may have")

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
    def _one_way(self) -> "IdSource":
        if sum(given is not None for given in (self.topic, self.path, self.always)) != 1:
            raise ValueError("give one of `topic`, `path` and `always`")
        return self


class MappedValue(ConfigModel):
    """How one signal is told."""

    path: Path = Field(description="where its number stands in the payload")
    unit: str | None = Field(
        None, description="the unit it is told in, where that is not the signal's own: °F, kPa, fraction, mm[Hg]"
    )
    times: float = Field(1.0, description="what the number is multiplied by first: 0.1 for tenths")
    plus: float = Field(0.0, description="what is added after that")
    absent: Leaves = Field((), description="what stands for *no reading* here, besides the mapping's `absent`")
    words: dict[str, float] = Field({}, description="numbers for words, `true` and `false`")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"path": value} if isinstance(value, str) else value

    @field_validator("times")
    @classmethod
    def _some(cls, value: float) -> float:
        if value == 0:
            raise ValueError("times 0 nothing would be left of it")
        return value

    @property
    def code(self) -> str | None:
        """The unit as UCUM has it, or as it was given where nobody knows it."""
        return None if self.unit is None else CODES.get(self.unit, self.unit)


class MappedTime(ConfigModel):
    """How the device's own time is told."""

    path: Path = Field(description="where it stands in the payload")
    then: Path | None = Field(None, description="where the second half stands, for a day and a time apart")
    format: str = Field(
        "rfc3339",
        description="`rfc3339`, `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`, or such as `%d.%m.%Y %H:%M:%S`",
    )
    zone: str | None = Field(None, description="the zone of times that do not say theirs: Europe/Berlin, UTC")

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


class MappedNumber(ConfigModel):
    """How readings are numbered."""

    path: Path = Field(description="where the number stands in the payload")
    wraps: int | None = Field(
        None, ge=4, le=2**53, description="how many numbers there are before it begins with 0 anew"
    )

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"path": value} if isinstance(value, str) else value


class MappingEntry(ConfigModel):
    """A maker's JSON. Paths are as `obs[code=HR].value`."""

    device: IdSource | None = Field(
        None, description="the device's id; for codec `sparkplug` it follows from the topic"
    )
    ward: IdSource | None = Field(None, description="the ward's id; left out, the inventory knows it")
    device_kind: str = Field("", description="the kind of these devices, for those the inventory does not know")
    each: Path | None = Field(
        None, description="a list of which each entry is a reading; paths then begin in the entry"
    )
    values: dict[str, MappedValue] = Field(description="signals of the catalogue, and where each is told")
    time: MappedTime | None = Field(None, description="the device's own time; left out, that of arrival")
    seq: MappedNumber | None = Field(None, description="a number that goes up by one with each reading")
    boot: Path | None = Field(
        None, description="what changes when the device starts anew and numbers from the beginning"
    )
    absent: Leaves = Field((), description="what stands for *no reading*: -1, 8388607, '---'; null always does")
    expect: dict[str, Leaf] = Field({}, description="what must stand in each payload, by path: a unit, a version")

    @field_validator("values")
    @classmethod
    def _some(cls, value: dict[str, MappedValue]) -> dict[str, MappedValue]:
        if not value:
            raise ValueError("at least one signal is needed, or nothing is read")
        return value

    @field_validator("expect")
    @classmethod
    def _paths(cls, value: dict[str, Leaf]) -> dict[str, Leaf]:
        for path in value:
            JsonPath.parse(path)
        return value

    @model_validator(mode="after")
    def _numbered(self) -> "MappingEntry":
        if self.boot is not None and self.seq is None:
            raise ValueError("`boot` says nothing without `seq`")
        return self
