"""A log in a SQLite file that cannot be made yet, because its disk is full."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ward.adapters.group_commit import PendingWrite
from ward.adapters.local_consumer import Listener, LocalConsumer
from ward.adapters.local_ownership import LocalOwnership
from ward.adapters.sqlite.log import SqliteLog
from ward.adapters.sqlite.transactions import SqliteTransactions
from ward.clock import Clock
from ward.errors import LogUnavailable, SettingsError
from ward.periodic import Periodic
from ward.ports.log import Batch, OnRevoke, Partition

_TRY_EVERY = 2.0


class LateSqliteLog:
    """Port `Log`: a `SqliteLog` from when `open_log` succeeds. Until then all calls raise `LogUnavailable`, as when
    Kafka does not answer, and programs start, wait and report `problem`."""

    def __init__(self, open_log: Callable[[], SqliteLog], clock: Clock, problem: str) -> None:
        self._open_log = open_log
        self._due = Periodic(clock, _TRY_EVERY, first=_TRY_EVERY)
        self._problem = problem
        self._lock = threading.Lock()
        self._log: SqliteLog | None = None

    def send(self, topic: str, records: Iterable[tuple[str, bytes]]) -> PendingWrite:
        return self._opened().send(topic, records)

    def consumer(
        self, topics: Sequence[str], group: str, on_assign: Listener = None, on_revoke: Listener = None
    ) -> LocalConsumer:
        return self._opened().consumer(topics, group, on_assign, on_revoke)

    def transactions(self, name: str) -> SqliteTransactions:
        return self._opened().transactions(name)

    def ownership(self, name: str, places: int | None = None, on_revoke: OnRevoke | None = None) -> LocalOwnership:
        return self._opened().ownership(name, places, on_revoke)

    def follow(
        self, topics: Sequence[str], tail: int | None = None, start: Mapping[Partition, int] | None = None
    ) -> LocalConsumer:
        return self._opened().follow(topics, tail, start)

    def scan(self, partition: Partition, start: int | None = None, tail: int | None = None) -> Iterator[Batch]:
        return self._opened().scan(partition, start, tail)

    def partitions(self, topic: str) -> list[Partition]:
        return self._opened().partitions(topic)

    def partition(self, topic: str, key: str) -> Partition:
        return self._opened().partition(topic, key)

    def committed(self, group: str, partition: Partition) -> int | None:
        return self._opened().committed(group, partition)

    def problem(self) -> str:
        return self._log.problem() if self._log is not None else self._problem

    def loss(self) -> str:
        return self._log.loss() if self._log is not None else ""

    def close(self) -> None:
        if self._log is not None:
            self._log.close()

    def _opened(self) -> SqliteLog:
        with self._lock:
            if self._log is None and self._due.due():
                try:
                    self._log = self._open_log()
                except SettingsError as error:
                    self._problem = str(error)
            if self._log is None:
                raise LogUnavailable(self._problem)
            return self._log
