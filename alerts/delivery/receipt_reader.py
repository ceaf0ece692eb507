"""Asks gateways whether the phones have the messages that they accepted."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from alerts.delivery.channel_urls import channel_urls
from alerts.delivery.send_permit import SendPermit
from alerts.model.receipt import Receipt, ReceiptAnswer
from alerts.ports.outbox import Queued
from alerts.ports.receipts import AskReceipt, OpenReceipts, ReceiptStore
from ward.alert import ReceiptState
from ward.backoff import Backoff
from ward.clock import SECOND, Clock, Micros, format_span
from ward.config.alerting import Channel
from ward.config.live_config import LiveConfig
from ward.errors import SettingsError
from ward.ids import printable
from ward.metrics import Metrics
from ward.periodic import Periodic

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 3.0, 30.0
MISSING_PAUSE = 300.0  # seconds between questions about a message that has no receipt in time
KEEP = 86400 * SECOND
MOST = 2000
# Seconds of questions in one step, after which no further one is asked: of one gateway, and of all.
_GATEWAY_SECONDS, _STEP_SECONDS = 1.0, 8.0
_ANY = Queued(0, frozenset())


class ReceiptReader:
    """A part. Each message that a gateway accepted is asked about after 3, 6, 12, 24, 30 … s until its phone has it.

    Without a receipt after the channel's `receipt_after` it counts as missing. A gateway is still asked about it every
    5 min for a day, so that a late receipt is noted. A gateway that does not answer is left alone for up to 30 s, and a
    slow one is asked less in each step, so neither delays another. What is known stays on file over a restart.
    """

    def __init__(
        self, live: LiveConfig, open_receipts: OpenReceipts, ask: AskReceipt, clock: Clock, metrics: Metrics,
        permit: SendPermit | None = None,
    ) -> None:  # fmt: skip
        self._live = live
        self._open = open_receipts
        self._ask = ask
        self._clock = clock
        self._metrics = metrics
        self._permit = permit
        self._store: ReceiptStore | None = None
        self._backoffs: dict[str, Backoff] = {}
        self._pause = Backoff(clock, FIRST_PAUSE, LONGEST_PAUSE)
        self._look, self._prune = Periodic(clock, 1.0), Periodic(clock, 60.0)

    def step(self, wait: float) -> int:
        """Ask what is due. Returns how many messages have a new state."""
        if not self._look.wait(wait) or not self._permitted():
            return 0
        try:
            self._store = self._store or self._open()
            return self._ask_due(self._store)
        except SettingsError as error:
            log.debug("%s", error)
            self.close()
            return 0

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def _permitted(self) -> bool:
        return self._permit is None or self._permit.allows(_ANY)

    def _ask_due(self, store: ReceiptStore) -> int:
        changed, rounds = 0, _Round(self._clock)
        channels = {channel.name: channel for channel in self._live.config.alerting.channels}
        for receipt in store.due(self._clock.now()):
            channel = channels.get(receipt.channel)
            gateway = receipt.gateway
            answers = channel is not None and self._backoff(gateway).due()
            answer = None
            if channel is not None and answers:
                if not rounds.has_time(gateway):
                    continue  # to be asked in the next step: not asked is not missing
                with rounds.asking(gateway):
                    answer = self._answer(channel, receipt)
            if not self._permitted():
                return changed
            changed += self._note(store, receipt, answer, channel)
        self._forget_old(store)
        return changed

    def _forget_old(self, store: ReceiptStore) -> None:
        if self._prune.due():
            dropped = store.prune(self._clock.now() - KEEP, MOST)
            if dropped:
                log.warning("%d messages are not asked about any more: only the newest %d are", dropped, MOST)

    def _backoff(self, gateway: str) -> Backoff:
        return self._backoffs.setdefault(gateway, Backoff(self._clock, FIRST_PAUSE, LONGEST_PAUSE))

    def _answer(self, channel: Channel, receipt: Receipt) -> ReceiptAnswer:
        """What the gateway says that accepted the message; an answer without a state where there is none any more."""
        for url in channel_urls(channel):
            answer = self._ask(url, receipt.reference)
            if answer is not None:
                self._note_gateway(receipt.gateway, answered=answer.answered)
                return answer
        return ReceiptAnswer(None, "its gateway is not in the config any more")

    def _note_gateway(self, gateway: str, *, answered: bool) -> None:
        if answered:
            self._backoff(gateway).reset()
        else:
            self._backoff(gateway).failed()

    def _note(
        self, store: ReceiptStore, receipt: Receipt, answer: ReceiptAnswer | None, channel: Channel | None
    ) -> int:  # fmt: skip
        """Write what is known now. Returns 1 for a new state."""
        now, state, reply = self._clock.now(), receipt.state, receipt.reply
        late = channel is None or now - receipt.sent_at >= round(channel.receipt_after * SECOND)
        if answer is not None and answer.state is not None:
            state, reply = str(answer.state), answer.reply
        elif late and not state:
            state, reply = str(ReceiptState.MISSING), _missing(channel, answer)
        elif answer is None:
            return 0
        asked = receipt.asked + (answer is not None)
        pause = round((MISSING_PAUSE if state else self._pause.pause(max(0, asked - 1))) * SECOND)
        if channel is not None and not late:  # the last question comes when it would count as missing
            pause = min(pause, receipt.sent_at + round(channel.receipt_after * SECOND) - now)
        after = receipt._replace(
            state=state, reply=printable(reply, 150), asked=asked, ask_at=now + pause,
            at=receipt.at if state == receipt.state else now,
        )  # fmt: skip
        store.put(after)
        if state == receipt.state:
            return 0
        self._count(after, now)
        return 1

    def _count(self, receipt: Receipt, now: Micros) -> None:
        self._metrics.notification_receipts.labels(receipt.channel, receipt.state).inc()
        if receipt.state != ReceiptState.DELIVERED:
            ago = format_span((now - receipt.sent_at) / SECOND)
            log.warning("channel %s: %s does not have message %s, accepted %s ago: %s", receipt.channel,
                        receipt.recipient, receipt.key, ago, receipt.reply)  # fmt: skip


class _Round:
    """How long the questions of one step have taken: a slow gateway delays neither the others nor the step for long."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._spent: dict[str, float] = {}

    def has_time(self, gateway: str) -> bool:
        """Whether this gateway may be asked once more in this step."""
        return self._spent.get(gateway, 0.0) < _GATEWAY_SECONDS and sum(self._spent.values()) < _STEP_SECONDS

    @contextmanager
    def asking(self, gateway: str) -> Iterator[None]:
        """Counts the time that a question takes."""
        began = self._clock.monotonic()
        yield
        self._spent[gateway] = self._spent.get(gateway, 0.0) + self._clock.monotonic() - began


def _missing(channel: Channel | None, answer: ReceiptAnswer | None) -> str:
    after = f" after {format_span(channel.receipt_after)}" if channel is not None else ""
    why = f" ({answer.reply})" if answer is not None and answer.reply else ""
    return f"no receipt{after}{why}"
