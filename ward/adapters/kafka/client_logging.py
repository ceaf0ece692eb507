"""Log lines and errors of librdkafka, escaped and limited in rate."""

import logging
import threading
from typing import Any

from confluent_kafka import KafkaError

from ward.clock import Clock
from ward.ids import printable

log = logging.getLogger(__name__)

_LOG_EVERY = 30.0


class ClientLogging:
    """The logger of a Kafka client. `problem` is the last error, empty after `recovered`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._logged: dict[str, tuple[float, int]] = {}
        self.problem = ""

    def log(self, level: int, text: str, *values: Any) -> None:
        """A log line of librdkafka: its kind is the first word, such as `FAIL` or `GETPID`."""
        line = text % values if values else text
        self._log_limited(line.split(" ", 1)[0], level, line)

    def error(self, error: KafkaError) -> None:
        """An error that no call returns, such as a lost connection to a broker."""
        self.problem = printable(f"Kafka: {error.str()}")
        self._log_limited(str(error.name()), logging.WARNING, f"{error.name()}: {error.str()}")

    def recovered(self) -> None:
        """Clear `problem`: something was delivered or fetched."""
        if self.problem:
            self.problem = ""

    def _log_limited(self, kind: str, level: int, line: str) -> None:
        now = self._clock.monotonic()
        with self._lock:
            since, more = self._logged.get(kind, (float("-inf"), 0))
            if now - since < _LOG_EVERY:
                self._logged[kind] = (since, more + 1)
                return
            self._logged[kind] = (now, 0)
        log.log(level, "kafka: %s%s", printable(line, 300), f" (and {more} more like it)" if more else "")
