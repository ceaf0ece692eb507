"""Sends one message on some channels without an outbox: for what must be said while `alerts` does no work."""

import multiprocessing as mp
import sys
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess

from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import Outcome
from ward.backoff import Backoff
from ward.clock import Clock
from ward.ids import digest

TIMEOUT = 20.0  # seconds for one attempt
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 300.0

# URL, subject and text → whether the service accepted the message. It runs in a process of its own.
Send = Callable[[str, str, str], bool]


def send_as_channel(url: str, subject: str, text: str) -> bool:
    """As the senders of `alerts` do. One recipient that has it is enough: a repeat would go to that one again."""
    from alerts.channels.open_channel import open_channel

    notifier = open_channel("direct", 1, url)
    message = ChannelMessage(key=digest(subject, text), subject=subject, body=text)
    results = list(notifier.send(message, notifier.recipients))
    return any(result.outcome is Outcome.DELIVERED for _, result in results)


def _run(send: Send, url: str, subject: str, text: str) -> None:
    sys.exit(0 if send(url, subject, text) else 1)


class DirectMessage:
    """A message that is tried at each URL until it is delivered there. `urls` are by a name without secrets.

    One that hangs or fails delays no other. `waiting` are those that have not accepted it yet, `reached` says that one
    has.
    """

    def __init__(
        self, urls: Mapping[str, str], subject: str, text: str, clock: Clock, send: Send = send_as_channel
    ) -> None:
        self.subject = subject
        self.text = text
        self.waiting = dict(urls)
        self.reached = False
        self._clock = clock
        self._send = send
        self._running: dict[str, tuple[BaseProcess, float]] = {}
        self._backoff = {name: Backoff(clock, _FIRST_PAUSE, _LONGEST_PAUSE) for name in urls}

    def step(self) -> None:
        """Start the attempts that are due, and take the results of others."""
        for name, url in list(self.waiting.items()):
            if name in self._running:
                self._take_result(name)
            elif self._backoff[name].due():
                # Spawned, not forked: threads, locks and open files of this process are not inherited.
                process = mp.get_context("spawn").Process(
                    target=_run, args=(self._send, url, self.subject, self.text), name=f"message-{name}", daemon=True
                )
                process.start()
                self._running[name] = process, self._clock.monotonic() + TIMEOUT

    def close(self) -> None:
        for process, _ in self._running.values():
            process.kill()
            process.join()
        self._running.clear()

    def _take_result(self, name: str) -> None:
        process, deadline = self._running[name]
        if process.is_alive():
            if self._clock.monotonic() < deadline:
                return
            process.kill()
        process.join()
        del self._running[name]
        if process.exitcode == 0:
            del self.waiting[name]
            self.reached = True
        else:
            self._backoff[name].failed()
