"""Reading JSON that strangers wrote: what a codec shares when it must say exactly what is wrong."""

import json
from typing import Any

from bridge.decoded_reading import RefusalReason, Refused
from ward.clock import Micros, parse_instant
from ward.ids import printable


def parse(payload: bytes) -> dict[str, Any]:
    """A JSON object, each of its keys given once, with finite numbers. Raises `Refused`."""
    whole = parse_any(payload)
    if not isinstance(whole, dict):
        raise Refused(RefusalReason.SHAPE, "a reading is a JSON object")
    return whole


def parse_any(payload: bytes) -> Any:
    """The same, and the outermost value may be anything."""
    try:
        return json.loads(payload.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError as error:
        raise Refused(RefusalReason.SYNTAX, "nested too deeply") from error
    except ValueError as error:
        raise Refused(RefusalReason.SYNTAX, f"not JSON: {printable(str(error))}") from error


def number(name: str, value: object, boot: str = "", seq: int = -1) -> float:
    """A finite number that is no truth value. Raises `Refused`, which names the signal."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(RefusalReason.SHAPE, f"{name} is {word(value)}, not a number", boot, seq)
    try:
        found = float(value)
    except OverflowError as error:
        raise Refused(RefusalReason.SHAPE, f"{name} is too large for a number", boot, seq) from error
    if found - found != 0:
        raise Refused(RefusalReason.SHAPE, f"{name} is not finite", boot, seq)
    return found


def instant(text: object, key: str, boot: str = "", seq: int = -1) -> Micros | None:
    """RFC 3339 with a zone, or None where it is not given. Raises `Refused`."""
    if text is None:
        return None
    if not isinstance(text, str):
        raise Refused(RefusalReason.TIME, f"`{key}` must be text such as 2026-11-21T15:00:00.250Z", boot, seq)
    try:
        return parse_instant(text)
    except ValueError as error:
        raise Refused(RefusalReason.TIME, f"`{key}` is {printable(text, 40)!r}: {error}", boot, seq) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {printable(twice, 40)!r} is given twice")
    return found


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is not a number")


def word(value: object) -> str:
    """What a value of JSON is, for a sentence."""
    words = {
        int: "a number",
        float: "a number",
        bool: "true or false",
        str: "text",
        list: "a list",
        dict: "an object",
        type(None): "null",
    }
    return words.get(type(value), "something else")
