"""A reading: what one device measured at one instant."""

from enum import IntFlag

import msgspec

from ward.clock import Micros


class Flag(IntFlag):
    """What is odd about a reading. A flagged reading is kept and, unless said otherwise, judged."""

    UNTIMED = 1  # the device sent no time: the bridge's is used
    CLOCK_AHEAD = 2  # its time lay in the future: the bridge's is used, the device's kept
    CLOCK_BEHIND = 4  # its time lay beyond the backlog window: the bridge's is used, the device's kept
    CLOCK_STEPPED = 8  # its clock went back between two readings: the bridge's is used, the device's kept
    CLOCK_SKEWED = 16  # its clock runs, but differs from the bridge's by seconds or more
    BACKLOG = 32  # delivered long after it was measured
    RETAINED = 64  # the broker had kept it: nobody can say how old the delivery is
    OUT_OF_ORDER = 128  # a later one of this device was here before it
    MISPLACED = 256  # published for another ward than the inventory knows
    REBOOTED = 512  # the first reading of a new boot of a device that was known before
    STATUS = 1024  # the broker speaks for the device: it need not be there itself


class Reading(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag_field="v", tag=2):
    """One device, one instant, values by signal name.

    `at` is the instant it was measured, as far as anyone can tell; `seen` is when the bridge took
    it; `claimed` is what the device said when that could not be used. `implausible` holds values
    outside the plausible range: stored, shown to nobody as a vital sign, and fed to the one detector
    that counts artefacts. `boot` and `seq` are empty and -1 for a device that never heard of
    acknowledgements. `lost` counts readings known to be missing just before this one,
    `duplicates` the repeats removed since the last one. `attached` is the imaging device a logger sits in.
    """

    device: str
    ward: str
    at: Micros
    seen: Micros
    values: dict[str, float]
    implausible: dict[str, float] = {}
    boot: str = ""
    seq: int = -1
    device_kind: str = ""
    attached: str = ""
    claimed: Micros | None = None
    lost: int = 0
    duplicates: int = 0
    flags: int = 0
