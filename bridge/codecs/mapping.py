"""JSON of other vendors, as `mappings` of `bridge.yaml` describe it.

payload ─▶ JSON ─▶ `expect` holds? ─▶ entries of `each` ─▶ device, ward ─▶ values ─▶ time ─▶ numbers ─▶ readings

What cannot be used is refused by its name, and harms nothing beside it: a value, a time or a number of one reading, or
one entry of `each`. Only a payload that is not the one that the mapping describes is refused whole.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import normalize

from bridge.codecs.base import Codec
from bridge.codecs.mapped_alarms import DeviceAlarms
from bridge.codecs.mapped_values import MappedValues, Sentinels, look_up, quoted
from bridge.codecs.one_metric import OneMetric
from bridge.codecs.sequence_tracker import SequenceTracker
from bridge.codecs.strict_json import JSON, is_no_time, json_type, parse_any
from bridge.decoded_reading import DecodedReading
from bridge.distinct_ids import distinct_id
from bridge.refusal import RefusalReason, Refused, RefusedPart, kept
from ward.clock import Micros
from ward.config.mapping.json_path import ABSENT, AmbiguousPath, JsonPath, as_text
from ward.config.mapping.resolved import ResolvedMapping
from ward.config.mapping.schema import IdSource, MappedTime, Scalar
from ward.config.mapping.time_format import read_time
from ward.ids import digest, is_id, printable

MOST_ENTRIES = 500


class MappingCodec(Codec, name="mapping"):
    """Readings of one vendor's payload, by its mapping."""

    reads = JSON

    def __init__(self, options: Mapping[str, Any] | None = None, mapping: ResolvedMapping | None = None) -> None:
        super().__init__(options, mapping)
        if mapping is None or mapping.entry.device is None:
            raise ValueError("the codec mapping needs a mapping with a device")
        self._entry, self._device = mapping.entry, mapping.entry.device
        self._name, self._values = mapping.name, MappedValues(mapping)
        self._absent = Sentinels(mapping.entry.absent)
        self._metric = OneMetric(mapping.entry, mapping.entry.metric) if mapping.entry.metric else None
        self._alarms = DeviceAlarms(mapping.entry.alarms) if mapping.entry.alarms else None
        self._ignore = [(JsonPath.parse(path), Sentinels(of)) for path, of in mapping.entry.ignore.items()]
        self._expect = [(JsonPath.parse(path), leaf) for path, leaf in mapping.entry.expect.items()]
        self._wraps = mapping.entry.seq.wraps if mapping.entry.seq else None
        self._sequences = SequenceTracker(self._wraps)
        self._refused: list[Refused] = []

    def decode(self, levels: Sequence[str], payload: bytes) -> list[DecodedReading]:
        if self._metric and self._metric.ignores_topic(levels):
            return []
        root = parse_any(payload, words=self._metric is not None)
        if any(_is_among(path, root, values) for path, values in self._ignore):
            return []
        for path, expected in self._expect:
            found = look_up(path, root, root)
            if not _equal(found, expected):
                actual = "is not there" if found is ABSENT else f"is {quoted(found)}"
                raise Refused(RefusalReason.SCHEMA, f"`{path}` {actual}; this mapping is for {quoted(expected)}")
        entries = self._entries(root)
        readings = [reading for i, entry in enumerate(entries) if (reading := self._read(levels, root, entry, i))]
        if self._refused and not readings:
            raise self._refused.pop()
        return readings

    def refused(self) -> list[Refused]:
        refused, self._refused = self._refused, []
        return refused

    def _entries(self, root: Any) -> list[Any]:
        if self._entry.each is None:
            return [root]
        found = look_up(self._entry.each, root, root)
        if not isinstance(found, list):
            why = self._entry.each.explain_missing(root) or f"`{self._entry.each}` is {json_type(found)}, not a list"
            raise Refused(RefusalReason.SCHEMA, f"`each`: {why}")
        if len(found) > MOST_ENTRIES:
            raise Refused(RefusalReason.SIZE, f"{len(found)} readings in one payload; there may be {MOST_ENTRIES}")
        return found

    def _read(self, levels: Sequence[str], root: Any, entry: Any, i: int) -> DecodedReading | None:
        """The reading of an entry; None where it cannot be used, or is not ours."""
        try:
            metrics = self._metric.of(levels, root, entry) if self._metric else entry
            if self._metric and metrics is None:
                return None
            reading = self._reading(levels, root, entry, metrics)
        except Refused as error:
            where = f"`{self._entry.each}`, entry {i}: " if self._entry.each else ""
            self._refused.append(Refused(error.reason, where + error.detail))
            return None
        return self._numbered(reading, *self._number(root, entry, reading.refused))

    def _reading(self, levels: Sequence[str], root: Any, entry: Any, metrics: Any) -> DecodedReading:
        refused: list[RefusedPart] = []
        alarms = kept(lambda: self._alarms.of(root, entry) if self._alarms else None, None, refused)
        values = self._values.of(root, metrics, refused, require_any=alarms is None)
        if alarms is not None:
            values |= alarms[0]
        ward, time = self._entry.ward, self._entry.time
        device, name = id_and_name(self._device, "device", levels, root, entry)
        return DecodedReading(
            device=device,
            sender=(self._name, name),
            ward="" if ward is None else kept(lambda: mapped_id(ward, "ward", levels, root, entry), "", refused),
            values=values,
            at=None if time is None else kept(lambda: _instant(time, root, entry, self._absent), None, refused),
            device_kind=self._entry.device_kind,
            refused=refused,
            unknown_alarms=None if alarms is None else alarms[1],
        )

    def _number(self, root: Any, entry: Any, refused: list[RefusedPart]) -> tuple[str, int | None]:
        """(boot, number) of an entry; "" and None where the mapping or the payload has none."""
        seq, boot = self._entry.seq, self._entry.boot
        if seq is None:
            return "", None
        number = kept(lambda: _whole_number(seq.path, look_up(seq.path, root, entry)), None, refused)
        if number is None or boot is None:
            return "", number
        start = kept(lambda: _boot(boot, look_up(boot, root, entry)), None, refused)
        return ("", None) if start is None else (start, number)

    def _numbered(self, reading: DecodedReading, boot: str, number: int | None) -> DecodedReading:
        if number is None:
            return reading
        if boot and not self._wraps:
            reading.boot, reading.seq = boot, number
        else:
            reading.lost, reading.repeat = self._sequences.apply((reading.device, boot), number, reading.at)
        return reading


