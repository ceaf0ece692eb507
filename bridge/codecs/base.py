"""What a codec is, and the checks all of them share."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bridge.decoded_reading import DecodedReading, RefusalReason, Refused
from ward.config.mapping.resolved import ResolvedMapping as MappingRule
from ward.ids import is_id, printable

MOST_BYTES = 64 * 1024
MOST_VALUES = 64


class Codec:
    """Makes drafts of one kind of payload.

    `levels` are the topic's. Return the drafts, or raise `Refused` with a reason; raise nothing else. None at all is
    for messages that are meant for others. What a codec has learnt (aliases, numbers) it may keep in itself: it is
    forgotten when the bridge starts, and when its line of the config changes.
    """

    registry: ClassVar[dict[str, type["Codec"]]] = {}
    name: ClassVar[str]

    def __init__(self, options: Mapping[str, Any] | None = None, mapping: MappingRule | None = None) -> None:
        self.options = dict(options or {})
        self.mapping = mapping

    def __init_subclass__(cls, *, name: str) -> None:
        cls.name = name
        Codec.registry[name] = cls

    def decode(self, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        raise NotImplementedError

    def replies(self) -> list[tuple[str, bytes]]:
        """What is to be published after the last call of `decode`: topics and payloads. Nothing, usually."""
        return []


def identified(text: str, what: str) -> str:
    """The text, if it may be an id; else `Refused`."""
    if not is_id(text):
        raise Refused(
            RefusalReason.TOPIC, f"{what} {printable(text)!r} is not an id: letters, digits, '_', '.', '-', at most 64"
        )
    return text


def checked(values: Mapping[str, float], boot: str = "", seq: int = -1) -> None:
    """Refuse a reading with too many values, or one whose signal's name could not be a name."""
    if len(values) > MOST_VALUES:
        raise Refused(RefusalReason.SIGNALS, f"{len(values)} values; a reading has at most {MOST_VALUES}", boot, seq)
    for name in values:
        if not is_id(name):
            raise Refused(RefusalReason.SIGNALS, f"{printable(name)!r} is not the name of a signal", boot, seq)
