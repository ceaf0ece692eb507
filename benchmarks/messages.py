"""Readings of six vital signs, as devices send them and as they lie in the log."""

from collections.abc import Iterator
from itertools import islice

import msgspec
import numpy as np

from benchmarks.ward_config import VITALS, WARD
from ward.clock import SECOND, Micros, format_instant
from ward.reading import Reading
from ward.wire import READING_WIRE

START: Micros = 1_764_000_000 * SECOND


def values(devices: int, seed: int = 1) -> Iterator[list[dict[str, float]]]:
    """Round after round, the values of each device."""
    rng = np.random.default_rng(seed)
    while True:
        columns = [rng.normal(mean, sd, devices).round(1).tolist() for mean, sd in VITALS.values()]
        yield [dict(zip(VITALS, row, strict=True)) for row in zip(*columns, strict=True)]


def records(devices: int, rounds: int, seed: int = 1, start: Micros = START) -> list[bytes]:
    """As they lie in the log: each device once a second, one round after the other."""
    return [
        READING_WIRE.encode(
            Reading(
                device=f"dev-{d}", ward=WARD, at=(at := start + i * SECOND + d), received_at=at + 20_000, boot="k3f9",
                seq=i,
                values=row,
            )
        )
        for i, rows in enumerate(islice(values(devices, seed), rounds))
        for d, row in enumerate(rows)
    ]  # fmt: skip


def payload(boot: str, seq: int, at: Micros, row: dict[str, float]) -> bytes:
    """As a device sends it."""
    encoded = msgspec.json.encode(row)
    return b'{"v":1,"boot":"%b","seq":%d,"at":"%b","values":%b}' % (
        boot.encode(), seq, format_instant(at // 1000 * 1000).encode(), encoded
    )  # fmt: skip


def packets(devices: int, rounds: int, now: Micros, root: str = "ward", boot: str = "k3f9") -> list[bytes]:
    """MQTT packets of `rounds` readings of each device, the last one of now."""
    topics = [f"{root}/{WARD}/dev-{d}/readings" for d in range(devices)]
    found: list[bytes] = []
    for i, rows in enumerate(islice(values(devices), rounds)):
        at = now - (rounds - i) * SECOND
        found += [publish(topics[d], len(found) + d, payload(boot, i, at, row)) for d, row in enumerate(rows)]
    return found


def publish(topic: str, number: int, payload: bytes) -> bytes:
    """One PUBLISH packet of MQTT 3.1.1 at QoS 1, with a packet id that follows from `number`."""
    name = topic.encode()
    body = len(name).to_bytes(2) + name + (number % 65_535 + 1).to_bytes(2) + payload
    size, left = bytearray(), len(body)
    while True:
        left, digit = left >> 7, left & 127
        size.append(digit | (128 if left else 0))
        if not left:
            return b"\x32" + bytes(size) + body
