"""Numbers of signals out of a maker's payload, by a mapping."""

import re
from typing import Any

from bridge.codecs.strict import number, word
from bridge.decoded_reading import RefusalReason, Refused
from ward.config.mapping.conversion import Scale
from ward.config.mapping.json_path import ABSENT, Ambiguous, JsonPath
from ward.config.mapping.resolved import ResolvedMapping
from ward.config.schema.mapping_file import Leaf, MappedValue
from ward.ids import printable

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)


class Values:
    """Reads all signals of a mapping, each converted to its unit of the catalogue."""

    def __init__(self, mapping: ResolvedMapping) -> None:
        entry = mapping.entry
        self._readers = [
            (signal, value, _Sentinels((*value.absent, *entry.absent)), mapping.scales[signal])
            for signal, value in entry.values.items()
        ]

    def of(self, root: Any, entry: Any, *, some: bool = True) -> dict[str, float]:
        """The signals that are told; none where all of them are told to be absent.

        With `some`, raises `Refused` where no path leads anywhere: that is another payload than the one described.
        """
        found: dict[str, float] = {}
        heard = False
        for signal, value, sentinels, scale in self._readers:
            told = looked_up(value.path, root, entry)
            heard = heard or told is not ABSENT
            if told is ABSENT or told is None or told in sentinels:
                continue
            found[signal] = _number(signal, value, told, sentinels, scale)
        if some and not heard:
            first = self._readers[0][1].path
            end = first.ending(root if first.top else entry)
            raise Refused(RefusalReason.SHAPE, f"no signal is told: of `{first}` {end}" if end else "no signal is told")
        return {signal: x for signal, x in found.items() if x == x}


class _Sentinels:
    """What stands for *no reading*. 1 is not true, and 1.0 is 1."""

    def __init__(self, leaves: tuple[Leaf, ...]) -> None:
        self._texts = {leaf for leaf in leaves if isinstance(leaf, str)}
        self._truths = {leaf for leaf in leaves if isinstance(leaf, bool)}
        self._numbers = {leaf for leaf in leaves if isinstance(leaf, int | float) and not isinstance(leaf, bool)}

    def __contains__(self, told: object) -> bool:
        if isinstance(told, bool):
            return told in self._truths
        if isinstance(told, str):
            return told.strip() in self._texts
        return isinstance(told, int | float) and told in self._numbers


def looked_up(path: JsonPath, root: Any, entry: Any) -> Any:
    """What stands at a path. Raises `Refused` where several things do."""
    try:
        return path.find(root if path.top else entry)
    except Ambiguous as error:
        raise Refused(RefusalReason.SHAPE, f"`{path}`: {printable(str(error), 100)}") from error


def quoted(told: object) -> str:
    """A value for a sentence."""
    if isinstance(told, str):
        return f"'{printable(told, 40)}'"
    if isinstance(told, int) and not isinstance(told, bool):
        return str(told) if -(10**15) < told < 10**15 else "a number beyond all measure"
    return str(told) if isinstance(told, float) else word(told)


def _number(signal: str, value: MappedValue, told: object, sentinels: _Sentinels, scale: Scale) -> float:
    """The number in the signal's unit; not a number where it turns out to stand for no reading."""
    if value.words:
        key = str(told).lower() if isinstance(told, bool) else told
        if isinstance(key, str) and key in value.words:
            return scale.apply(value.words[key])
    if isinstance(told, str) and _NUMBER.fullmatch(told.strip()):
        told = float(told)
        if told in sentinels:
            return float("nan")
    if isinstance(told, bool) or not isinstance(told, int | float):
        hint = f", nor one of {', '.join(map(printable, value.words))}" if value.words else ""
        raise Refused(RefusalReason.SHAPE, f"{signal} at `{value.path}` is {quoted(told)}: no number{hint}")
    return number(f"{signal} at `{value.path}`", scale.apply(number(f"{signal} at `{value.path}`", told)))
