"""Numbers of signals out of a vendor's payload, by a mapping."""

import re
from typing import Any

from bridge.codecs.strict_json import finite_number, json_type
from bridge.refusal import RefusalReason, Refused, RefusedPart
from ward.config.mapping.json_path import ABSENT, AmbiguousPath, JsonPath
from ward.config.mapping.resolved import ResolvedMapping
from ward.config.mapping.schema import MappedValue, Scalar
from ward.config.mapping.unit_conversion import LinearConversion
from ward.ids import printable

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)


class MappedValues:
    """Reads all signals of a mapping, each converted to its unit of the catalogue."""

    def __init__(self, mapping: ResolvedMapping) -> None:
        entry = mapping.entry
        self._signals = [
            (signal, value, Sentinels((*value.absent, *entry.absent)), mapping.scales[signal])
            for signal, value in entry.values.items()
        ]

    def of(
        self, root: Any, entry: Any, refused: list[RefusedPart], *, require_any: bool = True
    ) -> dict[str, float]:  # fmt: skip
        """The values by signal, without those that are null or a sentinel for *no reading*.

        Paths begin in `entry`, or in `root` where they begin with `$`. A value that is no number is appended to
        `refused`. With `require_any`, raises `Refused` when no path matches: the payload is not the one that the
        mapping describes.
        """
        values: dict[str, float] = {}
        any_present = False
        for signal, value, sentinels, scale in self._signals:
            try:
                found = look_up(value.path, root, entry)
                any_present = any_present or found is not ABSENT
                if found is not ABSENT and found is not None and found not in sentinels:
                    values[signal] = _number(signal, value, found, sentinels, scale)
            except Refused as error:
                any_present = True
                refused.append(
                    RefusedPart(error.reason, error.detail if signal in error.detail else f"{signal} at {error.detail}")
                )
        if require_any and not any_present:
            first = self._signals[0][1].path
            end = first.explain_missing(root if first.top else entry)
            raise Refused(RefusalReason.SCHEMA, f"no signal found: of `{first}` {end}" if end else "no signal found")
        return {signal: x for signal, x in values.items() if x == x}


class Sentinels:
    """Values that have a meaning of their own, as *no reading*. 1 does not match true; 1.0 matches 1."""

    def __init__(self, values: tuple[Scalar, ...]) -> None:
        self._texts = {x for x in values if isinstance(x, str)}
        self._booleans = {x for x in values if isinstance(x, bool)}
        self._numbers = {x for x in values if isinstance(x, int | float) and not isinstance(x, bool)}

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool):
            return value in self._booleans
        if isinstance(value, str):
            return value.strip() in self._texts
        return isinstance(value, int | float) and value in self._numbers


def look_up(path: JsonPath, root: Any, entry: Any) -> Any:
    """The value at a path, or `ABSENT`. Raises `Refused` when the path leads to several values."""
    try:
        return path.find(root if path.top else entry)
    except AmbiguousPath as error:
        raise Refused(RefusalReason.SCHEMA, f"`{path}`: {printable(str(error), 100)}") from error


def quoted(value: object) -> str:
    """A JSON value for an error message, cut short and printable."""
    if isinstance(value, str):
        return f"'{printable(value, 40)}'"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if -(10**15) < value < 10**15 else "a number with more than 15 digits"
    return str(value) if isinstance(value, float) else json_type(value)


def _number(signal: str, value: MappedValue, found: object, sentinels: Sentinels, scale: LinearConversion) -> float:
    """The number in the signal's unit; NaN when a text turns out to be a sentinel for *no reading*."""
    if value.words:
        key = str(found).lower() if isinstance(found, bool) else found
        if isinstance(key, str) and key in value.words:
            return scale.apply(value.words[key])
    if isinstance(found, str) and _NUMBER.fullmatch(found.strip()):
        found = float(found)
        if found in sentinels:
            return float("nan")
    if isinstance(found, bool) or not isinstance(found, int | float):
        hint = f", nor one of {', '.join(map(printable, value.words))}" if value.words else ""
        raise Refused(RefusalReason.SCHEMA, f"{signal} at `{value.path}` is {quoted(found)}: no number{hint}")
    name = f"{signal} at `{value.path}`"
    return finite_number(name, scale.apply(finite_number(name, found)))
