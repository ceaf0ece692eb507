"""The imaging suite: 51 machines, and the humidity loggers in their rooms."""

import string

from ward.inventory import Assignment, Device

SUITE = {"MRI": 14, "CT": 15, "PETCT": 6, "SPECT": 6, "LINAC": 10}
MACHINES = tuple(f"{kind}-{i}" for kind, count in SUITE.items() for i in range(1, count + 1))
LOGGER = "humidity_logger"
_DIGITS = string.digits + string.ascii_uppercase


def imaging_loggers(count: int, ward: str = "imaging") -> tuple[Device, ...]:
    """`count` loggers spread evenly over the machines: 102 are two for each machine, 2,086 the full fleet.

    The devices of a smaller fleet are the first ones of a larger fleet.
    """
    return tuple(
        Device(
            id=f"0-ZZZ12345678-{_suffix(i)}",
            device_kind=LOGGER,
            assignments=(Assignment(ward=ward),),
            attached=MACHINES[i % len(MACHINES)],
        )
        for i in range(count)
    )


def _suffix(number: int) -> str:
    """Three digits to the base of 36, not consecutive, as serial numbers are."""
    scattered = (number * 23 + 308) % 36**3
    return "".join(_DIGITS[scattered // 36**place % 36] for place in (2, 1, 0))
