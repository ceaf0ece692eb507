"""What values of a bed are about: the patient in it, or the bed itself where no patient is known."""

from ward.inventory import Place

_PATIENT, _BED = "patient/", "bed/"
# Where an observation of a person comes from, in the place of a device.
PERSON = "person/"


def bed_subject(place: Place) -> str:
    """The subject of what a device at a place measures; empty where it stands at no bed. Ids of devices have no slash,
    so no device has such a name.

    >>> bed_subject(Place(ward="icu", bed="icu-07", patient="P1")), bed_subject(Place(ward="icu", bed="icu-08"))
    ('patient/P1', 'bed/icu-08')
    """
    if not place.bed:
        return ""
    return f"{_PATIENT}{place.patient}" if place.patient else f"{_BED}{place.bed}"


def is_bed_subject(name: str) -> bool:
    """Whether this is a patient or a bed, not a device."""
    return name.startswith((_PATIENT, _BED))
