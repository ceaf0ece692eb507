"""Publishes to the log what was decided, only after it is stored: so no crash makes a published alert unknown."""

from itertools import groupby

from alerts.log_reader import LogReader
from alerts.ports.state_store import StateStore
from ward.ports import Log, Partition, Receipt


class LogPublisher:
    """Sends publications in order, and knows up to which number they are durable in the log.

    Publications stay in the store until they are durable in the log; after a crash the rest is sent again, in the
    same order.
    """

    def __init__(self, log: Log, store: StateStore) -> None:
        self._log = log
        self._store = store
        self._sent = 0
        self._receipts: list[tuple[int, Receipt]] = []
        self._positions: dict[Partition, int] = {}
        self._durable = 0
        self.up_to_date = False

    def send(self) -> None:
        """Send everything in the store that was not sent yet. Raises `LogUnavailable`; call it again later."""
        self.up_to_date = False
        publications = self._store.unpublished(self._sent)
        for topic, found in groupby(publications, key=lambda publication: publication.topic):
            consecutive = list(found)
            receipt = self._log.send(topic, [(one.key, one.value) for one in consecutive])
            self._receipts.append((consecutive[-1].number, receipt))
            self._sent = consecutive[-1].number
        self.up_to_date = True

    def durable(self) -> int:
        """The number up to which publications are durable in the log. Does not wait. Raises `LogUnavailable`."""
        while self._receipts and self._receipts[0][1].acked(0):
            self._durable = self._receipts.pop(0)[0]
        return self._durable

    def commit(self, reader: LogReader, positions: dict[Partition, int]) -> None:
        """Commit positions to the consumer group, once everything that followed from them is in the log."""
        if not self._receipts and positions != self._positions:
            reader.commit(dict(positions))
            self._positions = dict(positions)
