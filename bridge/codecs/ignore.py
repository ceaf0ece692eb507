"""Topics below a filter of ours that carry nothing for us: their messages are counted, and nothing else."""

from collections.abc import Sequence

from bridge.codecs.base import Codec
from bridge.decoded_reading import DecodedReading


class IgnoreCodec(Codec, name="ignore"):
    """No reading, whatever the payload is."""

    def decode(self, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        return []
