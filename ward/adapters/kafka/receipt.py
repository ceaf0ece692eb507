"""A receipt that counts Kafka's delivery reports."""

from typing import Protocol

from confluent_kafka import KafkaError, Message

from ward.errors import LogUnavailable


class Reports(Protocol):
    """The producer that serves delivery reports."""

    def serve(self, receipt: "KafkaReceipt", wait: float) -> None:
        """Serve reports until the receipt has all of its records, or for `wait` seconds."""
        ...

    def failed(self, error: KafkaError) -> None:
        """Called for each record that Kafka does not accept."""
        ...


class KafkaReceipt:
    """Acknowledged when every record has a report without error. One thread at a time serves reports."""

    __slots__ = ("_error", "_reports", "left")

    def __init__(self, reports: Reports, count: int) -> None:
        self._reports = reports
        self._error: KafkaError | None = None
        self.left = count

    def report(self, error: KafkaError | None, _: Message) -> None:
        """The delivery callback of librdkafka; it must not raise."""
        self.left -= 1
        if error is not None:
            self._error = error
            self._reports.failed(error)

    def acked(self, wait: float) -> bool:
        if self.left:
            self._reports.serve(self, wait)
        if self._error is not None:
            raise LogUnavailable(f"Kafka has not accepted all records: {self._error.str()}")
        return not self.left
