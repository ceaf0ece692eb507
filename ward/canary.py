"""The canary: readings the bridge sends to itself as a device would, to see that the whole way is open."""

from ward.reading import Reading

WARD = "wardwatch-canary"  # the ward in its topics: nobody's ward may be called so
SIGNAL = "canary"


def is_canary(reading: Reading) -> bool:
    """Whether a reading is of no patient and no device: nobody judges or shows it."""
    return reading.ward == WARD
