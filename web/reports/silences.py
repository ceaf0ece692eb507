"""The silences in force, by the beds that they are about."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ward.clock import Micros
from ward.silence import Silence
from web.model.config_view import ConfigView

_PLACES = frozenset({"ward", "bed", "device_id", "patient_id"})


class SilencesInForce(NamedTuple):
    """Active and pending silences: those of single beds by bed, and those that mute all beds of the ward or no bed."""

    by_bed: Mapping[str, list[Silence]]
    whole_ward: list[Silence]


def silences_in_force(view: ConfigView, ward: str, silences: Iterable[Silence], now: Micros) -> SilencesInForce:
    """Those that may mute an alert of the ward. Matchers of other labels than a place's are taken to hold."""
    beds = [bed.id for bed in view.inventory.beds.values() if bed.ward == ward]
    places = {bed: list(_bed_labels(view, ward, bed, now)) for bed in beds}
    by_bed: dict[str, list[Silence]] = {}
    whole_ward = []
    for silence in silences:
        muted = [bed for bed in beds if any(_may_mute(silence, labels) for labels in places[bed])]
        if len(muted) == len(beds) and len(beds) != 1 and _may_mute(silence, {"ward": ward}):
            whole_ward.append(silence)
        else:
            for bed in muted:
                by_bed.setdefault(bed, []).append(silence)
    return SilencesInForce(by_bed, whole_ward)


def _bed_labels(view: ConfigView, ward: str, bed: str, now: Micros) -> Iterator[Mapping[str, str]]:
    """The places that alerts of a bed may have: one for each device, and one without."""
    labels = {"ward": ward, "bed": bed, "patient_id": view.inventory.patient(bed, now)}
    yield {**labels, "device_id": ""}
    for placed in view.places.devices(bed, now):
        yield {**labels, "device_id": placed.device.id}


def _may_mute(silence: Silence, labels: Mapping[str, str]) -> bool:
    return all(matcher.matches(labels) for matcher in silence.matchers if matcher.label in _PLACES)
