"""What librdkafka says, made fit for our log: quoted, and not the same thing a hundred times a minute."""

import logging
import threading
from typing import Any

from confluent_kafka import KafkaError

from ward.clock import Clock
from ward.ids import printable

log = logging.getLogger(__name__)

_EVERY = 30.0


class ClientLogging:
    """Takes a client's log lines and errors. `problem` is the last error, until something works again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._said: dict[str, tuple[float, int]] = {}
        self.problem = ""

    def log(self, level: int, text: str, *values: Any) -> None:
        """A log line of librdkafka: its kind is the first word, such as `FAIL` or `GETPID`."""
        line = text % values if values else text
        self._say(line.split(" ", 1)[0], level, line)

    def error(self, error: KafkaError) -> None:
        """An error no call can return: a broker went away, all of them did."""
        self.problem = printable(f"Kafka: {error.str()}")
        self._say(str(error.name()), logging.WARNING, f"{error.name()}: {error.str()}")

    def works(self) -> None:
        """Something was delivered or fetched."""
        if self.problem:
            self.problem = ""

    def _say(self, kind: str, level: int, line: str) -> None:
        now = self._clock.monotonic()
        with self._lock:
            since, more = self._said.get(kind, (float("-inf"), 0))
            if now - since < _EVERY:
                self._said[kind] = (since, more + 1)
                return
            self._said[kind] = (now, 0)
        log.log(level, "kafka: %s%s", printable(line, 300), f" (and {more} more like it)" if more else "")
