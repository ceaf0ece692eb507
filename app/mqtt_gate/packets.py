"""The PUBLISH packets in what a client of MQTT 3.1.1 sends."""

from typing import NamedTuple

_PUBLISH = 3
_HIGHEST_LENGTH_BYTES = 4


class MalformedPacket(Exception):
    """The bytes are no packets of MQTT, or a packet is larger than the broker accepts."""


class Publish(NamedTuple):
    """The topic of a message, and the size of its payload in bytes."""

    topic: bytes
    size: int


class PublishScanner:
    """Finds the PUBLISH packets of one connection, whose bytes come in pieces of any size.

    >>> scanner = PublishScanner(most_bytes=1000)
    >>> scanner.feed(bytes.fromhex("c000" "3205" "0001"))
    []
    >>> scanner.feed(b"t" + bytes.fromhex("0007"))
    [Publish(topic=b't', size=0)]
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._begun = b""  # of a packet whose topic is not complete
        self._skip = 0  # bytes that are left of the packet before

    def feed(self, data: bytes) -> list[Publish]:
        """The messages whose topic is complete with these bytes. Raises `MalformedPacket`."""
        found: list[Publish] = []
        if self._skip >= len(data):
            self._skip -= len(data)
            return found
        data, at, self._skip = self._begun + data, self._skip, 0
        while at < len(data):
            start, length = self._header(data, at)
            if not start:
                break
            if data[at] >> 4 == _PUBLISH:
                topic_end = start + 2 + int.from_bytes(data[start : start + 2], "big")
                if len(data) < start + 2 or len(data) < topic_end:
                    break
                size = start + length - topic_end - 2 * bool(data[at] & 0b110)
                found.append(Publish(data[start + 2 : topic_end], max(0, size)))
            at = start + length
        self._begun, self._skip = data[at:], max(0, at - len(data))
        return found

    def _header(self, data: bytes, at: int) -> tuple[int, int]:
        """Where the body of the packet at `at` begins, and its length; (0, 0) while the header is not complete."""
        length = 0
        for i, byte in enumerate(data[at + 1 : at + 1 + _HIGHEST_LENGTH_BYTES]):
            length |= (byte & 0x7F) << (7 * i)
            if byte < 0x80:
                if length > self._most_bytes:
                    raise MalformedPacket(f"a packet of {length} bytes; at most {self._most_bytes} are accepted")
                return at + 2 + i, length
        if len(data) > at + _HIGHEST_LENGTH_BYTES:
            raise MalformedPacket("a packet without a length")
        return 0, 0
