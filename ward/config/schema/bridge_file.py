"""`bridge.yaml`: which MQTT topics are read, by which codec, and which clocks are accepted."""

from collections.abc import Collection, Iterator

from pydantic import Field, field_validator, model_validator

from ward.config.base_model import ConfigModel
from ward.config.clock_limits import ClockLimits
from ward.config.codec_rule import CodecRule
from ward.config.mapping.resolved import ResolvedMapping
from ward.config.mapping.schema import MappingEntry
from ward.signals import Catalogue


class TopicEntry(ConfigModel):
    """The codec that reads the topics of a filter."""

    codec: str = Field("mapping", description="the codec: a file of bridge/codecs/, or a name of `mappings`")
    mapping: str | None = Field(None, description="for codecs that take one: a name of `mappings`")
    options: dict[str, str] = Field({}, description="options of that codec")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"codec": value} if isinstance(value, str) else value

    def resolved(self, mappings: Collection[str]) -> tuple[str, str | None]:
        """The codec, and the name of the mapping: a mapping's name in the codec's place stands for both."""
        if self.codec in mappings and self.mapping is None:
            return "mapping", self.codec
        return self.codec, self.mapping


class BridgeFile(ConfigModel):
    """Topics, codecs, mappings and clock limits of the bridge."""

    root: str = Field("ward", description="the first level of our own topics, so that sites can share a broker")
    topics: dict[str, TopicEntry] = Field(
        description="codecs by topic filter; of several filters that match a topic the first decides"
    )
    mappings: dict[str, MappingEntry] = Field(
        {}, description="JSON formats of vendors by a name of your choice, described instead of coded"
    )
    timing: ClockLimits = Field(ClockLimits(), description="the limits of a device's clock")

    @field_validator("topics")
    @classmethod
    def _some(cls, value: dict[str, TopicEntry]) -> dict[str, TopicEntry]:
        if not value:
            raise ValueError("at least one topic is needed, or nothing is read")
        return value

    def codecs(self, catalogue: Catalogue) -> Iterator[CodecRule]:
        """The codec of each topic filter. Raises `ValueError` for a unit that cannot be converted."""
        made = {name: ResolvedMapping.of(name, entry, catalogue) for name, entry in self.mappings.items()}
        for pattern, entry in self.topics.items():
            codec, mapping = entry.resolved(self.mappings)
            yield CodecRule(pattern, codec, dict(entry.options), made[mapping] if mapping else None)
