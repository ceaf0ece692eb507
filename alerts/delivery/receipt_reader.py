"""Asks gateways whether the phones have the messages that they accepted."""

import logging

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
_ROUND = 20  # questions in one step; each may take seconds
_ANY = Queued(0, frozenset())


class ReceiptReader:
    """A part. Each message that a gateway accepted is asked about after 3, 6, 12, 24, 30 … s until its phone has it.

    Without a receipt after the channel's `receipt_after` it counts as missing. A gateway is still asked about it every
    5 min for a day, so that a late receipt is noted. A channel whose gateway does not answer is left alone for up to
    30 s, so it delays no other. What is known stays on file over a restart.
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
        now = self._clock.now()
        if self._prune.due():
            dropped = store.prune(now - KEEP, MOST)
            if dropped:
                log.warning("%d messages are not asked about any more: only the newest %d are", dropped, MOST)
        channels = {channel.name: channel for channel in self._live.config.alerting.channels}
        changed = asked = 0
        for receipt in store.due(now):
            channel = channels.get(receipt.channel)
            late = channel is None or now - receipt.sent_at >= round(channel.receipt_after * SECOND)
            answer = None
            if channel is not None and asked < _ROUND and self._backoff(receipt.channel).due():
                asked += 1
                answer = self._answer(channel, receipt)
            if answer is None and not (late and receipt.state == ""):
                continue
            if not self._permitted():
                break
            changed += self._note(store, receipt, answer, channel, late=late)
        return changed

    def _backoff(self, channel: str) -> Backoff:
        return self._backoffs.setdefault(channel, Backoff(self._clock, FIRST_PAUSE, LONGEST_PAUSE))

    def _answer(self, channel: Channel, receipt: Receipt) -> ReceiptAnswer:
        """What the gateway says that accepted the message; an answer without a state where there is none any more."""
        for url in channel_urls(channel):
            answer = self._ask(url, receipt.reference)
            if answer is not None:
                self._note_gateway(receipt.channel, answered=answer.answered)
                return answer
        return ReceiptAnswer(None, "its gateway is not in the config any more")

    def _note_gateway(self, channel: str, *, answered: bool) -> None:
        if answered:
            self._backoff(channel).reset()
        else:
            self._backoff(channel).failed()

    def _note(
        self, store: ReceiptStore, receipt: Receipt, answer: ReceiptAnswer | None, channel: Channel | None, *,
        late: bool,
    ) -> int:  # fmt: skip
        """Write what is known now. Returns 1 for a new state."""
        now, state, reply = self._clock.now(), receipt.state, receipt.reply
        asked = receipt.asked + (answer is not None)
        if answer is not None and answer.state is not None:
            state, reply = str(answer.state), answer.reply
        elif late and not state:
            state, reply = str(ReceiptState.MISSING), _missing(channel, answer)
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


def _missing(channel: Channel | None, answer: ReceiptAnswer | None) -> str:
    after = f" after {format_span(channel.receipt_after)}" if channel is not None else ""
    why = f" ({answer.reply})" if answer is not None and answer.reply else ""
    return f"no receipt{after}{why}"
