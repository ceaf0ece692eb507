"""The senders: what waits in the outbox goes out, each channel in a process of its own."""

import logging
from collections.abc import Sequence
from contextlib import closing
from multiprocessing.connection import wait as wait_for
from pathlib import Path

import msgspec

from alerts.channels.apprise_channel import AppriseChannel
from alerts.channels.notifier import Delivery
from alerts.delivery.sender import PATIENCE, MakeNotifier, Sender
from alerts.delivery.wakeup import Wakeup
from alerts.storage.outbox_file import OutboxFile, PendingEntry
from alerts.text.late_notice import late_notice
from alerts.tracking.alert_state import FILE
from alerts.tracking.tracked_alert import TrackedAlert
from ward.alert import Alert
from ward.clock import SECOND, Clock
from ward.config.alerting import Channel
from ward.config.live import LiveConfig
from ward.errors import SettingsError
from ward.ids import printable
from ward.metrics import Metrics

log = logging.getLogger(__name__)

LONGEST_PAUSE = 60
_CASE = msgspec.json.Decoder(TrackedAlert)


class Senders:
    """A part: one sender a channel. A channel that hangs, fails or dies holds up no other.

    A notice is tried until it is delivered, after 1, 2, 4 … 60 s, the most urgent first. Between
    delivering and remembering it, a kill makes it be sent once more, under the same key.
    """

    def __init__(
        self,
        live: LiveConfig,
        data: Path,
        clock: Clock,
        metrics: Metrics,
        bell: Wakeup | None = None,
        patience: float = PATIENCE,
        make: MakeNotifier = AppriseChannel,
    ) -> None:
        self._live = live
        self._path = data / FILE
        self._clock = clock
        self._metrics = metrics
        self._bell = bell
        self._patience = patience
        self._make = make
        self._file: OutboxFile | None = None
        self._config = live.config
        self._senders: dict[str, Sender] = {}
        self._not_before: dict[tuple[str, str], float] = {}
        self._renew()

    def step(self, wait: float) -> int:
        if self._config is not self._live.config:
            self._config = self._live.config
            self._renew()
        for sender in self._senders.values():
            if sender.busy is None:
                self._begin(sender)
        busy = [sender for sender in self._senders.values() if sender.busy is not None]
        bell = [self._bell.fileno()] if self._bell is not None else []
        wait_for([*(sender.pipe for sender in busy), *bell], self._pause(wait, busy))
        if self._bell is not None:
            self._bell.hush()
        return sum(self._end(sender) for sender in busy)

    def close(self) -> None:
        for sender in self._senders.values():
            sender.close()
        if self._file is not None:
            self._file.close()

    def _renew(self) -> None:
        """One sender for each channel of the config; those that did not change go on."""
        wanted = {channel.name: self._urls(channel) for channel in self._config.alerting.channels if channel.addressed}
        for name, sender in list(self._senders.items()):
            if wanted.get(name) != sender.urls:
                sender.close()
                del self._senders[name]
        for name, urls in wanted.items():
            if name not in self._senders:
                self._senders[name] = Sender(name, urls, self._clock, self._patience, self._make)

    def _urls(self, channel: Channel) -> tuple[str, ...]:
        urls = [secret.get_secret_value() for secret in channel.urls if secret.get_secret_value().strip()]
        if channel.url_file is not None:
            try:
                lines = Path(channel.url_file).read_text(encoding="utf-8").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                log.error("channel %s: %s cannot be read: %s", channel.name, channel.url_file, error)
                lines = []
            urls += [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        return tuple(urls)

    def _begin(self, sender: Sender) -> None:
        waiting = self._next(sender.name)
        if waiting is None or self._file is None:
            return
        channel = next(c for c in self._config.alerting.channels if c.name == sender.name)
        notice = late_notice(waiting.notice, self._alerts(waiting), self._config, channel.limit)
        if waiting.attempts == 0 and waiting.seen:
            self._metrics.delay.labels("handed").observe(max(0, self._clock.now() - waiting.seen) / SECOND)
        sender.begin(waiting, notice)

    def _next(self, channel: str) -> PendingEntry | None:
        """The most urgent notice that is not in its pause."""
        try:
            self._file = self._file or OutboxFile(self._path)
            now = self._clock.monotonic()
            self._not_before = {key: at for key, at in self._not_before.items() if at > now}
            with closing(self._file.waiting(channel)) as waiting:
                return next((w for w in waiting if (channel, w.notice.key) not in self._not_before), None)
        except SettingsError as error:
            log.debug("%s", error)
            if self._file is not None:
                self._file.close()
                self._file = None
            return None

    def _alerts(self, waiting: PendingEntry) -> Sequence[Alert]:
        bodies = self._file.alerts(waiting.alerts) if self._file is not None else ()
        return [_CASE.decode(body).alert for body in bodies]

    def _pause(self, wait: float, busy: Sequence[Sender]) -> float:
        now = self._clock.monotonic()
        idle = len(busy) < len(self._senders)
        retries = [at - now for at in self._not_before.values()] if idle else []
        return max(0.0, min([wait, *(sender.left() for sender in busy), *retries]))

    def _end(self, sender: Sender) -> int:
        waiting, delivery = sender.busy, sender.end()
        if delivery is None or waiting is None:
            return 0
        sender.busy = None
        self._metrics.notified.labels(sender.name, "delivered" if delivery.delivered else "failed").inc()
        self._mark(sender, waiting, delivery)
        return 1

    def _mark(self, sender: Sender, waiting: PendingEntry, delivery: Delivery) -> None:
        if delivery.delivered:
            if self._file is not None:
                self._file.delivered(sender.name, waiting)
            return
        pause = min(LONGEST_PAUSE, 2 ** min(waiting.attempts, 6))
        self._not_before[sender.name, waiting.notice.key] = self._clock.monotonic() + pause
        detail = printable(delivery.detail, 300)
        log.warning("channel %s did not take a notice, again in %d s: %s", sender.name, pause, detail)
        if self._file is not None:
            self._file.failed(sender.name, waiting, detail)
