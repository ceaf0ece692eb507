"""The sender of one URL of a channel: a process that is given messages, and killed when it hangs."""

import multiprocessing as mp
from collections.abc import Collection
from multiprocessing.connection import Connection

from alerts.delivery.sender_process import Answer, Event, Finished, Job, Opened, serve
from alerts.model.channel_message import ChannelMessage
from alerts.ports.notifier import MakeNotifier
from ward.clock import Clock

TIMEOUT = 15.0


class Sender:
    """Gives messages to its process, at most `concurrency` at one time, and never waits for it.

    `recipients` are those of the URL, empty until the process has opened it; `restarts` counts how often the process
    was replaced. `timeout` is in seconds, for each recipient.
    """

    def __init__(
        self, name: str, number: int, url: str, clock: Clock, make: MakeNotifier, concurrency: int = 1,
        timeout: float = TIMEOUT,
    ) -> None:  # fmt: skip
        self.name = name
        self.number = number
        self.url = url
        self.concurrency = concurrency
        self.recipients: tuple[str, ...] = ()
        self.restarts = 0
        self._clock = clock
        self._timeout = timeout
        self._make = make
        # By number of the message: the monotonic time at which the process counts as hanging.
        self._deadlines: dict[int, float] = {}
        self._start()

    @property
    def pid(self) -> int:
        """The id of its process now."""
        return self._process.pid or 0

    @property
    def pipe(self) -> Connection:
        """Readable when the process has answered, or died."""
        return self._pipe

    @property
    def busy(self) -> int:
        """How many messages are on their way."""
        return len(self._deadlines)

    def begin(self, number: int, message: ChannelMessage, skip: Collection[str] = ()) -> bool:
        """Give a message to the process, for all recipients but some. A process that has died while idle is replaced.

        Returns False where it has died at work: `events` gives its messages up first.
        """
        job = Job(number, message, tuple(skip))
        try:
            self._pipe.send(job)
        except OSError:
            if self.busy:
                return False
            self._restart()
            self._pipe.send(job)
        self._deadlines[number] = self._clock.monotonic() + self._timeout
        return True

    def seconds_left(self) -> float:
        """Seconds until the process counts as hanging."""
        return max(0.0, min(self._deadlines.values(), default=float("inf")) - self._clock.monotonic())

    def events(self) -> list[Event]:
        """What the process has reported. One that died or hangs is replaced, and its messages are finished."""
        events: list[Event] = []
        try:
            while self._pipe.poll():
                events.append(self._taken(self._pipe.recv()))
        except (EOFError, OSError):
            return events + self._give_up("the sender process exited")
        if self.busy and not self.seconds_left():
            return events + self._give_up(f"no answer in {self._timeout:g} s: the sender process was killed")
        return events

    def close(self) -> None:
        self._pipe.close()
        self._process.kill()
        self._process.join()
        self._process.close()

    def _taken(self, event: Event) -> Event:
        if isinstance(event, Opened):
            self.recipients = event.recipients
        elif isinstance(event, Answer):
            self._deadlines[event.number] = self._clock.monotonic() + self._timeout
        else:
            del self._deadlines[event.number]
        return event

    def _give_up(self, problem: str) -> list[Event]:
        finished: list[Event] = [Finished(number, problem) for number in self._deadlines]
        self._deadlines = {}
        self._restart()
        return finished

    def _restart(self) -> None:
        self.restarts += 1
        self.close()
        self._start()

    def _start(self) -> None:
        # Spawned, not forked: threads, locks and open files of this process are not inherited.
        context = mp.get_context("spawn")
        self._pipe, child_end = context.Pipe()
        args = (self._make, self.name, self.number, self.url, self.concurrency, child_end)
        self._process = context.Process(target=serve, args=args, name=f"sender-{self.name}", daemon=True)
        self._process.start()
        child_end.close()
