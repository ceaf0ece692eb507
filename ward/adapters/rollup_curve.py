"""Curves over months: from roll-ups as far as they go, from there on from raw readings."""

from collections.abc import Mapping
from typing import Protocol

from ward.adapters.aggregation import bucket_micros
from ward.clock import SECOND, Micros
from ward.errors import QueryRefused
from ward.ports.store import Curve
from ward.retention_policy import ROLLED_UP, ROLLUP_WIDTHS, RetentionPolicy, resolution

NOTHING = Curve((), (), (), (), ())
Where = Mapping[str, str]


class PolicyStore(Protocol):
    """The queries of a store for a single policy."""

    def query_raw(
        self, measurement: str, field: str, where: Where, start: Micros, end: Micros, every: float | None, limit: int,
        policy: RetentionPolicy | None,
    ) -> Curve:  # fmt: skip
        """`Store.curve` of the points as they are in one policy."""
        ...

    def query_rollups(
        self,
        measurement: str,
        field: str,
        where: Where,
        start: Micros,
        end: Micros,
        every: float,
        limit: int,
        policy: RetentionPolicy,
    ) -> Curve:
        """The same from the points of a roll-up; means are weighted by count."""
        ...  # fmt: skip

    def last(
        self, measurement: str, field: str, where: Where, count: int, policy: RetentionPolicy | None = None
    ) -> list[tuple[Micros, float]]:
        """As in `Store`."""
        ...


def query_range(
    store: PolicyStore, now: Micros, measurement: str, field: str, where: Where, start: Micros, end: Micros,
    every: float | None, limit: int, policy: RetentionPolicy | None,
) -> Curve:  # fmt: skip
    """The implementation of `Store.query_range` for all stores. Raises `QueryRefused`, `StoreUnavailable`."""
    if every is not None:
        bucket_micros(every)
    chosen = _rollup_policy(now, measurement, start, end, every) if policy is None else None
    if chosen is None or every is None:
        return store.query_raw(measurement, field, where, start, end, every, limit, policy)
    cut = _rolled_until(store, measurement, field, where, every, chosen)
    if cut <= start:
        return store.query_raw(measurement, field, where, start, end, every, limit, None)
    old = store.query_rollups(measurement, field, where, start, min(cut, end), every, limit, chosen)
    new = store.query_raw(measurement, field, where, cut, end, every, limit, None) if cut < end else NOTHING
    if len(old.at) + len(new.at) > limit:
        raise QueryRefused(f"more than {limit} rows: ask for a shorter time or wider buckets")
    return Curve(
        (*old.at, *new.at), (*old.mean, *new.mean), (*old.low, *new.low), (*old.high, *new.high),
        (*old.count, *new.count),
    )  # fmt: skip


def _rollup_policy(
    now: Micros, measurement: str, start: Micros, end: Micros, every: float | None
) -> RetentionPolicy | None:
    """The policy of the roll-up that answers; None for raw readings."""
    if every is None or measurement not in ROLLED_UP or start >= end:
        return None
    found = resolution((end - start) / SECOND, (now - start) / SECOND, every)
    return found if found in ROLLUP_WIDTHS else None


def _rolled_until(
    store: PolicyStore, measurement: str, field: str, where: Where, every: float, policy: RetentionPolicy
) -> Micros:
    """The beginning of the first bucket that roll-ups do not cover completely."""
    newest = store.last(measurement, field, where, 1, policy)
    if not newest:
        return 0
    until = newest[0][0] + bucket_micros(ROLLUP_WIDTHS[policy])
    return until - until % bucket_micros(every)
