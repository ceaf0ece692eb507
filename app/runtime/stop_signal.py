"""Running until somebody or something ends it: Ctrl-C, SIGTERM, or a time that is up."""

import faulthandler
import signal
import threading
from collections.abc import Callable
from types import FrameType


class StopSignal:
    """Set by Ctrl-C and SIGTERM. For the main thread.

    SIGHUP asks for the config to be read anew, SIGUSR1 for what every thread is doing, on standard error.
    """

    def __init__(self, reload: Callable[[], object]) -> None:
        self._event = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda *_: reload() and None)
            faulthandler.register(signal.SIGUSR1)

    def wait(self, seconds: float | None = None) -> bool:
        """True when it is time to end, False when only `seconds` have passed."""
        return self._event.wait(seconds)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._event.set()
        # A second Ctrl-C does not wait for anything.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
