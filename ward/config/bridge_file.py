"""`bridge.yaml`: which MQTT topics are read, by which codec, and which clocks are believed."""

from collections.abc import Iterator

from pydantic import Field, field_validator, model_validator

from ward.config.config import CodecRule
from ward.config.model import Model
from ward.config.timing import Timing


class TopicEntry(Model):
    """What reads the topics of a filter."""

    codec: str = Field(description="the codec: a file of bridge/codecs/")
    options: dict[str, str] = Field({}, description="what that codec wants to know")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"codec": value} if isinstance(value, str) else value


class BridgeFile(Model):
    """The way in."""

    root: str = Field("ward", description="the first level of our own topics, so that sites can share a broker")
    topics: dict[str, TopicEntry] = Field(
        description="codecs by topic filter; of several filters that match a topic the first decides"
    )
    timing: Timing = Field(Timing(), description="how a device's clock is judged")

    @field_validator("topics")
    @classmethod
    def _some(cls, value: dict[str, TopicEntry]) -> dict[str, TopicEntry]:
        if not value:
            raise ValueError("at least one topic is needed, or nothing is read")
        return value

    def codecs(self) -> Iterator[CodecRule]:
        for pattern, entry in self.topics.items():
            yield CodecRule(pattern, entry.codec, dict(entry.options))
