"""The senders on a file with entries in its outbox, as the tests of delivery run them."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from alerts.channels.open_channel import open_channel
from alerts.delivery.senders import Senders
from alerts.model.channel_message import ChannelMessage
from alerts.model.outbox_entry import OutboxEntry
from alerts.model.state_changes import StateChanges
from alerts.ports.notifier import MakeNotifier
from alerts.storage.outbox_file import OutboxFile
from alerts.storage.schema import FILE
from alerts.storage.state_file import StateFile
from tests.alerts.targets import until
from tests.kit.alert_timeline import Replaceable, ward_config
from ward.clock import ManualClock
from ward.metrics import Metrics


def entry(n: int, channel: str = "nurse", priority: int = 3, **changes: Any) -> OutboxEntry:
    subject = f"HIGH priority, ICU bed {n}: SpO2 84 % < 88 for 15 s"
    message = ChannelMessage(key=f"key{n}", subject=subject, body=f"line one of {n}\nüber 38 °C <script>")
    fields = {"priority": priority, "queued_at": n, "queued_wall": ManualClock().now(), "group": f"g{n}"}
    return OutboxEntry(message=message, channel=channel, **{**fields, **changes})


class SendersOnFile:
    """A file with entries in its outbox, and the senders that empty it."""

    def __init__(
        self, path: Path, entries: list[OutboxEntry], make: MakeNotifier, at_once: int, **channels: list[str]
    ) -> None:
        self.path = path
        self.file = StateFile(path / FILE)
        self.file.write(StateChanges(outbox=entries))
        self.clock = ManualClock()
        self.metrics = Metrics()
        self.live = Replaceable(ward_config(channels=self.channels(at_once, **channels)))
        self.make = make
        self.senders = self.open()

    @staticmethod
    def channels(at_once: int, **channels: list[str]) -> list[dict[str, Any]]:
        return [{"name": name, "urls": urls, "concurrency": at_once} for name, urls in channels.items()]

    def open(self) -> Senders:
        return Senders(self.live, partial(OutboxFile.in_folder, self.path), self.make, self.clock, self.metrics)

    def step(self) -> int:
        return self.senders.step(0.02)

    def rows(self) -> dict[str, tuple[str, int, str]]:
        db = sqlite3.connect(self.path / FILE)
        rows = db.execute("SELECT key || '/' || channel, status, attempts, error FROM outbox").fetchall()
        db.close()
        return {key: (done, attempts, detail) for key, done, attempts, detail in rows}

    def done(self, *keys: str) -> bool:
        rows = self.rows()
        return all(rows[key][0] == "delivered" for key in keys)

    def until_done(self, *keys: str) -> None:
        until(lambda: self.done(*keys), self.step)

    def until_failed(self, key: str, attempts: int) -> str:
        until(lambda: self.rows()[key][1] == attempts, self.step)
        return self.rows()[key][2]

    def recipients(self, key: str) -> dict[str, tuple[str, int]]:
        """The outcome and the number of attempts of each recipient of a message."""
        db = sqlite3.connect(self.path / FILE)
        (text,) = db.execute("SELECT recipients FROM outbox WHERE key=?", (key,)).fetchone()
        db.close()
        return {name: (state["outcome"], state["attempts"]) for name, state in json.loads(text).items()}

    def until_idle(self) -> None:
        """Step until nothing is on its way."""
        self.step()
        until(lambda: not any(lane.deliveries for lane in self.senders.lanes.values()), self.step)

    def attempts(self, channel: str, result: str) -> float:
        return self.metrics.samples().get(
            f'wardwatch_notification_attempts_total{{channel="{channel}",result="{result}"}}', 0.0
        )


@contextmanager
def senders_on_file(
    path: Path, *entries: OutboxEntry, make: MakeNotifier = open_channel, at_once: int = 8, **channels: list[str]
) -> Iterator[SendersOnFile]:
    opened = SendersOnFile(path, list(entries), make, at_once, **channels)
    try:
        yield opened
    finally:
        opened.senders.close()
        opened.file.close()
