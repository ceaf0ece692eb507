"""What people observe of a patient, such as consciousness: what is checked, and the records made of it.

The same observation sent again is the same action. Of two for the same time the one that was entered later counts: it
corrects the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ward.action import Action, ActionType, Observation
from ward.bed_subject import PERSON, bed_subject
from ward.clock import SECOND, Micros, format_span
from ward.ids import digest, printable
from ward.inventory import Inventory, Place
from ward.local_time import local_time
from ward.reading import Reading
from ward.signals import Catalogue, Signal
from ward.text_template import TextKind, TextTemplate


def _no(text: str, /, **example: str) -> TextTemplate:
    return TextTemplate(TextKind.REFUSAL, text, **example)


NO_OBSERVED = _no("{name} cannot be entered: {known} can.", name="'heart_rate'", known="oxygen, consciousness")
NO_OBSERVED_AT_ALL = _no("No signal can be entered: give one `observed: true` in signals.yaml.")
NOTHING_OBSERVED = _no("'values' is empty: send at least one, such as {example}.", example='{"consciousness": 0}')
OUT_OF_RANGE = _no(
    "{label} {value} is not possible: it is from {low} to {high}.", label="Consciousness", value="7", low="0", high="4"
)  # fmt: skip
NO_SUCH_CODE = _no(
    "{label} {value} is not possible: it is one of {codes}.", label="Consciousness", value="0.5",
    codes="0 (Alert), 1 (New confusion)",
)  # fmt: skip
OBSERVED_LATER = _no("'at' lies in the future: it is {now} here.", now="14:02:15 CET")
OBSERVED_LONG_AGO = _no("'at' is more than {span} ago: such an observation says nothing about now.", span="24 h")
OTHER_PATIENT = _no(
    "The patient in {bed} at that time is {there}, not {asked}: nothing was saved. Look at the bed again.",
    bed="ICU bed 7", there="P-1074", asked="P-1000",
)  # fmt: skip
PATIENT_KNOWN = _no(
    "The patient in {bed} at that time is {there}, not one who is not known: nothing was saved. Look at the bed again.",
    bed="ICU bed 7", there="P-1074",
)  # fmt: skip
NOBODY_THERE = TextTemplate(TextKind.NOTE, "not known")

# An observation may be so many seconds ahead of our clock, and so many seconds old.
_AHEAD, _OLDEST = 60, 24 * 3600
EXAMPLE = '{"consciousness": 0, "oxygen": 2}'


class ObservationRefused(Exception):
    """An observation that cannot be saved, and why, in a sentence. `field` is what it is about: a signal, `at`,
    `patient`, which was another one; None for all of it."""

    def __init__(self, why: str, field: str | None = None) -> None:
        super().__init__(why)
        self.why, self.field = why, field


class Checked(NamedTuple):
    """An observation that can be saved: the `action` that puts it on record, the `reading` that the detectors evaluate,
    and the `signals` that it has."""

    action: Action
    reading: Reading
    signals: list[Signal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What somebody entered: who, for which bed, when it was observed, the values by signal, and a note. With `patient`
    it is refused where another patient was in the bed; empty is for a bed without a known patient."""

    by: str
    bed: str
    at: Micros
    values: Mapping[str, float]
    note: str = ""
    patient: str | None = None


class ObservationCheck:
    """Checks what was entered by the catalogue of signals and the inventory of one config; `zone` is for sentences."""

    def __init__(self, catalogue: Catalogue, inventory: Inventory, zone: str) -> None:
        self._catalogue, self._inventory, self._zone = catalogue, inventory, zone

    def check(self, entry: Entry, now: Micros) -> Checked:
        """The records of an observation in a known bed. Raises `ObservationRefused`."""
        signals = self._signals(entry.values)
        at = self._instant(entry.at, now)
        place = self._place(entry.bed, at, entry.patient)
        action = _action(entry, place, at, now)
        return Checked(action, _reading(action, place), signals)

    def _signals(self, values: Mapping[str, float]) -> list[Signal]:
        known = [signal.name for signal in self._catalogue.values() if signal.observed]
        if not known:
            raise ObservationRefused(NO_OBSERVED_AT_ALL())
        if not values:
            raise ObservationRefused(NOTHING_OBSERVED(example=EXAMPLE))
        for name, value in values.items():
            if name not in known:
                raise ObservationRefused(NO_OBSERVED(name=_quoted(name), known=", ".join(known)))
            _check_value(self._catalogue[name], value)
        return [self._catalogue[name] for name in values]

    def _instant(self, at: Micros, now: Micros) -> Micros:
        if at > now + _AHEAD * SECOND:
            raise ObservationRefused(OBSERVED_LATER(now=local_time(now, self._zone, now)), "at")
        if at < now - _OLDEST * SECOND:
            raise ObservationRefused(OBSERVED_LONG_AGO(span=format_span(_OLDEST)), "at")
        return min(at, now)

    def _place(self, bed: str, at: Micros, patient: str | None) -> Place:
        there, label = self._inventory.patient(bed, at), self._inventory.label(bed)
        named = printable(there, 64) or NOBODY_THERE()
        if patient == "" and there:
            raise ObservationRefused(PATIENT_KNOWN(bed=label, there=named), "patient")
        if patient not in (None, there):
            raise ObservationRefused(OTHER_PATIENT(bed=label, there=named, asked=_quoted(str(patient))), "patient")
        return Place(ward=self._inventory.beds[bed].ward, bed=bed, patient=there)


def _check_value(signal: Signal, value: float) -> None:
    label, shown = signal.label, f"{value:g}"
    if not signal.plausible(value):  # also not a number
        low, high = signal.show_limit(signal.low), signal.show_limit(signal.high)
        raise ObservationRefused(OUT_OF_RANGE(label=label, value=shown, low=low, high=high), signal.name)
    if signal.codes and not signal.other_values and value not in signal.codes:
        codes = ", ".join(f"{code:g} ({text})" for code, text in signal.codes.items())
        raise ObservationRefused(NO_SUCH_CODE(label=label, value=shown, codes=codes), signal.name)


def _action(entry: Entry, place: Place, at: Micros, now: Micros) -> Action:
    by, values = entry.by.strip(), dict(entry.values)
    return Action(
        id=digest("observe", place.bed, entry.at, by, sorted(values.items())), type=ActionType.OBSERVE,
        subject=place.bed, by=by, at=now, note=entry.note,
        observation=Observation(bed=place.bed, at=at, values=values, patient=place.patient),
    )  # fmt: skip


def _reading(action: Action, place: Place) -> Reading:
    """The reading, within the second of the observation: later, the later it was entered, as of two values of one
    instant the first one counts."""
    assert action.observation is not None
    late = (action.at - action.observation.at) * (SECOND - 1) // (_OLDEST * SECOND)
    return Reading(
        device=bed_subject(place), ward=place.ward, at=action.observation.at + late, received_at=action.at,
        values=action.observation.values, boot=PERSON,
    )  # fmt: skip


def _quoted(text: str) -> str:
    return f"'{printable(text, 60)}'"
