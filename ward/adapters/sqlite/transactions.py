"""Records of several topics in one commit of the SQLite log."""

from collections.abc import Sequence
from itertools import groupby

from ward.adapters.group_commit import GroupCommit, PendingWrite
from ward.adapters.partitioning import check_size
from ward.errors import ProducerFenced
from ward.ports.log import Addressed


class _AllOf:
    """A receipt of several writes that are committed together."""

    def __init__(self, writes: Sequence[PendingWrite]) -> None:
        self._writes = writes

    def acked(self, wait: float) -> bool:
        return all(write.acked(wait) for write in self._writes)


class SqliteTransactions:
    """Port `TransactionalProducer`; `newest` has the newest of each name."""

    def __init__(self, commits: GroupCommit, name: str, newest: "dict[str, SqliteTransactions]") -> None:
        self._commits = commits
        self._name = name
        self._newest = newest
        newest[name] = self

    def send(self, records: Sequence[Addressed]) -> _AllOf:
        if self._newest[self._name] is not self:
            raise ProducerFenced(f"another producer named {self._name} is in force")
        for record in records:
            check_size(record.topic, record.value)
        by_topic = groupby(records, key=lambda record: record.topic)
        writes = [
            PendingWrite(self._commits.changed, topic, [(key, value) for _, key, value in found])
            for topic, found in by_topic
        ]
        self._commits.put_together(writes)
        return _AllOf(writes)

    def close(self) -> None:
        """Nothing to release."""
