"""One channel's process: a notice in, a delivery out, and killed when it hangs."""

import multiprocessing as mp
import signal
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection

from alerts.channels.apprise_channel import AppriseChannel
from alerts.channels.notifier import ChannelMessage, Delivery, Notifier
from alerts.storage.outbox_file import PendingEntry
from ward.clock import Clock

PATIENCE = 15.0
MakeNotifier = Callable[[str, Sequence[str]], Notifier]


def serve(make: MakeNotifier, name: str, urls: Sequence[str], pipe: Connection) -> None:
    """The sender process. Whatever goes wrong in it is an answer; the end of the pipe is its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    notifier: Notifier | None = None
    while True:
        try:
            notice = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            notifier = notifier or make(name, urls)
            answer = notifier.send(notice)
        except Exception as error:  # noqa: BLE001 - a channel may raise anything, and must not take the process with it
            answer = Delivery(delivered=False, detail=f"{type(error).__name__}: {error}")
        pipe.send(answer)


class Sender:
    """Hands one notice at a time to its process, and never waits for it."""

    def __init__(
        self,
        name: str,
        urls: Sequence[str],
        clock: Clock,
        patience: float = PATIENCE,
        make: MakeNotifier = AppriseChannel,
    ) -> None:
        self.name = name
        self.urls = tuple(urls)
        self.busy: PendingEntry | None = None
        self.restarts = 0
        self._clock = clock
        self._patience = patience
        self._make = make
        self._deadline = 0.0
        self._start()

    @property
    def pipe(self) -> Connection:
        """Readable when the process has answered, or died."""
        return self._pipe

    def begin(self, waiting: PendingEntry, notice: ChannelMessage) -> None:
        """Hand over a notice; the answer comes later. A process that has died meanwhile is made anew first."""
        try:
            self._pipe.send(notice)
        except OSError:
            self._anew()
            self._pipe.send(notice)
        self.busy = waiting
        self._deadline = self._clock.monotonic() + self._patience

    def left(self) -> float:
        """Seconds of patience left."""
        return max(0.0, self._deadline - self._clock.monotonic())

    def end(self) -> Delivery | None:
        """What became of the notice; None while it is not known. A process that died or hangs is made anew."""
        try:
            if self._pipe.poll():
                delivery: Delivery = self._pipe.recv()
                return delivery
            if self.left() > 0:
                return None
            detail = f"no answer in {self._patience:g} s: the sender was killed"
        except (EOFError, OSError):
            detail = "the sender died"
        self._anew()
        return Delivery(delivered=False, detail=detail)

    def close(self) -> None:
        self._pipe.close()
        self._process.kill()
        self._process.join()
        self._process.close()

    def _anew(self) -> None:
        self.restarts += 1
        self.close()
        self._start()

    def _start(self) -> None:
        # Spawned, not forked: nothing of our threads, locks and files goes with it.
        context = mp.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        args = (self._make, self.name, self.urls, theirs)
        self._process = context.Process(target=serve, args=args, name=f"sender-{self.name}", daemon=True)
        self._process.start()
        theirs.close()
