"""The canary: readings the bridge sends to itself as a device would, to see that the whole way is open."""

from collections.abc import Mapping

WARD = "wardwatch-canary"  # the ward in its topics
SIGNAL = "canary"
_ONLY = {SIGNAL}


def is_canary(ward: str, values: Mapping[str, float]) -> bool:
    """Whether a reading is of no patient and no device: nobody judges or shows it.

    A device that says it is in this ward and measures anything else is a device like others.
    """
    return ward == WARD and values.keys() == _ONLY
