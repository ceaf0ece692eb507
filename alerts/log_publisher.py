"""Brings to the log what was decided, once it is safe in the file: no crash can take back what was published."""

from itertools import groupby

from alerts.log_reader import LogReader
from alerts.storage.state_file import StateFile
from ward.ports import Log, Partition, Receipt


class LogPublisher:
    """Sends publications in order, and says up to which they are durable in the log.

    After a crash those that were not struck out of the file are sent again, in the same order.
    """

    def __init__(self, log: Log, file: StateFile) -> None:
        self._log = log
        self._file = file
        self._sent = 0
        self._receipts: list[tuple[int, Receipt]] = []
        self._positions: dict[Partition, int] = {}
        self._published = 0
        self.up_to_date = False

    def send(self) -> None:
        """Send what the file has beyond what was sent. Raises `LogUnavailable`; then it is to be called again."""
        self.up_to_date = False
        rows = self._file.unpublished(self._sent)
        for topic, found in groupby(rows, key=lambda row: row.topic):
            run = list(found)
            receipt = self._log.send(topic, [(row.key, row.value) for row in run])
            self._receipts.append((run[-1].n, receipt))
            self._sent = run[-1].n
        self.up_to_date = True

    def settle(self) -> int:
        """The number up to which publications are durable, without waiting. Raises `LogUnavailable`."""
        while self._receipts and self._receipts[0][1].settled(0):
            self._published = self._receipts.pop(0)[0]
        return self._published

    def commit(self, reader: LogReader, positions: dict[Partition, int]) -> None:
        """Tell the group how far the book is, once all that followed from it is in the log."""
        if not self._receipts and positions != self._positions:
            reader.commit(dict(positions))
            self._positions = dict(positions)
