"""Publishes to the log what was decided, only after it is stored: so no crash makes a published alert unknown."""

from collections.abc import Callable, Sequence
from itertools import groupby

from alerts.model.state_changes import Publication
from alerts.ports.state_store import StateStore
from ward.errors import LogUnavailable
from ward.ports import Addressed, Log, Receipt, TransactionalProducer

# Seconds to wait for the end of a transaction. It takes some milliseconds, and senders wait for it.
_COMMIT_WITHIN = 1.0


class LogPublisher:
    """Sends publications in order, and knows up to which number they are durable in the log.

    Publications stay in the store until they are durable in the log; after a crash the rest is sent again, in the
    same order. With a `producer`, which several processes use one after the other, all that is unpublished goes into
    one transaction, so that the log has whole steps only; `published` is called with each number that becomes durable.
    """

    def __init__(
        self, log: Log, store: StateStore, producer: TransactionalProducer | None = None,
        published: Callable[[int], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._log = log
        self._store = store
        self._producer = producer
        self._published = published
        self.start_over()

    def start_over(self) -> None:
        """The log has given some up: all that are not known to be durable are sent again."""
        self._sent = 0
        self._durable = 0
        self._receipts: list[tuple[int, Receipt]] = []
        self.up_to_date = False

    @property
    def shared(self) -> bool:
        """Whether other processes follow what is published."""
        return self._producer is not None

    def send(self) -> None:
        """Send everything in the store that was not sent yet. Raises `LogUnavailable`; call it again later."""
        self.up_to_date = False
        if self._producer is not None and self._receipts and not self._acked(_COMMIT_WITHIN):
            return
        publications = self._store.unpublished(self._sent)
        if self._producer is None:
            self._send_each(publications)
        elif publications:
            receipt = self._producer.send([Addressed(one.topic, one.key, one.value) for one in publications])
            self._sent = publications[-1].number
            self._receipts.append((self._sent, receipt))
            self._acked(_COMMIT_WITHIN)
        self.up_to_date = True

    def durable(self) -> int:
        """The number up to which publications are durable in the log. Does not wait. Raises `LogUnavailable`."""
        self._acked(0)
        return self._durable

    def finish(self, wait: float) -> bool:
        """Send the rest and wait at most `wait` seconds for it. Returns whether the log has everything."""
        try:
            self.send()
            if not self._acked(wait):
                return False
            if not self.up_to_date:  # one that was on its way came first
                self.send()
            return self.up_to_date and self._acked(wait)
        except LogUnavailable:
            return False

    def _send_each(self, publications: Sequence[Publication]) -> None:
        for topic, found in groupby(publications, key=lambda publication: publication.topic):
            consecutive = list(found)
            receipt = self._log.send(topic, [(one.key, one.value) for one in consecutive])
            self._receipts.append((consecutive[-1].number, receipt))
            self._sent = consecutive[-1].number

    def _acked(self, wait: float) -> bool:
        try:
            while self._receipts and self._receipts[0][1].acked(wait):
                self._durable = self._receipts.pop(0)[0]
                self._published(self._durable)
        except LogUnavailable:
            self.start_over()
            raise
        return not self._receipts
