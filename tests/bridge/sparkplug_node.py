"""A Sparkplug edge node for tests. It encodes protobuf itself, so that the decoder is not tested against itself."""

import struct

INT8, INT16, INT32, INT64, UINT32, FLOAT, DOUBLE, BOOLEAN, STRING = 1, 2, 3, 4, 7, 9, 10, 11, 12


def varint(number: int) -> bytes:
    out = bytearray()
    while True:
        out.append((number & 0x7F) | (0x80 if number > 0x7F else 0))
        number >>= 7
        if not number:
            return bytes(out)


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value)


def metric(
    name: str = "", value: float | int | str | bool | None = None, *, kind: int = DOUBLE, alias: int | None = None,
    at: int | None = None, typed: bool = True,
) -> bytes:  # fmt: skip
    """One metric; None is sent as null. `at` is in milliseconds; in data the kind may be left out."""
    body = field(1, name.encode()) if name else b""
    body += b"" if alias is None else field(2, alias)
    body += b"" if at is None else field(3, at)
    body += field(4, kind) if typed else b""
    if value is None:
        return field(2, body + field(7, 1))
    if kind == FLOAT:
        body += varint(12 << 3 | 5) + struct.pack("<f", value)
    elif kind == DOUBLE:
        body += varint(13 << 3 | 1) + struct.pack("<d", value)
    elif kind == STRING:
        body += field(15, str(value).encode())
    elif kind == BOOLEAN:
        body += field(14, int(value))
    elif kind == INT64:
        body += field(11, int(value) % 2**64)
    else:
        body += field(10, int(value) % 2**32)
    # Properties, which the bridge does not read.
    return field(2, body + field(9, field(1, b"engUnit")))


def payload(*metrics: bytes, seq: int | None = None, at: int | None = 1764000000000) -> bytes:
    head = b"" if at is None else field(1, at)
    return head + b"".join(metrics) + (b"" if seq is None else field(3, seq))


class SparkplugNode:
    """Numbers its messages, and returns the topic levels and payloads that it would publish."""

    def __init__(self, group: str = "icu", edge: str = "gw1", session: int = 0) -> None:
        self.group, self.edge, self.session = group, edge, session
        self.seq = 0
        self.at = 1764000000000

    def message(self, kind: str, *metrics: bytes, device: str = "", seq: int | None = None) -> tuple[list[str], bytes]:
        if kind == "NBIRTH":
            self.seq = 0
            metrics = (metric("bdSeq", self.session, kind=INT64), *metrics)
        number: int | None = self.seq if seq is None else seq
        if kind == "NDEATH":
            metrics, number = (metric("bdSeq", self.session, kind=INT64),), None
        else:
            self.seq = ((number or 0) + 1) % 256
        self.at += 1000
        levels = ["spBv1.0", self.group, kind, self.edge] + ([device] if device else [])
        return levels, payload(*metrics, seq=number, at=self.at)
