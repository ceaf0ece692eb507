"""The base class of codecs, and the check of ids that all of them share."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bridge.decoded_reading import DecodedReading
from bridge.refusal import RefusalReason, Refused
from ward.config.mapping.resolved import ResolvedMapping
from ward.ids import is_id, printable

MOST_BYTES = 64 * 1024


class Codec:
    """Decodes one kind of payload.

    `options` and `mapping` are those of its line in `bridge.yaml`. What a codec learns from messages (aliases, numbers)
    it may keep in attributes: it is lost when the bridge starts, and when the codec's line of the config changes.
    `reads` is what a device must send, in words for people; without it they are sent to the codec's file.
    """

    registry: ClassVar[dict[str, type["Codec"]]] = {}
    name: ClassVar[str]
    reads: ClassVar[str] = ""

    def __init__(self, options: Mapping[str, Any] | None = None, mapping: ResolvedMapping | None = None) -> None:
        self.options = dict(options or {})
        self.mapping = mapping

    def __init_subclass__(cls, *, name: str) -> None:
        cls.name = name
        Codec.registry[name] = cls

    def decode(self, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        """The readings of a payload of 1 to `MOST_BYTES` bytes, published on the topic of these levels.

        An empty list is for messages that are meant for other programs. A value that cannot be used is one of
        `refused` of its reading and harms no other value. Raises `Refused`, and nothing else, for a payload of which
        nothing can be used.
        """
        raise NotImplementedError

    def device(self, levels: Sequence[str]) -> str:
        """The device of all readings in a topic, where the topic alone says it; empty where it does not."""
        return ""

    def refused(self) -> list[Refused]:
        """The readings of the last payload that cannot be used at all, beside those that `decode` returned."""
        return []

    def replies(self) -> list[tuple[str, bytes]]:
        """(topic, payload) to be published after the last call of `decode`."""
        return []


def native_device(levels: Sequence[str]) -> str:
    """The device in one of our own topics; empty in any other."""
    return levels[2] if len(levels) == 4 else ""


def checked_id(text: str, what: str) -> str:
    """The text, if it is a valid id. Raises `Refused` otherwise, naming `what` it should identify."""
    if not is_id(text):
        raise Refused(
            RefusalReason.TOPIC, f"{what} {printable(text)!r} is not an id: letters, digits, '_', '.', '-', at most 64"
        )
    return text
