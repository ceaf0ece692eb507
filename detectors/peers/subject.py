"""What the second engine evaluates for a rule about cohorts, in the place of a device."""

from typing import NamedTuple
from urllib.parse import quote, unquote

_COHORT, _EVERYWHERE = "cohort", "*"
_PARTS = 6


class CohortSubject(NamedTuple):
    """All devices of a kind that have one `signal`, in a ward, or everywhere where `ward` is empty, for one rule. A
    large cohort is several `part`s, each compared by itself."""

    rule: str
    signal: str
    ward: str
    device_kind: str
    part: int

    @property
    def name(self) -> str:
        """Its key in the log. Ids of devices have no slash, so no device has such a name.

        >>> CohortSubject("drifting", "humidity", "", "humidity_logger", 0).name
        'cohort/drifting/humidity/*/humidity_logger/0'
        """
        parts = self.rule, self.signal, self.ward, self.device_kind, str(self.part)
        return "/".join((_COHORT, *(quote(part, safe="") or _EVERYWHERE for part in parts)))


def cohort_of(name: str) -> CohortSubject | None:
    """The cohort with a name; None for a device, a patient or a bed.

    >>> cohort_of("cohort/drifting/humidity/*/humidity_logger/0")
    CohortSubject(rule='drifting', signal='humidity', ward='', device_kind='humidity_logger', part=0)
    >>> cohort_of("mon-icu-01"), cohort_of("patient/P1"), cohort_of("cohort/x")
    (None, None, None)
    """
    first, *rest = name.split("/")
    if first != _COHORT or len(rest) != _PARTS - 1 or not rest[-1].isdecimal():
        return None
    rule, signal, ward, device_kind, part = ("" if part == _EVERYWHERE else unquote(part) for part in rest)
    return CohortSubject(rule, signal, ward, device_kind, int(part))
