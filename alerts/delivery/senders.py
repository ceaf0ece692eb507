"""The senders: the messages of the outbox go out, each channel in a process of its own."""

import logging
from collections.abc import Sequence
from contextlib import closing
from multiprocessing.connection import wait as wait_for

import msgspec

from alerts.delivery.channel_urls import channel_urls
from alerts.delivery.sender import TIMEOUT, Sender
from alerts.model.outbox_entry import OutboxEntry
from alerts.model.tracked_alert import TrackedAlert
from alerts.ports.notifier import DeliveryResult, MakeNotifier
from alerts.ports.outbox import OpenOutbox, Outbox
from alerts.text.delayed_message import delayed_message
from ward.alert import Alert
from ward.backoff import Backoff
from ward.clock import SECOND, Clock
from ward.config.live_config import LiveConfig
from ward.errors import SettingsError
from ward.ids import printable
from ward.metrics import Metrics
from ward.wakeup import Wakeup

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
_TRACKED = msgspec.json.Decoder(TrackedAlert)


class Senders:
    """A part: one sender for each channel. A channel that hangs, fails or dies does not delay the others.

    A message is tried until it is delivered, after 1, 2, 4 … 60 s, the most urgent message first. After a kill between
    delivering a message and storing that, it is sent once more, with the same key. `wakeup` ends a wait early.
    `senders` are the running ones by channel, for reading only.
    """

    def __init__(
        self, live: LiveConfig, open_outbox: OpenOutbox, make: MakeNotifier, clock: Clock, metrics: Metrics,
        wakeup: Wakeup | None = None, timeout: float = TIMEOUT,
    ) -> None:  # fmt: skip
        self._live = live
        self._open_outbox = open_outbox
        self._make = make
        self._clock = clock
        self._metrics = metrics
        self._wakeup = wakeup
        self._timeout = timeout
        self._outbox: Outbox | None = None
        self._config = live.config
        self.senders: dict[str, Sender] = {}
        self._backoff = Backoff(clock, FIRST_PAUSE, LONGEST_PAUSE)
        # By channel and key of the message: the monotonic time of the next attempt.
        self._not_before: dict[tuple[str, str], float] = {}
        self._renew()

    def step(self, wait: float) -> int:
        """Give each idle sender its next message, wait at most `wait` seconds. Returns how many results came."""
        if self._config is not self._live.config:
            self._config = self._live.config
            self._renew()
        for sender in self.senders.values():
            if sender.sending is None:
                self._begin(sender)
        busy = [sender for sender in self.senders.values() if sender.sending is not None]
        wakeup = [self._wakeup.fileno()] if self._wakeup is not None else []
        wait_for([*(sender.pipe for sender in busy), *wakeup], self._longest_wait(wait, busy))
        if self._wakeup is not None:
            self._wakeup.clear()
        return sum(self._take_result(sender) for sender in busy)

    def close(self) -> None:
        for sender in self.senders.values():
            sender.close()
        if self._outbox is not None:
            self._outbox.close()

    def _renew(self) -> None:
        """One sender for each channel of the config; those whose URLs did not change go on."""
        channels = [channel for channel in self._config.alerting.channels if channel.has_url]
        wanted = {channel.name: channel_urls(channel) for channel in channels}
        for name, sender in list(self.senders.items()):
            if wanted.get(name) != sender.urls:
                sender.close()
                del self.senders[name]
        for name, urls in wanted.items():
            if name not in self.senders:
                self.senders[name] = Sender(name, urls, self._clock, self._make, self._timeout)

    def _begin(self, sender: Sender) -> None:
        entry = self._next(sender.name)
        if entry is None:
            return
        channel = next(c for c in self._config.alerting.channels if c.name == sender.name)
        message = delayed_message(entry.message, self._alerts(entry), self._config, channel.max_characters)
        if entry.attempts == 0 and entry.received_at:
            self._metrics.delay.labels("sent").observe(max(0, self._clock.now() - entry.received_at) / SECOND)
        sender.begin(entry, message)

    def _next(self, channel: str) -> OutboxEntry | None:
        """The most urgent message that does not wait for its next attempt."""
        try:
            self._outbox = self._outbox or self._open_outbox()
            now = self._clock.monotonic()
            self._not_before = {key: at for key, at in self._not_before.items() if at > now}
            with closing(self._outbox.waiting(channel)) as waiting:
                return next((e for e in waiting if (channel, e.message.key) not in self._not_before), None)
        except SettingsError as error:
            log.debug("%s", error)
            if self._outbox is not None:
                self._outbox.close()
                self._outbox = None
            return None

    def _alerts(self, entry: OutboxEntry) -> Sequence[Alert]:
        """The alerts that a message reports as active, as they are now."""
        records = self._outbox.alerts(entry.alerts) if self._outbox is not None else ()
        return [_TRACKED.decode(record).alert for record in records]

    def _longest_wait(self, wait: float, busy: Sequence[Sender]) -> float:
        now = self._clock.monotonic()
        idle = len(busy) < len(self.senders)
        retries = [at - now for at in self._not_before.values()] if idle else []
        return max(0.0, min([wait, *(sender.seconds_left() for sender in busy), *retries]))

    def _take_result(self, sender: Sender) -> int:
        entry, result = sender.sending, sender.result()
        if result is None or entry is None:
            return 0
        sender.sending = None
        self._metrics.notification_attempts.labels(sender.name, "delivered" if result.delivered else "failed").inc()
        if result.delivered:
            if self._outbox is not None:
                self._outbox.delivered(entry)
        else:
            self._retry_later(entry, result)
        return 1

    def _retry_later(self, entry: OutboxEntry, result: DeliveryResult) -> None:
        pause = self._backoff.pause(entry.attempts)
        self._not_before[entry.channel, entry.message.key] = self._clock.monotonic() + pause
        detail = printable(result.detail, 300)
        log.warning("channel %s: delivery failed, next attempt in %d s: %s", entry.channel, pause, detail)
        if self._outbox is not None:
            self._outbox.failed(entry, detail)
