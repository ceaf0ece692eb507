"""How many values of each signal are in the store, by a query: what was written over is not counted."""

from collections.abc import Iterable

from ward.clock import Micros
from ward.ports import Store
from ward.retention_policy import RetentionPolicy
from ward.signals import Signal

_BUCKET = 3600.0
_MOST_BUCKETS = 1_000_000


def stored_values(store: Store, signals: Iterable[Signal], start: Micros, end: Micros) -> dict[str, int]:
    """The number of raw values of each signal in [start, end), of all devices."""
    return {
        signal.name: sum(
            store.query_range(
                signal.measurement, signal.name, {}, start, end, _BUCKET, _MOST_BUCKETS, RetentionPolicy.AUTOGEN
            ).count
        )
        for signal in signals
    }
