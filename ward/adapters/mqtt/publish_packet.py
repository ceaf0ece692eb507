"""PUBLISH packets of MQTT 3.1.1 in a buffer, section 3.3.

0x3…, remaining length in 1 to 4 bytes │ length of the topic, topic │ packet id, unless QoS 0 │ payload
"""

from typing import NamedTuple

_PUBLISH = 3
_LONGEST = 4  # bytes of the remaining length


class PublishPacket(NamedTuple):
    """Its topic, its packet id (0 for QoS 0), and where it ends in the buffer."""

    topic: bytes
    number: int
    end: int


def publish_at(buffer: bytes, at: int, end: int) -> PublishPacket | None:
    """The PUBLISH packet that begins at an index of a buffer of `end` bytes; None where none is there whole."""
    if at >= end or buffer[at] >> 4 != _PUBLISH:
        return None
    qos = (buffer[at] >> 1) & 3
    start, last = _body(buffer, at + 1, end)
    if last > end or last - start < 2 or qos > 1:
        return None
    topic_end = start + 2 + (buffer[start] << 8 | buffer[start + 1])
    if topic_end + 2 * qos > last:
        return None
    number = buffer[topic_end] << 8 | buffer[topic_end + 1] if qos else 0
    return PublishPacket(buffer[start + 2 : topic_end], number, last)


def _body(buffer: bytes, at: int, end: int) -> tuple[int, int]:
    """Where the part begins that the remaining length at an index counts, and where it ends; beyond `end` while the
    length is not there whole."""
    size = 0
    for place in range(_LONGEST):
        if at + place >= end:
            break
        byte = buffer[at + place]
        size |= (byte & 127) << (7 * place)
        if byte < 128:
            return at + place + 1, at + place + 1 + size
    return end, end + 1
