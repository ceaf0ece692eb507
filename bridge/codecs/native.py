"""Our own payload, version 1:

    {"v": 1, "boot": "k3f9", "seq": 1041, "at": "2026-11-21T15:00:00.250Z", "values": {"heart_rate": 72.0}}

Only `v` and `values` are required. Nearly all payloads are well-formed, so a typed decoder reads them, and one count
verifies the result; any other payload is read again by a strict, slower decoder, which can say what is wrong.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from bridge.codecs.base import Codec, checked_id, native_device
from bridge.codecs.strict_json import JSON, TWO_VALUES, finite_numbers, json_type, parse, rfc3339_instant
from bridge.decoded_reading import DecodedReading
from bridge.refusal import RefusalReason, Refused, RefusedPart, kept
from ward.ids import is_id, printable


class _Payload(msgspec.Struct, gc=False):
    v: Literal[1]
    values: dict[str, float]
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    boot: str = ""
    seq: int = -1


_decode_fast = msgspec.json.Decoder(_Payload).decode
_KEYS = {"v", "values", "at", "boot", "seq"}


class NativeCodec(Codec, name="native"):
    """Version 1 of our own JSON on `<root>/<ward>/<device>/readings`."""

    reads = JSON

    def device(self, levels: Sequence[str]) -> str:
        return native_device(levels)

    def decode(self, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        if len(levels) != 4:
            raise Refused(RefusalReason.TOPIC, "readings go to <root>/<ward>/<device>/readings")
        ward, device = checked_id(levels[1], "ward"), checked_id(levels[2], "device")
        try:
            fast = _decode_fast(payload)
        except (msgspec.MsgspecError, ValueError, RecursionError, OverflowError):
            return [_decode_strictly(ward, device, payload)]
        if not _complete(fast, payload):
            return [_decode_strictly(ward, device, payload)]
        at = None if fast.at is None else round(fast.at.timestamp() * 1_000_000)
        return [DecodedReading(device=device, ward=ward, values=fast.values, at=at, boot=fast.boot, seq=fast.seq)]


def _complete(found: _Payload, payload: bytes) -> bool:
    """Whether the fast decoder has used every key: a repeated or unknown key adds a colon to those counted here."""
    colons = 2 + len(found.values) + (found.boot != "") + (found.seq != -1)
    if found.at is not None:
        colons += 3  # one after the key, and two inside a time that ends in Z
    numbered = found.boot != "" and is_id(found.boot) and found.seq >= 0
    return payload.count(b":") == colons and (numbered or (found.boot == "" and found.seq == -1))


def _decode_strictly(ward: str, device: str, payload: bytes) -> DecodedReading:
    message = parse(payload)
    version = message.get("v")
    if type(version) is not int or version != 1:
        text = json_type(version) if version is TWO_VALUES else printable(json.dumps(version), 40)
        raise Refused(RefusalReason.VERSION, f"version {text} is not supported; the supported version is 1")
    refused: list[RefusedPart] = []
    boot, seq = kept(lambda: _numbering(message), ("", -1), refused)
    values = message.get("values")
    if not isinstance(values, dict):
        raise Refused(RefusalReason.SCHEMA, "`values` must be an object of numbers by signal", boot, seq)
    return DecodedReading(
        device=device,
        ward=ward,
        values=finite_numbers(values, refused),
        at=kept(lambda: rfc3339_instant(message.get("at"), "at"), None, refused),
        boot=boot,
        seq=seq,
        extra=not message.keys() <= _KEYS,
        refused=refused,
    )


def _numbering(message: dict[str, Any]) -> tuple[str, int]:
    boot, seq = message.get("boot", ""), message.get("seq", -1)
    if boot == "" and seq == -1:
        return "", -1
    if not (isinstance(boot, str) and is_id(boot)):
        raise Refused(RefusalReason.SCHEMA, "`boot` must be an id where `seq` is given")
    if type(seq) is not int or not 0 <= seq < 2**53:
        raise Refused(RefusalReason.SCHEMA, "`seq` must be a whole number from 0 up where `boot` is given")
    return boot, seq
