"""The process of one URL of a channel: messages in, the result of each recipient out."""

import signal
import threading
from collections.abc import Collection
from functools import partial
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import NamedTuple

from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import DeliveryResult
from alerts.ports.notifier import MakeNotifier, Notifier


class Job(NamedTuple):
    """A message to send to all recipients but those in `skip`; `number` is that of the outbox."""

    number: int
    message: ChannelMessage
    skip: Collection[str]


class Opened(NamedTuple):
    """The notifier is open, and has these recipients."""

    recipients: tuple[str, ...]


class Answer(NamedTuple):
    """What became of a message at one recipient."""

    number: int
    recipient: str
    result: DeliveryResult


class Finished(NamedTuple):
    """All recipients of a job have been asked, or a `problem` has ended it before."""

    number: int
    problem: str = ""


Event = Opened | Answer | Finished


def serve(make: MakeNotifier, name: str, url_number: int, url: str, concurrency: int, pipe: Connection) -> None:
    """Answers each job on the pipe, also when something goes wrong, until the pipe closes.

    At most `concurrency` jobs are done at one time, each in a thread.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs: SimpleQueue[Job] = SimpleQueue()
    process = _Process(make, name, url_number, url, pipe)
    threads: list[threading.Thread] = []
    while True:
        try:
            jobs.put(pipe.recv())
        except (EOFError, OSError):
            return
        if len(threads) < concurrency:
            threads.append(threading.Thread(target=process.work, args=(jobs,), daemon=True))
            threads[-1].start()


class _Process:
    """What the threads of the process share: the notifier, and the pipe back."""

    def __init__(self, make: MakeNotifier, name: str, number: int, url: str, pipe: Connection) -> None:
        self._open = partial(make, name, number, url)
        self._pipe = pipe
        self._notifier: Notifier | None = None
        self._opening, self._sending = threading.Lock(), threading.Lock()

    def work(self, jobs: "SimpleQueue[Job]") -> None:
        while True:
            self._do(jobs.get())

    def _do(self, job: Job) -> None:
        problem = ""
        try:
            notifier = self._opened()
            recipients = [name for name in notifier.recipients if name not in job.skip]
            for recipient, result in notifier.send(job.message, recipients):
                self._report(Answer(job.number, recipient, result))
        except Exception as error:  # noqa: BLE001 - a notifier may raise anything, and must not end the process
            problem = f"{type(error).__name__}: {error}"
        self._report(Finished(job.number, problem))

    def _opened(self) -> Notifier:
        with self._opening:
            if self._notifier is None:
                self._notifier = self._open()
                self._report(Opened(self._notifier.recipients))
            return self._notifier

    def _report(self, event: Event) -> None:
        with self._sending:
            self._pipe.send(event)
