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
from bridge.draft import Draft, Reason, Refused
from ward.clock import Micros, parse_instant
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

    def decode(self, levels: Sequence[str], payload: bytes) -> list[Draft]:
        if len(levels) != 4:
            raise Refused(Reason.TOPIC, "readings go to <root>/<ward>/<device>/readings")
        ward, device = identified(levels[1], "ward"), identified(levels[2], "device")
        try:
            fast = _decode(payload)
        except (msgspec.MsgspecError, ValueError, RecursionError, OverflowError):
            return [_strictly(ward, device, payload)]
        if not _tidy(fast, payload):
            return [_strictly(ward, device, payload)]
        checked(fast.values, fast.boot, fast.seq)
        at = None if fast.at is None else round(fast.at.timestamp() * 1_000_000)
        return [Draft(device=device, ward=ward, values=fast.values, at=at, boot=fast.boot, seq=fast.seq)]


def _tidy(found: _Payload, payload: bytes) -> bool:
    """Whether every colon of the payload is accounted for: a key given twice, or one unknown, leaves one over."""
    keys = 2 + len(found.values) + (found.boot != "") + (found.seq != -1)
    if found.at is not None:
        keys += 3  # its own, and two inside a time that ends in Z
    numbered = found.boot != "" and is_id(found.boot) and found.seq >= 0
    return payload.count(b":") == keys and (numbered or (found.boot == "" and found.seq == -1))


def _strictly(ward: str, device: str, payload: bytes) -> Draft:
    whole = _parse(payload)
    version = whole.get("v")
    if type(version) is not int or version != 1:
        raise Refused(Reason.VERSION, f"version {printable(json.dumps(version), 40)} is not known; this is 1")
    boot, seq = _numbering(whole)
    values = whole.get("values")
    if not isinstance(values, dict):
        raise Refused(Reason.SHAPE, "`values` must be an object of numbers by signal", boot, seq)
    checked(values, boot, seq)
    numbers = {name: _number(name, value, boot, seq) for name, value in values.items()}
    return Draft(
        device=device, ward=ward, values=numbers, at=_instant(whole.get("at"), boot, seq), boot=boot, seq=seq,
        extra=not whole.keys() <= _KNOWN,
    )  # fmt: skip


def _parse(payload: bytes) -> dict[str, Any]:
    try:
        whole = json.loads(payload.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError as error:
        raise Refused(Reason.SYNTAX, "nested too deeply") from error
    except ValueError as error:
        raise Refused(Reason.SYNTAX, f"not JSON: {printable(str(error))}") from error
    if not isinstance(whole, dict):
        raise Refused(Reason.SHAPE, "a reading is a JSON object")
    return whole


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {printable(twice, 40)!r} is given twice")
    return found


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not a number")


def _numbering(whole: dict[str, Any]) -> tuple[str, int]:
    boot, seq = whole.get("boot", ""), whole.get("seq", -1)
    if boot == "" and seq == -1:
        return "", -1
    if not (isinstance(boot, str) and is_id(boot)):
        raise Refused(Reason.SHAPE, "`boot` must be an id where `seq` is given")
    if type(seq) is not int or not 0 <= seq < 2**53:
        raise Refused(Reason.SHAPE, "`seq` must be a whole number from 0 up where `boot` is given")
    return boot, seq


def _number(name: str, value: object, boot: str, seq: int) -> float:
    if type(value) not in (int, float):
        raise Refused(Reason.SHAPE, f"{name} is {type(value).__name__}, not a number", boot, seq)
    try:
        number = float(value)  # type: ignore[arg-type]
    except OverflowError as error:
        raise Refused(Reason.SHAPE, f"{name} is too large for a number", boot, seq) from error
    if number - number != 0:
        raise Refused(Reason.SHAPE, f"{name} is not finite", boot, seq)
    return number


def _instant(text: object, boot: str, seq: int) -> Micros | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise Refused(Reason.TIME, "`at` must be text such as 2026-11-21T15:00:00.250Z", boot, seq)
    try:
        return parse_instant(text)
    except ValueError as error:
        raise Refused(Reason.TIME, f"`at` is {printable(text, 40)!r}: {error}", boot, seq) from error
