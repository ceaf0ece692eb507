"""Whether Wardwatch was at work in a span of time: a report on a time before its first start says nothing true."""

from ward.clock import SECOND, Micros
from ward.ports import Store

# The overview is written every few seconds while `web` is at work, and is kept for a day; readings come while devices
# send and the bridge is at work.
_WRITTEN = ("overview_wards", "vitals")
_DAY = 86_400 * SECOND


def recorded(store: Store, start: Micros, end: Micros, ward: str = "") -> bool:
    """Whether the store has anything of the ward, or of all, in the last day of [start, end).

    Raises `StoreUnavailable`.
    """
    where = {"ward": ward} if ward else {}
    return any(store.rows(measurement, where, max(start, end - _DAY), end, 1) for measurement in _WRITTEN)
