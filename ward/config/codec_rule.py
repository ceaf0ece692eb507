"""Which codec reads which MQTT topics."""

from dataclasses import dataclass, field

from ward.config.mapping.resolved import ResolvedMapping


@dataclass(frozen=True, slots=True)
class CodecRule:
    """The codec for the MQTT topics of a filter, with its options and, for some codecs, a mapping."""

    filter: str
    codec: str
    options: dict[str, str] = field(default_factory=dict)
    mapping: ResolvedMapping | None = None
