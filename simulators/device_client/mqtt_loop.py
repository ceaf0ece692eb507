"""One thread that serves the connections of many devices."""

import logging
import selectors
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from ward.clock import Clock, SystemClock
from ward.periodic import Periodic
from ward.wakeup import Wakeup

log = logging.getLogger(__name__)

_TICK = 0.1


class LoopConnection(Protocol):
    """A connection that the loop serves. Its methods are called by the loop's thread only."""

    def serve(self, readable: bool) -> None:
        """Read when `readable`, and send what is queued."""
        ...

    def tick(self, now: float) -> None:
        """Do what is due at `now`: pings, reconnecting. Called every 0.1 s."""
        ...


class MqttLoop:
    """Waits for all sockets at once. Hundreds of devices need one thread and do not wait for each other."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self._selector = selectors.DefaultSelector()
        self._queued: deque[Callable[[], None]] = deque()
        self._connections: set[LoopConnection] = set()
        self._wakeup = Wakeup()
        self._awake = False
        self._ended = False
        self._selector.register(self._wakeup, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._run, name="mqtt-loop", daemon=True)
        self._thread.start()

    def call(self, function: Callable[[], None]) -> None:
        """Run a function in the loop's thread, soon. Never waits."""
        self._queued.append(function)
        if not self._awake:
            self._awake = True
            self._wakeup.wake()

    def add(self, connection: LoopConnection) -> None:
        self._connections.add(connection)

    def remove(self, connection: LoopConnection) -> None:
        self._connections.discard(connection)

    def watch(self, descriptor: int, connection: LoopConnection, write: bool) -> None:
        """Call `serve` when the descriptor can be read or, with `write`, written."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if write else 0)
        known = self._selector.get_map().get(descriptor)
        if known is None:
            self._selector.register(descriptor, events, connection)
        elif known.events != events or known.data is not connection:
            self._selector.modify(descriptor, events, connection)

    def unwatch(self, descriptor: int) -> None:
        if descriptor in self._selector.get_map():
            self._selector.unregister(descriptor)

    def close(self, wait: float = 3.0) -> None:
        """End the thread, after the functions that were queued before."""
        self._ended = True
        self.call(lambda: None)
        if threading.current_thread() is not self._thread:
            self._thread.join(wait)

    def _run(self) -> None:
        tick = Periodic(self.clock, _TICK)
        while not self._ended or self._queued:
            try:
                for key, events in self._selector.select(_TICK):
                    if key.data is not None:
                        self._serve(key.data, events)
                self._work()
                if tick.due():
                    for connection in list(self._connections):
                        connection.tick(self.clock.monotonic())
            except Exception:  # a problem of one device must not stop the others
                log.exception("serving a device's connection failed")
        self._selector.close()
        self._wakeup.close()

    def _serve(self, connection: LoopConnection, events: int) -> None:
        try:
            connection.serve(bool(events & selectors.EVENT_READ))
        except Exception:  # a problem of one device must not stop the others
            log.exception("serving a device's connection failed")

    def _work(self) -> None:
        self._wakeup.clear()
        self._awake = False  # before the work: a call during it wakes the loop again
        for _ in range(len(self._queued)):
            self._queued.popleft()()
