"""When a process ends: at Ctrl-C, at SIGTERM, or after a given time."""

import faulthandler
import signal
import threading
from collections.abc import Callable
from types import FrameType


class StopSignal:
    """Set by Ctrl-C and SIGTERM. To be created in the main thread.

    SIGHUP calls `reload`; SIGUSR1 prints what every thread is doing to standard error.
    """

    def __init__(self, reload: Callable[[], object]) -> None:
        self._event = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda *_: reload() and None)
            faulthandler.register(signal.SIGUSR1)

    def wait(self, seconds: float | None = None) -> bool:
        """True when a signal has come, False when `seconds` have passed without one."""
        return self._event.wait(seconds)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._event.set()
        # A second Ctrl-C ends the process at once.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
