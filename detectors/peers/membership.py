"""Which cohort a device belongs to."""

from collections import Counter
from zlib import crc32

from detectors.peers.subject import CohortSubject
from ward.config.rule import Rule
from ward.inventory import Inventory, Place

# A cohort of more devices is compared in two, four, … parts: the median of hundreds is that of thousands within noise,
# and the state of a cohort is one record of the log.
MOST_MEMBERS = 512


class Membership:
    """The cohorts of one inventory: how many devices of each kind there are in each ward, and everywhere."""

    def __init__(self, inventory: Inventory) -> None:
        self._members = Counter(
            (ward, device.device_kind)
            for device in inventory.devices.values()
            for ward in {"", *(assignment.ward for assignment in device.assignments)}
        )

    def of(self, rule: Rule, signal: str, device: str, place: Place) -> CohortSubject | None:
        """The cohort of a device at a place; None for one that is not in the inventory, or in no ward where the rule
        compares those of a ward. The part is a hash of the device: the others need not be known."""
        ward = place.ward if rule.cohort == "ward" else ""
        if not place.known or (rule.cohort == "ward" and not ward):
            return None
        part = crc32(device.encode()) % parts_of(self._members[ward, place.device_kind])
        return CohortSubject(rule.name, signal, ward, place.device_kind, part)


def parts_of(members: int) -> int:
    """The number of parts of a cohort with so many members: a power of two, so that it seldom changes.

    >>> [parts_of(members) for members in (0, 1, 512, 513, 1024, 1025, 100_000)]
    [1, 1, 1, 2, 2, 4, 256]
    """
    return 1 << max(0, -(-members // MOST_MEMBERS) - 1).bit_length()
