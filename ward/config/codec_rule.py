"""Which codec reads which MQTT topics."""

from dataclasses import dataclass, field

from ward.config.mapping.resolved import ResolvedMapping


@dataclass(frozen=True, slots=True)
class CodecRule:
    """MQTT topics of a filter are read by a codec, with options of its own, or by a mapping."""

    filter: str
    codec: str
    options: dict[str, str] = field(default_factory=dict)
    mapping: ResolvedMapping | None = None
