"""A receipt counted from Kafka's delivery reports."""

from typing import Protocol

from confluent_kafka import KafkaError, Message

from ward.errors import LogUnavailable


class Reports(Protocol):
    """Where delivery reports come from."""

    def serve(self, receipt: "KafkaReceipt", wait: float) -> None:
        """Serve reports until the receipt has all of its own, or `wait` seconds have passed."""
        ...

    def failed(self, error: KafkaError) -> None:
        """Told of each record that Kafka will not take."""
        ...


class KafkaReceipt:
    """Open until there is a report for every record. Reports are served by one thread at a time."""

    __slots__ = ("_error", "_reports", "left")

    def __init__(self, reports: Reports, count: int) -> None:
        self._reports = reports
        self._error: KafkaError | None = None
        self.left = count

    def report(self, error: KafkaError | None, _: Message) -> None:
        """librdkafka's delivery callback: nothing here may raise."""
        self.left -= 1
        if error is not None:
            self._error = error
            self._reports.failed(error)

    def settled(self, wait: float) -> bool:
        if self.left:
            self._reports.serve(self, wait)
        if self._error is not None:
            raise LogUnavailable(f"Kafka has not taken all records: {self._error.str()}")
        return not self.left