def mapped_id(place: IdSource, what: str, levels: Sequence[str], root: Any, entry: Any) -> str:
    """The id of `what` (a device or ward) from where a mapping finds it. Raises `Refused`."""
    return id_and_name(place, what, levels, root, entry)[0]


def id_and_name(place: IdSource, what: str, levels: Sequence[str], root: Any, entry: Any) -> tuple[str, str]:
    """The same, with the name that it was made of: the id itself where the mapping has it."""
    if place.always is not None:
        return place.always, place.always
    if place.topic is not None:
        where, text = f"level {place.topic} of the topic", levels[place.topic - 1] if place.topic <= len(levels) else ""
    else:
        assert place.path is not None
        where, text = f"`{place.path}`", _id_text(place.path, what, root, entry)
    found = place.names.get(text)
    if found is None and text:
        found = place.prefix + text if place.instead is None else distinct_id(text, place.instead, place.prefix)
    if found is None or not is_id(found):
        why = f"the {what}'s id at {where} is {printable(text, 70)!r}: letters, digits, '_', '.', '-', at most 64"
        if place.instead is None and text:
            why += f"; `instead` under `{what}` makes an id of any name"
        raise Refused(RefusalReason.TOPIC if place.topic else RefusalReason.SCHEMA, why)
    return found, found if text in place.names else text


def _id_text(path: JsonPath, what: str, root: Any, entry: Any) -> str:
    found = look_up(path, root, entry)
    text = as_text(found)
    if found is ABSENT or not text:
        end = path.explain_missing(root if path.top else entry) or f"`{path}` is {json_type(found)}"
        raise Refused(RefusalReason.SCHEMA, f"the {what}'s id is missing: {end}{_hint_at_root(path, root, entry)}")
    return text


def _hint_at_root(path: JsonPath, root: Any, entry: Any) -> str:
    """A hint for a path that finds nothing inside an entry of `each`, but would find something outside of it."""
    outside = entry is not root and not path.top and look_up(path, root, root) is not ABSENT
    return f"; outside of the entries of `each` it is `$.{path}`" if outside else ""


def _equal(found: Any, expected: Scalar) -> bool:
    """Whether a value is the expected one. Signs that Unicode has for compatibility are equal: ℃ is °C."""
    if isinstance(found, str) and isinstance(expected, str):
        return normalize("NFKC", found) == normalize("NFKC", expected)
    return bool(found == expected) and isinstance(found, bool) == isinstance(expected, bool)


def _is_among(path: JsonPath, root: Any, values: Sentinels) -> bool:
    """Whether a path leads to one of these values."""
    try:
        found = path.find(root)
    except AmbiguousPath:
        return False
    return found is not ABSENT and ("*" in values or found in values)


def _instant(time: MappedTime, root: Any, entry: Any, absent: Sentinels) -> Micros | None:
    found, then = look_up(time.path, root, entry), time.then and look_up(time.then, root, entry)
    if found is ABSENT or is_no_time(found) or found in absent or then is ABSENT or (time.then and is_no_time(then)):
        return None
    if time.then is not None:
        found = f"{as_text(found)} {as_text(then)}"
    try:
        return read_time(found, time.format, time.zone)
    except (ValueError, OverflowError) as error:
        raise Refused(RefusalReason.TIME, f"the time at `{time.path}`, {quoted(found)}, {error}") from error


def _whole_number(path: JsonPath, found: Any) -> int | None:
    if found is ABSENT or found is None:
        return None
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 17:
        found = int(found)
    if type(found) is not int or not 0 <= found < 2**53:
        raise Refused(RefusalReason.SCHEMA, f"the number at `{path}` is {quoted(found)}, no whole number from 0 up")
    return found


def _boot(path: JsonPath, found: Any) -> str:
    text = as_text(found)
    if not text:
        why = f"`{path}` must be a text or number that changes with each restart; it is {json_type(found)}"
        raise Refused(RefusalReason.SCHEMA, why)
    return text if is_id(text) else digest(text)
