"""One true sentence about the notifications of an alert."""

import pytest
from msgspec.structs import replace

from tests.web.scene import Scene
from ward.alert import PhoneReceipt, ReceiptState, SentTo
from ward.clock import SECOND
from ward.reason import Reason
from web.presentation.notified import notified_text, stored_text


@pytest.mark.guarantee(
    "An alert says in one sentence who was sent a message, when and by what, also after its routes change."
)
def test_an_alert_that_was_mailed_and_moves_to_a_receiver_without_a_channel_stays_mailed(scene: Scene) -> None:
    alert, at = scene.alert("icu-03"), scene.clock.now()
    sent = SentTo(receiver="nurses", channels=("chat", "mail"), first=at, last=at)
    moved = replace(
        alert, sent_to=(sent,), notified_at=at, receivers=("screen", "nurses"), reason=str(Reason.NO_CHANNEL)
    )

    text = notified_text(moved, "UTC", at)

    assert text == f"Sent to nurses by chat and mail at {_clock(at)} UTC"


@pytest.mark.parametrize(
    ("reason", "ending"),
    [
        (Reason.HIGH_PRIORITY, " (HIGH priority)"), (Reason.ACKNOWLEDGED, "; no further messages: acknowledged"),
        (Reason.UNCHANGED, ""), (Reason.REPEATED, " (not acknowledged)"),
    ],
)  # fmt: skip
def test_what_was_sent_is_said_with_its_reason(scene: Scene, reason: Reason, ending: str) -> None:
    alert, at = scene.alert("icu-03"), scene.clock.now()
    sent = SentTo(receiver="nurses", channels=("mail",), first=at, last=at + 60 * SECOND)

    text = notified_text(replace(alert, sent_to=(sent,), notified_at=at, reason=str(reason)), "UTC", at)

    assert text == f"Sent to nurses by mail at {_clock(at)} UTC, again at {_clock(at + 60 * SECOND)} UTC{ending}"


def test_what_was_not_sent_is_never_said_to_be(scene: Scene) -> None:
    alert = replace(scene.alert("icu-03"), receivers=("screen",), notified_at=None, sent_to=())
    texts = {
        reason: notified_text(replace(alert, reason=str(reason)), "UTC", 0)
        for reason in (Reason.NO_CHANNEL, Reason.SILENCED, Reason.GROUP_WAIT)
    }

    assert texts == {
        Reason.NO_CHANNEL: "Nobody was sent a message: screen has no channel. Only the screens show this alert",
        Reason.SILENCED: "No messages: silenced",
        Reason.GROUP_WAIT: "Not sent yet: waits for grouping",
    }
    assert stored_text("", None, "UTC") == "Not sent yet"


def _clock(at: int) -> str:
    seconds = at // SECOND % 86400
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def test_what_became_of_a_message_at_each_phone_is_said_those_first_that_do_not_have_it(scene: Scene) -> None:
    alert, at = scene.alert("icu-03"), scene.clock.now()
    sent = SentTo(receiver="nurses", channels=("sms",), first=at, last=at)

    def phone(n: int, state: ReceiptState, reply: str) -> PhoneReceipt:
        return PhoneReceipt(channel="sms", recipient=f"SMS {n}", state=state, at=at, reply=reply)

    receipts = (
        phone(1, ReceiptState.DELIVERED, "DELIVRD"), phone(2, ReceiptState.FAILED, "absent\x1b"),
        phone(3, ReceiptState.MISSING, "no receipt after 5 min"),
        *(phone(n, ReceiptState.DELIVERED, "") for n in range(4, 40)),
    )  # fmt: skip
    sent_alert = replace(alert, sent_to=(sent,), notified_at=at, reason=str(Reason.HIGH_PRIORITY), receipts=receipts)

    text = notified_text(sent_alert, "UTC", at)

    assert text.startswith(
        f"Sent to nurses by sms at {_clock(at)} UTC (HIGH priority). SMS 2: failed: absent\\x1b; "
        f"SMS 3: no receipt after 5 min; SMS 1: delivered to the phone at {_clock(at)} UTC; "
    )
    assert text.endswith("; 34 more")
