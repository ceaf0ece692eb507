"""Log lines about what does not answer: the log, the store or the broker.

While it is away, each part that needs it fails again and again for the same reason, and is made again until it answers.
That is no defect of a part: one line says what is wrong, without a traceback.
"""

import logging
import threading

from ward.clock import Clock
from ward.errors import BrokerUnavailable, LogUnavailable, StoreUnavailable

UNAVAILABLE = (LogUnavailable, StoreUnavailable, BrokerUnavailable)
# Seconds after which the same line comes again while nothing has changed.
REPEAT_AFTER = 60.0

log = logging.getLogger(__name__)


class Outages:
    """What does not answer now, for all parts of a process. Any thread may call the methods."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._logged: dict[str, float] = {}
        self._waiting: dict[str, str] = {}

    def failed(self, part: str, error: Exception) -> None:
        """A part has failed because something does not answer: one of `UNAVAILABLE`."""
        reason, now = str(error), self._clock.monotonic()
        with self._lock:
            self._waiting[part] = reason
            if now - self._logged.get(reason, float("-inf")) < REPEAT_AFTER:
                return
            self._logged[reason] = now
        log.warning("%s waits: %s; all that needs it tries again until it answers", part, reason)

    def works(self, part: str) -> None:
        """A part has done a step."""
        if part not in self._waiting:
            return
        with self._lock:
            reason = self._waiting.pop(part)
            if self._logged.pop(reason, None) is None:
                return
        log.warning("%s goes on: what it waited for answers again", part)
