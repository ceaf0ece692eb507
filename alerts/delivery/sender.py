"""The process of one channel: a message in, a result out, and killed when it hangs."""

import multiprocessing as mp
import signal
from collections.abc import Sequence
from multiprocessing.connection import Connection

from alerts.model.channel_message import ChannelMessage
from alerts.model.outbox_entry import OutboxEntry
from alerts.ports.notifier import DeliveryResult, MakeNotifier, Notifier
from ward.clock import Clock

TIMEOUT = 15.0


def serve(make: MakeNotifier, name: str, urls: Sequence[str], pipe: Connection) -> None:
    """The sender process: answers each message on the pipe, also when something goes wrong, until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    notifier: Notifier | None = None
    while True:
        try:
            message = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            notifier = notifier or make(name, urls)
            result = notifier.send(message)
        except Exception as error:  # noqa: BLE001 - a notifier may raise anything, and must not end the process
            result = DeliveryResult(delivered=False, detail=f"{type(error).__name__}: {error}")
        pipe.send(result)


class Sender:
    """Gives one message at a time to its process, and never waits for it.

    `sending` is the entry whose result is not known yet, `restarts` counts how often the process was replaced.
    `timeout` is in seconds.
    """

    def __init__(
        self, name: str, urls: Sequence[str], clock: Clock, make: MakeNotifier, timeout: float = TIMEOUT
    ) -> None:
        self.name = name
        self.urls = tuple(urls)
        self.sending: OutboxEntry | None = None
        self.restarts = 0
        self._clock = clock
        self._timeout = timeout
        self._make = make
        self._deadline = 0.0
        self._start()

    @property
    def pid(self) -> int:
        """The id of its process now."""
        return self._process.pid or 0

    @property
    def pipe(self) -> Connection:
        """Readable when the process has answered, or died."""
        return self._pipe

    def begin(self, entry: OutboxEntry, message: ChannelMessage) -> None:
        """Give a message to the process. One that has died while idle is replaced first."""
        try:
            self._pipe.send(message)
        except OSError:
            self._restart()
            self._pipe.send(message)
        self.sending = entry
        self._deadline = self._clock.monotonic() + self._timeout

    def seconds_left(self) -> float:
        """Seconds until the process counts as hanging."""
        return max(0.0, self._deadline - self._clock.monotonic())

    def result(self) -> DeliveryResult | None:
        """What became of the message; None while it is not known. A process that died or hangs is replaced."""
        try:
            if self._pipe.poll():
                result: DeliveryResult = self._pipe.recv()
                return result
            if self.seconds_left() > 0:
                return None
            detail = f"no answer in {self._timeout:g} s: the sender process was killed"
        except (EOFError, OSError):
            detail = "the sender process exited"
        self._restart()
        return DeliveryResult(delivered=False, detail=detail)

    def close(self) -> None:
        self._pipe.close()
        self._process.kill()
        self._process.join()
        self._process.close()

    def _restart(self) -> None:
        self.restarts += 1
        self.close()
        self._start()

    def _start(self) -> None:
        # Spawned, not forked: threads, locks and open files of this process are not inherited.
        context = mp.get_context("spawn")
        self._pipe, child_end = context.Pipe()
        args = (self._make, self.name, self.urls, child_end)
        self._process = context.Process(target=serve, args=args, name=f"sender-{self.name}", daemon=True)
        self._process.start()
        child_end.close()
