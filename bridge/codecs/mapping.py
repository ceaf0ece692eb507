"""Makers' JSON that `mappings` of `bridge.yaml` describes: no code is needed for it.

payload ─▶ JSON ─▶ what `expect` wants? ─▶ entries of `each` ─▶ device, ward ─▶ values ─▶ time ─▶ numbers ─▶ drafts

A payload is read whole or refused whole: one bad entry of a list must not make the others look complete.
"""

import re
from collections.abc import Mapping as Lookup
from collections.abc import Sequence
from typing import Any

from bridge.codecs.base import Codec, checked
from bridge.codecs.counting import Counting
from bridge.codecs.strict import parse_any, word
from bridge.codecs.values import Values, looked_up, quoted
from bridge.decoded_reading import DecodedReading, RefusalReason, Refused
from ward.clock import Micros
from ward.config.mapping.json_path import ABSENT, JsonPath, as_text
from ward.config.mapping.resolved import ResolvedMapping
from ward.config.mapping.time_format import read_time
from ward.config.schema.mapping_file import MappedTime, Place
from ward.ids import digest, is_id, printable

MOST_ENTRIES = 500
_NO_ID = re.compile(r"[^A-Za-z0-9_.-]")


class Mapped(Codec, name="mapping"):
    """Readings of one maker's payload, as its mapping says."""

    def __init__(self, options: Lookup[str, Any] | None = None, mapping: ResolvedMapping | None = None) -> None:
        super().__init__(options, mapping)
        if mapping is None or mapping.entry.device is None:
            raise ValueError("the codec mapping wants a mapping with a device")
        self._entry, self._device = mapping.entry, mapping.entry.device
        self._values = Values(mapping)
        self._expect = [(JsonPath.parse(path), leaf) for path, leaf in mapping.entry.expect.items()]
        self._wraps = mapping.entry.seq.wraps if mapping.entry.seq else None
        self._counting = Counting(self._wraps)

    def decode(self, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        root = parse_any(payload)
        for path, wanted in self._expect:
            told = looked_up(path, root, root)
            if told != wanted or isinstance(told, bool) != isinstance(wanted, bool):
                said = "is not there" if told is ABSENT else f"is {quoted(told)}"
                raise Refused(RefusalReason.SHAPE, f"`{path}` {said}; this mapping is for {quoted(wanted)}")
        read = [(self._draft(levels, root, entry), self._number(root, entry)) for entry in self._entries(root)]
        # Only now, when the whole payload has been found good, is any of it remembered.
        return [self._counted(draft, *number) for draft, number in read]

    def _entries(self, root: Any) -> list[Any]:
        if self._entry.each is None:
            return [root]
        found = looked_up(self._entry.each, root, root)
        if not isinstance(found, list):
            said = self._entry.each.ending(root) or f"`{self._entry.each}` is {word(found)}, not a list"
            raise Refused(RefusalReason.SHAPE, f"`each`: {said}")
        if len(found) > MOST_ENTRIES:
            raise Refused(RefusalReason.SIZE, f"{len(found)} readings in one payload; there may be {MOST_ENTRIES}")
        return found

    def _draft(self, levels: Sequence[str], root: Any, entry: Any) -> DecodedReading:
        values = self._values.of(root, entry)
        checked(values)
        ward = self._entry.ward
        return DecodedReading(
            device=place(self._device, "device", levels, root, entry),
            ward="" if ward is None else place(ward, "ward", levels, root, entry),
            values=values,
            at=None if self._entry.time is None else _instant(self._entry.time, root, entry),
            device_kind=self._entry.device_kind,
        )

    def _number(self, root: Any, entry: Any) -> tuple[str, int | None]:
        """The start of the device that it counts from, where it tells one, and its number."""
        seq, boot = self._entry.seq, self._entry.boot
        number = None if seq is None else _whole(seq.path, looked_up(seq.path, root, entry))
        return "" if number is None or boot is None else _boot(boot, looked_up(boot, root, entry)), number

    def _counted(self, draft: DecodedReading, boot: str, number: int | None) -> DecodedReading:
        if number is None:
            return draft
        if boot and not self._wraps:
            draft.boot, draft.seq = boot, number
        else:
            draft.lost, draft.repeat = self._counting.take((draft.device, boot), number, draft.at)
        return draft


def place(told: Place, what: str, levels: Sequence[str], root: Any, entry: Any) -> str:
    """An id, from wherever it is told. Raises `Refused`."""
    if told.always is not None:
        return told.always
    if told.topic is not None:
        where, said = f"level {told.topic} of the topic", levels[told.topic - 1] if told.topic <= len(levels) else ""
    else:
        assert told.path is not None
        where, found = f"`{told.path}`", looked_up(told.path, root, entry)
        said = as_text(found)
        if found is ABSENT or not said:
            end = told.path.ending(root if told.path.top else entry) or f"{where} is {word(found)}"
            raise Refused(
                RefusalReason.SHAPE, f"the {what}'s id is not told: {end}{_from_the_top(told.path, root, entry)}"
            )
    named = told.names.get(said)
    if named is None:
        named = told.prefix + (said if told.instead is None else _NO_ID.sub(told.instead, said))
    if not is_id(named):
        words = f"the {what}'s id at {where} is {printable(said, 70)!r}: letters, digits, '_', '.', '-', at most 64"
        if told.instead is None and _NO_ID.search(said):
            words += f"; `instead` under `{what}` replaces other characters"
        raise Refused(RefusalReason.TOPIC if told.topic else RefusalReason.SHAPE, words)
    return named


def _from_the_top(path: JsonPath, root: Any, entry: Any) -> str:
    """A hint for a path that leads nowhere inside of an entry of `each`, and somewhere outside of it."""
    outside = entry is not root and not path.top and looked_up(path, root, root) is not ABSENT
    return f"; outside of the entries of `each` it is `$.{path}`" if outside else ""


def _instant(told: MappedTime, root: Any, entry: Any) -> Micros | None:
    found = looked_up(told.path, root, entry)
    if found is ABSENT or found is None:
        return None
    if told.then is not None:
        found = f"{as_text(found)} {as_text(looked_up(told.then, root, entry))}"
    try:
        return read_time(found, told.format, told.zone)
    except (ValueError, OverflowError) as error:
        raise Refused(RefusalReason.TIME, f"the time at `{told.path}`, {quoted(found)}, {error}") from error


def _whole(path: JsonPath, found: Any) -> int | None:
    if found is ABSENT or found is None:
        return None
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 17:
        found = int(found)
    if type(found) is not int or not 0 <= found < 2**53:
        raise Refused(RefusalReason.SHAPE, f"the number at `{path}` is {quoted(found)}, no whole number from 0 up")
    return found


def _boot(path: JsonPath, found: Any) -> str:
    said = as_text(found)
    if not said:
        raise Refused(RefusalReason.SHAPE, f"`{path}`, which tells one start from the next, is {word(found)}")
    return said if is_id(said) else digest(said)
