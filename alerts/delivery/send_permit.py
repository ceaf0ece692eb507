"""Whether messages may be sent now, where several processes could send them."""

import threading
from collections.abc import Callable

from alerts.ports.outbox import Queued
from ward.clock import Clock

UNLIMITED = 1 << 62


class SendPermit:
    """Given by the part that knows which process is the active one, asked by the senders right before each message.

    A message is sent while no other process can be the active one, and when the log has the step that decided on it:
    otherwise a successor would decide on it again. Without the log, nobody can succeed this process, and it sends
    regardless. Any thread may call this.
    """

    def __init__(self, clock: Clock, wake: Callable[[], None] = lambda: None) -> None:
        self._clock = clock
        self._wake = wake
        self._until = 0.0
        # Counts how often it was revoked.
        self.generation = 0
        self._published = 0
        self._idle = threading.Event()
        self._idle.set()

    def extend(self, until: float) -> None:
        """No other process can be the active one before this monotonic instant."""
        self._until = until

    def published(self, number: int) -> None:
        """The log has all publications up to this number; 0 after a start, when that is not known."""
        self._published = number
        self._wake()

    def suspend(self) -> None:
        """Nothing more may begin to be sent."""
        self._until, self._published = 0.0, 0

    def revoke(self) -> None:
        """Another process has it: what is on its way here belongs to no outbox any more."""
        self.suspend()
        self.generation += 1

    def allows(self, message: Queued) -> bool:
        """Whether this message may be sent now."""
        return self._clock.monotonic() < self._until and message.publication <= self._published

    def sending(self, busy: bool) -> None:
        """Whether the result of any message is not known yet."""
        if busy:
            self._idle.clear()
        else:
            self._idle.set()

    @property
    def busy(self) -> bool:
        """Whether the result of any message is not known yet."""
        return not self._idle.is_set()

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until the result of each message is known. False when it is not after so many seconds."""
        return self._idle.wait(seconds)
