"""Messages skipped before paho reads them: what is left is what paho would have delivered, however bytes come."""

import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ward.adapters.mqtt.address import MqttAddress
from ward.adapters.mqtt.buffered_socket import BufferedClient, BufferedSocket
from ward.adapters.mqtt.publish_packet import publish_at

FOREIGN = "ward/icu/foreign/readings"
TOPICS = (FOREIGN, "ward/icu/own/readings", "ward/icu/ünïcode/readings")
PINGRESP = b"\xd0\x00"


def packet(topic: str, payload: bytes, number: int = 0, *, dup: bool = False, retain: bool = False) -> bytes:
    """A PUBLISH packet; QoS 1 with a packet id."""
    name = topic.encode()
    body = struct.pack(">H", len(name)) + name + (struct.pack(">H", number) if number else b"") + payload
    length, size = b"", len(body)
    while True:
        length += bytes([size & 127 | (128 if size > 127 else 0)])
        size >>= 7
        if not size:
            return bytes([0x30 | 8 * dup | 2 * bool(number) | retain]) + length + body


class ChunkedSocket:
    """Gives one chunk for each call, then nothing more for now."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        self.chunks = list(chunks)

    def recv(self, size: int) -> bytes:
        if not self.chunks:
            raise BlockingIOError
        return self.chunks.pop(0)

    def send(self, data: bytes) -> int:
        return len(data)

    def fileno(self) -> int:
        return -1


def received(chunks: Sequence[bytes], skip: bool) -> tuple[list[tuple[Any, ...]], list[int]]:
    """What paho delivers of a stream in chunks, and the packet ids that were skipped."""
    client = BufferedClient(MqttAddress.of("mqtt://127.0.0.1:1"), None, "c", manual_ack=True)
    found: list[tuple[Any, ...]] = []
    skipped: list[int] = []
    client.on_message = lambda _, __, m: found.append((m.topic, m.payload, m.qos, m.mid, m.dup, m.retain))
    client.on_skip = skipped.append
    client.unwanted = FOREIGN.__eq__ if skip else None
    sock = ChunkedSocket(chunks)
    client.buffered = client._sock = BufferedSocket(sock)  # type: ignore[assignment]
    while sock.chunks or client.buffered.pending():
        before = len(sock.chunks), client.buffered.pending()
        assert client.loop_read() == mqtt.MQTT_ERR_SUCCESS
        if skip:
            client._skip(client.buffered, FOREIGN.__eq__)
        if (len(sock.chunks), client.buffered.pending()) == before:
            break
    client._sock = None
    return found, skipped


# Topic, bytes of payload, packet id, dup, retain; None is an answer to a ping.
PACKETS = st.lists(
    st.none()
    | st.tuples(
        st.sampled_from(TOPICS), st.sampled_from([0, 1, 100, 20_000, 70_000]), st.sampled_from([0, 1, 0x1234]),
        st.booleans(), st.booleans(),
    ),
    max_size=12,
)  # fmt: skip


def encoded(sent: tuple[str, int, int, bool, bool] | None) -> bytes:
    if sent is None:
        return PINGRESP
    topic, size, number, dup, retain = sent
    return packet(topic, b"0" * size, number, dup=dup, retain=retain)


@given(PACKETS, st.lists(st.integers(1, 200_000), max_size=8), st.sampled_from([1, 2, 3, 7, 1000, 10**6]))
def test_any_split_of_the_bytes_gives_the_same_messages(packets: list[Any], cuts: list[int], every: int) -> None:
    stream = b"".join(map(encoded, packets))
    every = max(every, len(stream) // 500 or 1)
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts), *range(0, len(stream), every)})
    chunks = [stream[a:b] for a, b in pairwise(places)]
    whole, _ = received([stream] if stream else [], skip=False)
    left, skipped = received(chunks, skip=True)
    assert [message for message in left if message[0] != FOREIGN] == [m for m in whole if m[0] != FOREIGN]
    numbers = [m[3] for m in whole if m[0] == FOREIGN and m[2]]
    assert sorted([*skipped, *(m[3] for m in left if m[0] == FOREIGN and m[2])]) == sorted(numbers)


def test_what_is_in_the_buffer_whole_is_skipped() -> None:
    stream = packet(TOPICS[1], b"a") + packet(FOREIGN, b"b", 7) + packet(FOREIGN, b"c") + packet(TOPICS[1], b"d", 8)
    left, skipped = received([stream], skip=True)
    assert [message[1] for message in left] == [b"a", b"d"]
    assert skipped == [7]


@pytest.mark.parametrize(
    "buffer",
    [
        b"", b"\x30", b"\x30\x05\x00\x01a", PINGRESP, b"\x30\xff\xff\xff\xff\x01", b"\x30\x00", b"\x30\x01\x00",
        b"\x30\x04\x00\x09ab", b"\x32\x04\x00\x01a\x00", b"\x34\x05\x00\x01a\x00\x01",
    ],
)  # fmt: skip
def test_a_packet_that_is_not_whole_or_not_well_formed_is_left_to_paho(buffer: bytes) -> None:
    assert publish_at(buffer, 0, len(buffer)) is None
