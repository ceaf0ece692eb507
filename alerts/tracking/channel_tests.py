"""Tests of channels: queued behind all alerts, bounded in number, and what becomes of each is published."""

from collections.abc import Iterator

from msgspec import structs

from alerts.model.delivery_result import Outcome
from alerts.model.now import Now
from alerts.model.outbox_entry import OutboxEntry
from alerts.model.queued_test import QueuedTest
from alerts.model.state_changes import MessageDelivery
from alerts.ports.state_store import StateStore
from alerts.text.channel_test import channel_test_message
from alerts.tracking.alert_state import AlertState
from ward.action import Action, ActionType
from ward.channel_test import ChannelTestResult, ChannelTestState, RecipientResult
from ward.clock import SECOND
from ward.config.alerting import Channel
from ward.config.config import Config
from ward.ids import digest
from ward.reason import Reason
from ward.text_template import TextKind, TextTemplate

_URGENCY = -1  # of an outbox entry: every message about an alert, also of its end, has a higher one
WARDWATCH = "wardwatch"
# A test that waits longer is given up. A channel has at most `MOST` tests in this time: a script in a loop must not
# flood telephones.
WITHIN = 600 * SECOND
MOST = 3

TOO_MANY = TextTemplate(
    TextKind.REFUSAL, "this channel had {count} tests in the last {minutes} min: wait", count="3", minutes="10"
)
NO_ADDRESS = TextTemplate(TextKind.REFUSAL, "this channel has no address, or is not in the config any more")
GIVEN_UP = TextTemplate(TextKind.REFUSAL, "given up after {minutes} min", minutes="10")


class ChannelTests:
    """Queues tests, and publishes what became of them as actions of `wardwatch`. A restart loses and repeats none."""

    def __init__(self, state: AlertState, store: StateStore) -> None:
        self._state = state
        self._store = store

    def add(self, action: Action, now: Now, config: Config) -> Reason:
        """Queue a test for its channels, and publish of each channel that it is queued, or why not."""
        test = action.test
        if test is None or now.wall > test.until:
            return Reason.TEST_LATE
        addressed = {channel.name: channel for channel in config.alerting.channels if channel.has_url}
        queued = [self._add(action, name, addressed.get(name), now, config) for name in dict.fromkeys(test.channels)]
        return Reason.TEST if any(queued) else Reason.TEST_REFUSED

    def check(self, now: Now) -> None:
        """Publish what has become of the tests under way; one that is `WITHIN` old is given up and forgotten."""
        for test in list(self._state.tests.values()):
            over = now.steady - test.at >= WITHIN
            if over and test.result.state is ChannelTestState.WAITING:
                self._store.give_up(test.key, test.result.channel, GIVEN_UP(minutes=WITHIN // SECOND // 60))
            if test.result.state is ChannelTestState.WAITING:
                result = _result(test.result, self._store.delivery(test.key, test.result.channel))
                if result != test.result:
                    test = structs.replace(test, result=result)
                    self._publish(test, now)
                    self._state.put_test(test, now)
            if over:
                self._state.close_test(test, now)

    def _add(self, action: Action, name: str, channel: Channel | None, now: Now, config: Config) -> bool:
        why = self._refusal(name, channel)
        state = ChannelTestState.NOT_SENT if why else ChannelTestState.WAITING
        result = ChannelTestResult(channel=name, state=state, why=why, queued_at=0 if why else now.wall)
        test = QueuedTest(key=digest("test", action.id, name), action=action.id, at=now.steady, result=result)
        if channel is not None and not why:
            self._state.put_test(test, now)
            self._state.enqueue((_entry(test, action, channel, now, config),))
        self._publish(test, now)
        return not why

    def _refusal(self, name: str, channel: Channel | None) -> str:
        """Why a channel gets no test now; empty where it gets one."""
        if channel is None:
            return NO_ADDRESS()
        recent = sum(test.result.channel == name for test in self._state.tests.values())
        return TOO_MANY(count=recent, minutes=WITHIN // SECOND // 60) if recent >= MOST else ""

    def _publish(self, test: QueuedTest, now: Now) -> None:
        self._state.add_own_action(
            Action(
                id=digest("test result", test.id, now.wall, test.result), type=ActionType.TEST_RESULT,
                subject=test.action, by=WARDWATCH, at=now.wall, result=test.result,
            )
        )  # fmt: skip


def _entry(test: QueuedTest, action: Action, channel: Channel, now: Now, config: Config) -> OutboxEntry:
    about = f"test {channel.name}"
    return OutboxEntry(
        message=channel_test_message(test.key, action, channel, config.alerting.timezone), channel=channel.name,
        priority=_URGENCY, queued_at=now.steady, queued_wall=now.wall, places=(about,), group=about,
    )  # fmt: skip


def _result(before: ChannelTestResult, delivery: MessageDelivery) -> ChannelTestResult:
    """The result as the outbox has it. The same answer again changes nothing, so retries publish nothing."""
    known = {recipient.recipient: recipient for recipient in before.recipients}
    recipients = tuple(_recipients(delivery, known))
    if delivery.waiting:
        return structs.replace(before, recipients=recipients)
    delivered = bool(recipients) and all(each.outcome == Outcome.DELIVERED for each in recipients)
    state = ChannelTestState.DELIVERED if delivered else ChannelTestState.NOT_DELIVERED
    return structs.replace(before, state=state, why="" if delivered else delivery.status, recipients=recipients)


def _recipients(delivery: MessageDelivery, known: dict[str, RecipientResult]) -> Iterator[RecipientResult]:
    for name, state in delivery.recipients.items():
        before = known.get(name)
        if before is not None and (before.outcome, before.reply) == (str(state.outcome), state.reply):
            yield before
        else:
            yield RecipientResult(recipient=name, outcome=str(state.outcome), at=state.at, reply=state.reply)
