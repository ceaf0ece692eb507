"""One channel's sender: takes what is due from the outbox and hands it over."""

import multiprocessing as mp
from collections.abc import Sequence
from multiprocessing.connection import Connection

from alerts.outbox import Outbox
from ward.adapters.apprise_channel import AppriseChannel
from ward.metrics import Metrics
from ward.ports import Delivery, Notice

PATIENCE = 15.0


def _serve(name: str, urls: Sequence[str], pipe: Connection) -> None:
    """The sender process: a notice in, a delivery out."""
    channel = AppriseChannel(name, urls)
    while True:
        try:
            notice = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        pipe.send(channel.send(notice))


class Sender:
    """A part: one channel, with a process of its own that is killed when it hangs."""

    def __init__(self, name: str, urls: Sequence[str], outbox: Outbox, metrics: Metrics) -> None:
        self._name = name
        self._urls = list(urls)
        self._outbox = outbox
        self._metrics = metrics
        self._process: mp.process.BaseProcess | None = None
        self._start()

    def step(self, wait: float) -> int:
        waiting = self._outbox.due(self._name)
        if waiting is None:
            with self._outbox.changed:
                self._outbox.changed.wait(wait)
            return 0
        delivery = self._hand_over(waiting.notice)
        self._metrics.notified.labels(self._name, "delivered" if delivery.delivered else "failed").inc()
        if delivery.delivered:
            self._outbox.sent(self._name, waiting.notice.key)
        else:
            self._outbox.failed(self._name, waiting, delivery.detail)
        return 1

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def _start(self) -> None:
        context = mp.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(self._name, self._urls, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def _hand_over(self, notice: Notice) -> Delivery:
        try:
            self._pipe.send(notice)
            if self._pipe.poll(PATIENCE):
                delivery: Delivery = self._pipe.recv()
                return delivery
            detail = f"no answer in {PATIENCE:.0f} s"
        except (EOFError, OSError) as error:
            detail = f"the sender died: {error}"
        self.close()
        self._start()
        return Delivery(delivered=False, detail=detail)
