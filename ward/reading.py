"""A reading: what one device measured at one instant."""

from enum import IntFlag

import msgspec

from ward.clock import Micros


class Flag(IntFlag):
    """What is unusual about a reading. A reading with flags is stored and evaluated like any other."""

    UNTIMED = 1  # the device sent no time: the bridge's is used
    CLOCK_AHEAD = 2  # its time lay in the future: the bridge's is used, the device's is in `device_time`
    CLOCK_BEHIND = 4  # its time lay beyond the backlog window: the bridge's is used, the device's is in `device_time`
    CLOCK_STEPPED = (
        8  # its clock went back between two readings: the bridge's is used, the device's is in `device_time`
    )
    CLOCK_SKEWED = 16  # its clock runs, but differs from the bridge's by seconds or more
    BACKLOG = 32  # delivered long after it was measured
    RETAINED = 64  # a retained message: how long ago it was published is unknown
    OUT_OF_ORDER = 128  # received after a later reading of this device
    WRONG_WARD = 256  # published for another ward than that of the inventory
    REBOOTED = 512  # the first reading of a new boot of a device that was known before
    STATUS = 1024  # sent by the broker for the device, such as a last will
    INCOMPLETE = 2048  # some of its values could not be used, or its time or number: they are in quarantine
    SOURCE_CHANGED = 4096  # another boot, ward or vendor's name sent the reading before under this id


class Reading(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag_field="v", tag=3):
    """One device, one instant, values by signal name.

    `at` is the best estimate of when it was measured, and no other reading of the device has it; `received_at` is when
    the bridge received it; `device_time` is the device's own time where `at` differs from it (all in microseconds since
    1970). `implausible` holds values outside the plausible range: they are stored, not shown as vital signs, and
    evaluated only by the detector that counts artefacts. `boot` and `seq` are empty and -1 for a device that does not
    use acknowledgements. `lost` is the number of readings missing just before this one, `duplicates` that of repeats
    removed since the last one. `attached` is the imaging device that a logger is mounted in.
    """

    device: str
    ward: str
    at: Micros
    received_at: Micros
    values: dict[str, float]
    implausible: dict[str, float] = {}
    boot: str = ""
    seq: int = -1
    device_kind: str = ""
    attached: str = ""
    device_time: Micros | None = None
    lost: int = 0
    duplicates: int = 0
    flags: int = 0
