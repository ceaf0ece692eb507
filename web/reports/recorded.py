"""Whether anything was recorded in a span of time: a report on a time before the first start says nothing true."""

from ward.clock import Micros
from ward.ports import Store
from ward.simulated_past import simulated_past

# The overview is written every few seconds while `web` is at work, and is kept for a day; readings come while devices
# send and the bridge is at work.
_WRITTEN = ("overview_wards", "vitals")


def recorded(store: Store, start: Micros, end: Micros, ward: str = "") -> bool:
    """Whether the store has anything of the ward, or of all, in [start, end) that is not of a simulated past.

    Raises `StoreUnavailable`.
    """
    past = simulated_past(store)
    begin = max(start, past.end) if past else start
    where = {"ward": ward} if ward else {}
    return begin < end and any(store.rows(measurement, where, begin, end, 1) for measurement in _WRITTEN)
