"""One sentence about the notifications of an alert: who was sent one, when, by which channels, and why or why not."""

from collections.abc import Sequence

from ward.alert import Alert, PhoneReceipt, ReceiptState, SentTo
from ward.clock import Micros
from ward.ids import printable
from ward.local_time import local_time
from ward.reason import Reason
from ward.text_template import TextKind, TextTemplate


def _text(text: str, /, **example: str) -> TextTemplate:
    return TextTemplate(TextKind.REASON, text, **example)


RECEIVER = _text("{receiver} by {channels} at {time}", receiver="nurses", channels="chat and mail", time="16:28:55 CET")
RECEIVER_AGAIN = _text(
    "{receiver} by {channels} at {time}, again at {last}", receiver="nurses", channels="chat and mail",
    time="16:28:55 CET", last="16:31:55 CET",
)  # fmt: skip
SENT = _text("Sent to {receivers}", receivers="nurses by chat and mail at 16:28:55 CET")
SENT_FIRST = _text("Sent first at {time}", time="16:28:55 CET")
BECAUSE = _text("{sent} ({why})", sent="Sent to nurses by chat and mail at 16:28:55 CET", why="HIGH priority")
AND_NOW = _text(
    "{sent}; {now}", sent="Sent to nurses by chat and mail at 16:28:55 CET", now="no further messages: acknowledged"
)  # fmt: skip
ON_PHONE = _text("{phone}: delivered to the phone at {time}", phone="SMS +49170555", time="16:29:02 CET")
NOT_ON_PHONE = _text("{phone}: failed: {reply}", phone="SMS +49170555", reply="absent subscriber")
NO_RECEIPT = _text("{phone}: {reply}", phone="SMS +49170555", reply="no receipt after 5 min")
PHONES = _text("{sent}. {phones}", sent="Sent to nurses by sms at 16:28:55 CET", phones=ON_PHONE.example)
NO_CHANNEL = _text(
    "Nobody was sent a message: {receivers} has no channel. Only the screens show this alert", receivers="screen"
)  # fmt: skip
AND_MORE = TextTemplate(TextKind.NOTE, "{count} more", count="2")
ITS_RECEIVER = TextTemplate(TextKind.NOTE, "its receiver")
NOT_YET = _text("Not sent yet")
_MOST_PHONES = 5


def notified_text(alert: Alert, zone: str, now: Micros) -> str:
    """`Sent to nurses by chat and mail at 16:28:55 CET (HIGH priority)`; never that it was sent and was not."""
    if not alert.sent_to:
        return stored_text(alert.reason, alert.notified_at, zone, now, alert.receivers)
    receivers = "; ".join(_receiver(sent, zone, now) for sent in alert.sent_to)
    sent = _with_reason(SENT(receivers=receivers), printable(alert.reason, 200))
    phones = _phones(alert.receipts, zone, now)
    return PHONES(sent=sent, phones=phones) if phones else sent


def stored_text(
    reason: str, first: Micros | None, zone: str, now: Micros | None = None, receivers: Sequence[str] = ()
) -> str:
    """The same of an alert of which it is only known when the first message was sent, if any was."""
    if first is not None:
        return _with_reason(SENT_FIRST(time=local_time(first, zone, now)), printable(reason, 200))
    if reason == Reason.NO_CHANNEL:
        return NO_CHANNEL(receivers=printable(", ".join(receivers), 200) or ITS_RECEIVER())
    text = printable(reason, 200)
    return text[:1].upper() + text[1:] if text else NOT_YET()


def _with_reason(sent: str, text: str) -> str:
    """What was sent, with why it was, or with why nothing more is."""
    reason = next((reason for reason in Reason if reason == text), None)
    if not text or reason in (Reason.NO_CHANNEL, Reason.UNCHANGED):
        return sent
    if reason is not None and reason.notifies:
        return BECAUSE(sent=sent, why=text.partition(": ")[2] or text)
    return AND_NOW(sent=sent, now=text)


def _phones(receipts: Sequence[PhoneReceipt], zone: str, now: Micros) -> str:
    """What became of the messages at phones, those first that do not have it."""
    ordered = sorted(receipts, key=lambda receipt: receipt.state is ReceiptState.DELIVERED)
    more = [AND_MORE(count=len(ordered) - _MOST_PHONES)] if len(ordered) > _MOST_PHONES else []
    return "; ".join([*(_phone(receipt, zone, now) for receipt in ordered[:_MOST_PHONES]), *more])


def _phone(receipt: PhoneReceipt, zone: str, now: Micros) -> str:
    phone, reply = printable(receipt.recipient, 60), printable(receipt.reply, 100)
    if receipt.state is ReceiptState.DELIVERED:
        return ON_PHONE(phone=phone, time=local_time(receipt.at, zone, now))
    return (NOT_ON_PHONE if receipt.state is ReceiptState.FAILED else NO_RECEIPT)(phone=phone, reply=reply)


def _receiver(sent: SentTo, zone: str, now: Micros) -> str:
    template = RECEIVER if sent.last == sent.first else RECEIVER_AGAIN
    return template(
        receiver=printable(sent.receiver, 120), channels=" and ".join(printable(name, 64) for name in sent.channels),
        time=local_time(sent.first, zone, now), last=local_time(sent.last, zone, now),
    )  # fmt: skip
