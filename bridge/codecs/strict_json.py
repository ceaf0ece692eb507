"""JSON of unknown origin, read strictly, with errors that say exactly what is wrong.

Where one value is not JSON, the others can be read: `nan` and other words without quotes are read as text, and a key
that is given twice has `TWO_VALUES` as its value. Neither is a number, a time or an id, so each is refused by its name.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from bridge.refusal import RefusalReason, Refused, RefusedPart
from ward.clock import Micros, parse_instant
from ward.ids import printable

# What a codec of JSON reads, for people.
JSON = "JSON in UTF-8, each key once, and finite numbers"
TWO_VALUES = object()
_TYPES: dict[type, str] = {
    int: "a number",
    float: "a number",
    bool: "true or false",
    str: "text",
    list: "a list",
    dict: "an object",
    type(None): "null",
    object: "two values",
}
_LONGEST_WORD = 80
_MOST_DIGITS = 4000  # Python reads no longer whole number
_STRING_OR_WORD = re.compile(r'"(?:[^"\\]|\\.)*+"?|[^\s"{}\[\],:]++', re.DOTALL)
_SCALAR = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null", re.ASCII)
# What a device without a clock sends as its time: nothing, a word, or a date of zeros.
_NO_TIME = re.compile(r"[-0:/.+ TZ]*|n/?a|n\.a\.|nan|null|none|nil|unknown|invalid|undefined", re.IGNORECASE)


def parse(payload: bytes) -> dict[str, Any]:
    """A JSON object. Raises `Refused`."""
    message = parse_any(payload)
    if not isinstance(message, dict):
        raise Refused(RefusalReason.SCHEMA, "a reading is a JSON object")
    return message


def parse_any(payload: bytes, *, words: bool = False) -> Any:
    """The same for any JSON value; with `words`, also text without quotes, as `on` or `21.4 C`."""
    text = payload.decode("utf-8", "surrogateescape")
    try:
        return _loads(text)
    except RecursionError as error:
        raise Refused(RefusalReason.SYNTAX, "nested too deeply") from error
    except ValueError as error:
        refused = Refused(RefusalReason.SYNTAX, f"not JSON: {printable(str(error))}")
        if not text.lstrip().startswith(("{", "[")):
            if words and len(text) <= _LONGEST_WORD:
                return text.strip()
            raise refused from error
    try:
        return _loads(_STRING_OR_WORD.sub(_quoted_word, text))
    except (ValueError, RecursionError):
        raise refused from None


def finite_number(name: str, value: object) -> float:
    """A finite number; true and false are none. Raises `Refused`, which names the signal."""
    shown = printable(name, 64)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(RefusalReason.SCHEMA, f"{shown} is {json_type(value)}, not a number")
    try:
        number = float(value)
    except OverflowError as error:
        raise Refused(RefusalReason.SCHEMA, f"{shown} is too large for a number") from error
    if number - number != 0:
        raise Refused(RefusalReason.SCHEMA, f"{shown} is not finite")
    return number


def finite_numbers(values: Mapping[str, object], refused: list[RefusedPart]) -> dict[str, float]:
    """The finite numbers by name; what is none is appended to `refused`."""
    found = {}
    for name, value in values.items():
        try:
            found[name] = finite_number(name, value)
        except Refused as error:
            refused.append(error.part)
    return found


def rfc3339_instant(text: object, key: str) -> Micros | None:
    """RFC 3339 with a zone → microseconds; None for no time. Raises `Refused`, which names the key."""
    if is_no_time(text):
        return None
    if not isinstance(text, str):
        raise Refused(RefusalReason.TIME, f"`{key}` must be text such as 2026-11-21T15:00:00.250Z")
    try:
        return parse_instant(text)
    except ValueError as error:
        raise Refused(RefusalReason.TIME, f"`{key}` is {printable(text, 40)!r}: {error}") from error


def is_no_time(value: object) -> bool:
    """Whether a value stands for *no time*: null, -1, an empty text, `N/A`, a date of zeros."""
    if isinstance(value, str):
        return len(value) <= 40 and _NO_TIME.fullmatch(value.strip()) is not None
    return value is None or (isinstance(value, int | float) and value == -1)


def json_type(value: object) -> str:
    """The type of a JSON value in words, for error messages."""
    return _TYPES.get(type(value), "something else")


def _loads(text: str) -> Any:
    return json.loads(text, strict=False, object_pairs_hook=_object, parse_int=_integer)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        times = Counter(name for name, _ in pairs)
        found |= {name: TWO_VALUES for name in found if times[name] > 1}
    return found


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < _MOST_DIGITS else float(digits)


def _quoted_word(found: "re.Match[str]") -> str:
    word = found[0]
    return word if word[0] == '"' or _SCALAR.fullmatch(word) else json.dumps(word)
