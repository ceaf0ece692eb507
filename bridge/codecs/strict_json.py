"""JSON of unknown origin, read strictly, with errors that say exactly what is wrong."""

import json
from typing import Any

from bridge.refusal import RefusalReason, Refused
from ward.clock import Micros, parse_instant
from ward.ids import printable

_TYPES: dict[type, str] = {
    int: "a number",
    float: "a number",
    bool: "true or false",
    str: "text",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


def parse(payload: bytes) -> dict[str, Any]:
    """A JSON object, each of its keys given once, with finite numbers. Raises `Refused`."""
    message = parse_any(payload)
    if not isinstance(message, dict):
        raise Refused(RefusalReason.SCHEMA, "a reading is a JSON object")
    return message


def parse_any(payload: bytes) -> Any:
    """The same for any JSON value."""
    try:
        return json.loads(payload.decode("utf-8"), object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise Refused(RefusalReason.SYNTAX, "nested too deeply") from error
    except ValueError as error:
        raise Refused(RefusalReason.SYNTAX, f"not JSON: {printable(str(error))}") from error


def finite_number(name: str, value: object, boot: str = "", seq: int = -1) -> float:
    """A finite number; true and false are none. Raises `Refused`, which names the signal."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(RefusalReason.SCHEMA, f"{name} is {json_type(value)}, not a number", boot, seq)
    try:
        number = float(value)
    except OverflowError as error:
        raise Refused(RefusalReason.SCHEMA, f"{name} is too large for a number", boot, seq) from error
    if number - number != 0:
        raise Refused(RefusalReason.SCHEMA, f"{name} is not finite", boot, seq)
    return number


def rfc3339_instant(text: object, key: str, boot: str = "", seq: int = -1) -> Micros | None:
    """RFC 3339 with a zone → microseconds; None → None. Raises `Refused`, which names the key."""
    if text is None:
        return None
    if not isinstance(text, str):
        raise Refused(RefusalReason.TIME, f"`{key}` must be text such as 2026-11-21T15:00:00.250Z", boot, seq)
    try:
        return parse_instant(text)
    except ValueError as error:
        raise Refused(RefusalReason.TIME, f"`{key}` is {printable(text, 40)!r}: {error}", boot, seq) from error


def json_type(value: object) -> str:
    """The type of a JSON value in words, for error messages."""
    return _TYPES.get(type(value), "something else")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {printable(twice, 40)!r} is given twice")
    return found


def _refuse_constant(text: str) -> float:
    raise ValueError(f"{text} is not a number")
