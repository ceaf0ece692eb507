"""Our own payload, version 1:

    {"v": 1, "boot": "k3f9", "seq": 1041, "at": "2026-11-21T15:00:00.250Z", "values": {"heart_rate": 72.0}}

Only `v` and `values` are required. Nearly all payloads are well-formed, so they are read by a
typed decoder and checked by one count; whatever is odd is read again by a strict, slower one that
can say what is wrong.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from bridge.codecs.base import Codec, checked, identified
from bridge.codecs.strict import instant, number, parse
from bridge.decoded_reading import DecodedReading, RefusalReason, Refused
from ward.ids import is_id, printable


class _Payload(msgspec.Struct, gc=False):
    v: Literal[1]
    values: dict[str, float]
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    boot: str = ""
    seq: int = -1


_decode = msgspec.json.Decoder(_Payload).decode
_KNOWN = {"v", "values", "at", "boot", "seq"}


class Native(Codec, name="native"):
    """Version 1 of our own JSON on `<root>/<ward>/<device>/readings`."""

    def decode(self, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        if len(levels) != 4:
            raise Refused(RefusalReason.TOPIC, "readings go to <root>/<ward>/<device>/readings")
        ward, device = identified(levels[1], "ward"), identified(levels[2], "device")
        try:
            fast = _decode(payload)
        except (msgspec.MsgspecError, ValueError, RecursionError, OverflowError):
            return [_strictly(ward, device, payload)]
        if not _tidy(fast, payload):
            return [_strictly(ward, device, payload)]
        checked(fast.values, fast.boot, fast.seq)
        at = None if fast.at is None else round(fast.at.timestamp() * 1_000_000)
        return [DecodedReading(device=device, ward=ward, values=fast.values, at=at, boot=fast.boot, seq=fast.seq)]


def _tidy(found: _Payload, payload: bytes) -> bool:
    """Whether every colon of the payload is accounted for: a key given twice, or one unknown, leaves one over."""
    keys = 2 + len(found.values) + (found.boot != "") + (found.seq != -1)
    if found.at is not None:
        keys += 3  # its own, and two inside a time that ends in Z
    numbered = found.boot != "" and is_id(found.boot) and found.seq >= 0
    return payload.count(b":") == keys and (numbered or (found.boot == "" and found.seq == -1))


def _strictly(ward: str, device: str, payload: bytes) -> DecodedReading:
    whole = parse(payload)
    version = whole.get("v")
    if type(version) is not int or version != 1:
        said = printable(json.dumps(version), 40)
        raise Refused(RefusalReason.VERSION, f"version {said} is not known; this is 1")
    boot, seq = _numbering(whole)
    values = whole.get("values")
    if not isinstance(values, dict):
        raise Refused(RefusalReason.SHAPE, "`values` must be an object of numbers by signal", boot, seq)
    checked(values, boot, seq)
    return DecodedReading(
        device=device,
        ward=ward,
        values={name: number(name, value, boot, seq) for name, value in values.items()},
        at=instant(whole.get("at"), "at", boot, seq),
        boot=boot,
        seq=seq,
        extra=not whole.keys() <= _KNOWN,
    )


def _numbering(whole: dict[str, Any]) -> tuple[str, int]:
    boot, seq = whole.get("boot", ""), whole.get("seq", -1)
    if boot == "" and seq == -1:
        return "", -1
    if not (isinstance(boot, str) and is_id(boot)):
        raise Refused(RefusalReason.SHAPE, "`boot` must be an id where `seq` is given")
    if type(seq) is not int or not 0 <= seq < 2**53:
        raise Refused(RefusalReason.SHAPE, "`seq` must be a whole number from 0 up where `boot` is given")
    return boot, seq
