"""The senders: the messages of the outbox go out, each URL of a channel in a process of its own."""

import logging
from collections.abc import Iterator, Sequence
from multiprocessing.connection import wait as wait_for

import msgspec

from alerts.delivery.channel_urls import channel_urls
from alerts.delivery.lane import Delivery, Lane
from alerts.delivery.send_permit import SendPermit
from alerts.delivery.sender import TIMEOUT, Sender
from alerts.delivery.sender_process import Answer, Event, Opened
from alerts.model.delivery_result import Outcome, RecipientState, faults, summary
from alerts.model.outbox_entry import OutboxEntry
from alerts.model.tracked_alert import TrackedAlert
from alerts.ports.notifier import MakeNotifier
from alerts.ports.outbox import OpenOutbox, Outbox, Queued
from alerts.text.delayed_message import CurrentMessage, current_message
from ward.clock import SECOND, Clock
from ward.config.alerting import Channel
from ward.config.live_config import LiveConfig
from ward.errors import SettingsError
from ward.ids import printable
from ward.metrics import Metrics
from ward.wakeup import Wakeup

log = logging.getLogger(__name__)

_LAST_RESULTS_WITHIN = 1.5
_TRACKED = msgspec.json.Decoder(TrackedAlert)


class Senders:
    """A part: a lane with a process for each URL of each channel. One that hangs, fails or dies delays no other.

    A message is tried until each recipient of its channel has it or has refused it for good; what became of it at each
    is stored at once, so nobody gets it again because of others. After a kill between delivering a message and storing
    that, it is sent once more, with the same key. `wakeup` ends a wait early. `lanes` are the running ones by channel
    and number of the URL, for reading only.
    """

    def __init__(
        self, live: LiveConfig, open_outbox: OpenOutbox, make: MakeNotifier, clock: Clock, metrics: Metrics,
        wakeup: Wakeup | None = None, timeout: float = TIMEOUT, permit: SendPermit | None = None,
    ) -> None:  # fmt: skip
        self._live = live
        self._open_outbox = open_outbox
        self._make = make
        self._clock = clock
        self._metrics = metrics
        self._wakeup = wakeup
        self._timeout = timeout
        self._permit = permit
        self._generation = 0
        self._outbox: Outbox | None = None
        self._config = live.config
        self.lanes: dict[tuple[str, int], Lane] = {}
        self._renew()

    def step(self, wait: float) -> int:
        """Begin what is due, wait at most `wait` seconds for results. Returns how many messages came to an end."""
        if self._config is not self._live.config:
            self._config = self._live.config
            self._renew()
        self._begin_permitted()
        pipes = [lane.sender.pipe for lane in self.lanes.values() if lane.deliveries]
        wakeup = [self._wakeup.fileno()] if self._wakeup is not None else []
        wait_for([*pipes, *wakeup], min([wait, *(lane.seconds_left() for lane in self.lanes.values())]))
        if self._wakeup is not None:
            self._wakeup.clear()
        return self._take_results(self._outbox) if self._outbox is not None else 0

    def close(self) -> None:
        """Where a successor goes on, what is being sent gets a moment, so that it is not sent again."""
        if self._permit is not None:
            self._permit.suspend()
            self._await_results()
            self._permit.sending(False)
        self._close()

    def _close(self) -> None:
        for lane in self.lanes.values():
            lane.sender.close()
        if self._outbox is not None:
            self._outbox.close()

    def _renew(self) -> None:
        """One lane for each URL of the config; those whose URL did not change go on."""
        wanted = {
            (channel.name, number): (url, channel.concurrency)
            for channel in self._config.alerting.channels if channel.has_url
            for number, url in enumerate(channel_urls(channel), 1)
        }  # fmt: skip
        for key, lane in list(self.lanes.items()):
            if wanted.get(key) != (lane.sender.url, lane.sender.concurrency):
                lane.sender.close()
                del self.lanes[key]
        for lane in self.lanes.values():
            lane.settled.clear()  # of a channel that may have other recipients now
        for (name, number), (url, concurrency) in wanted.items():
            if (name, number) not in self.lanes:
                sender = Sender(name, number, url, self._clock, self._make, concurrency, self._timeout)
                self.lanes[name, number] = Lane(
                    sender, self._clock, self._allows, ordered=self._channel(name).is_webhook
                )

    def _allows(self, queued: Queued) -> bool:
        return self._permit is None or self._permit.allows(queued)

    def _begin_permitted(self) -> None:
        """Begin what is due, where this process may send."""
        if self._permit is None:
            self._begin_all()
            return
        self._permit.sending(True)  # before it is asked: who takes it away then waits for the results
        if self._generation != self._permit.generation:
            self._generation = self._permit.generation
            self._start_over()
        self._begin_all()
        self._permit.sending(any(lane.deliveries for lane in self.lanes.values()))

    def _await_results(self) -> None:
        until = self._clock.monotonic() + _LAST_RESULTS_WITHIN
        while pipes := [lane.sender.pipe for lane in self.lanes.values() if lane.deliveries]:
            if not wait_for(pipes, max(0.0, until - self._clock.monotonic())) or self._outbox is None:
                return
            self._take_results(self._outbox)

    def _begin_all(self) -> None:
        try:
            self._outbox = self._outbox or self._open_outbox()
            for lane in self.lanes.values():
                while lane.has_room() and self._begin_next(lane, self._outbox):
                    pass
        except SettingsError as error:
            log.debug("%s", error)
            self._start_over()

    def _start_over(self) -> None:
        """There is no outbox, or another one in its place: what is on its way belongs to none."""
        if self._outbox is not None:
            self._close()
            self._outbox, self.lanes = None, {}
            self._renew()

    def _begin_next(self, lane: Lane, outbox: Outbox) -> bool:
        """Begin the next message of a lane. Returns False where none is due, or the process has died."""
        queued = lane.next(outbox)
        entry = outbox.entry(queued.number) if queued is not None else None
        if entry is None:
            return False
        now = self._clock.now()
        message, priority = self._current(entry, outbox)
        if message is None:
            self._withdraw(entry, outbox)
            return True
        if priority < entry.priority:
            outbox.reorder(entry.number, priority)
            return True  # another one may be more urgent now
        if entry.attempts == 0 and lane.sender.number == 1 and entry.received_at:
            self._metrics.delay.labels("sent").observe(max(0, now - entry.received_at) / SECOND)
        lane.begin(entry, message)
        return entry.number in lane.deliveries

    def _current(self, entry: OutboxEntry, outbox: Outbox) -> CurrentMessage:
        """The message as it is true now; to a program every change goes as it was, in order."""
        channel = self._channel(entry.channel)
        if channel.is_webhook:
            return CurrentMessage(entry.message, entry.priority)
        alerts = self._alerts(entry, outbox)
        return current_message(entry, alerts, self._config, self._clock.now(), channel.max_characters)

    def _withdraw(self, entry: OutboxEntry, outbox: Outbox) -> None:
        """Whoever does not have the message does not need it any more."""
        outbox.finish(entry.number, f"acknowledged before it was sent; {summary(entry.recipients)}")
        self._metrics.notification_attempts.labels(entry.channel, "withdrawn").inc()
        for lane in self._lanes_of(entry.channel):
            lane.forget(entry.number)

    def _channel(self, name: str) -> Channel:
        return next(channel for channel in self._config.alerting.channels if channel.name == name)

    def _alerts(self, entry: OutboxEntry, outbox: Outbox) -> Sequence[TrackedAlert]:
        """The alerts that a message reports as new, as they are now."""
        return [_TRACKED.decode(record) for record in outbox.alerts(entry.alerts)]

    def _take_results(self, outbox: Outbox) -> int:
        """What all processes have reported, stored together. Returns how many messages came to an end."""
        reported = [
            (lane, events) for lane in self.lanes.values() if lane.deliveries and (events := lane.sender.events())
        ]
        if not reported:
            return 0
        with outbox.commit():
            return sum(self._take(lane, event, outbox) for lane, events in reported for event in events)

    def _take(self, lane: Lane, event: Event, outbox: Outbox) -> int:
        if isinstance(event, Opened):
            self._note_recipients(lane.sender.name, outbox)
            return 0
        if isinstance(event, Answer):
            delivery = lane.deliveries[event.number]
            state = delivery.add(event.recipient, event.result)
            self._record(delivery, event.recipient, state, outbox, event.result.reference)
            return 0
        before = set(lane.deliveries[event.number].answered)
        delivery = lane.finish(event.number, printable(event.problem, 300))
        for name in delivery.answered.keys() - before:
            self._record(delivery, name, delivery.states[name], outbox)
        self._finish(delivery, outbox)
        return 1

    def _record(
        self, delivery: Delivery, recipient: str, state: RecipientState, outbox: Outbox, reference: str = ""
    ) -> None:
        entry = delivery.entry
        outbox.record(entry, recipient, state, self._clock.now(), reference)
        self._metrics.notification_attempts.labels(entry.channel, _result(state)).inc()
        if state.outcome is not Outcome.DELIVERED:
            then = "given up" if state.final else "to be tried again"
            log.warning("channel %s: %s does not have message %s, attempt %d, %s: %s", entry.channel, recipient,
                        entry.message.key, state.attempts, then, state.reply)  # fmt: skip

    def _finish(self, delivery: Delivery, outbox: Outbox) -> None:
        """An attempt is over; the message waits no more when all lanes of its channel are through with it."""
        entry, number = delivery.entry, delivery.entry.number
        lanes = list(self._lanes_of(entry.channel))
        now = outbox.entry(number)
        if now is None:
            return
        states = {name: now.recipients[name] for lane in lanes for name in lane.recipients if name in now.recipients}
        outbox.attempted(entry, printable(faults(states.items()), 300))
        if all(number in lane.settled for lane in lanes):
            outbox.finish(number, summary(states))
            for lane in lanes:
                lane.forget(number)

    def _lanes_of(self, channel: str) -> Iterator[Lane]:
        return (lane for (name, _), lane in self.lanes.items() if name == channel)

    def _note_recipients(self, channel: str, outbox: Outbox) -> None:
        """All recipients of a channel, once all its URLs are open."""
        lanes = list(self._lanes_of(channel))
        if all(lane.sender.recipients for lane in lanes):
            outbox.set_recipients(channel, [name for lane in lanes for name in lane.recipients])


def _result(state: RecipientState) -> str:
    """The label of the metric."""
    if state.outcome is Outcome.DELIVERED:
        return "delivered"
    return "refused" if state.final else "failed"
