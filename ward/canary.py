"""The canary: test readings that the bridge sends to itself, like a device, to measure the delay from end to end."""

from collections.abc import Mapping

WARD = "wardwatch-canary"  # the ward in its topics
SIGNAL = "canary"
_ONLY = {SIGNAL}


def is_canary(ward: str, values: Mapping[str, float]) -> bool:
    """Whether a reading is a test reading, which no program evaluates or shows.

    A device that sends this ward and any other signal is a device like all others.
    """
    return ward == WARD and values.keys() == _ONLY
