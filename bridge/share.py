"""A share of the devices: each device is in one of them, by a hash of its id."""

import zlib
from collections.abc import Sequence

from bridge.codec_routing import CodecRouting
from bridge.decoded_reading import DecodedReading
from bridge.refusal import Refused

_MOST_TOPICS = 100_000  # that are remembered


class Share:
    """Share `number`, from 0, of `count`. The hash is the same in all processes and versions."""

    def __init__(self, number: int = 0, count: int = 1) -> None:
        self.number = number
        self.count = count

    def __str__(self) -> str:
        return f"{self.number + 1} of {self.count}"

    @property
    def name(self) -> str:
        """What names of its session and its producer contain; empty for the only share."""
        return "" if self.count == 1 else f"{self.number + 1}-of-{self.count}"

    def has(self, device: str) -> bool:
        """Whether a device is in it."""
        return self.count == 1 or zlib.crc32(device.encode()) % self.count == self.number


class ShareFilter:
    """What of the received messages is that of one share, by the codecs of one config.

    A reading is that of its device, also where one message has readings of several. A refused message is that of its
    device where that is known, else of its topic: so exactly one share has it.
    """

    def __init__(self, share: Share, routing: CodecRouting) -> None:
        self._share = share
        self._routing = routing
        self._foreign: dict[str, bool] = {}

    def foreign(self, topic: str) -> bool:
        """Whether the topic alone shows that all readings in it are those of another share."""
        if self._share.count == 1:
            return False
        found = self._foreign.get(topic)
        if found is None:
            if len(self._foreign) >= _MOST_TOPICS:
                self._foreign.clear()
            device = self._routing.device(topic)
            found = self._foreign[topic] = device != "" and not self._share.has(device)
        return found

    def readings(self, readings: Sequence[DecodedReading]) -> Sequence[DecodedReading]:
        """The readings of this share."""
        if self._share.count == 1:
            return readings
        return [decoded for decoded in readings if self._share.has(decoded.device)]

    def refused(self, topic: str, refused: Sequence[Refused]) -> list[Refused]:
        """What is refused of this share."""
        return [one for one in refused if self._share.has(one.device or self._routing.device(topic) or topic)]

    def ignored(self, topic: str) -> bool:
        """Whether a message without a reading counts here."""
        return self._share.has(topic)
