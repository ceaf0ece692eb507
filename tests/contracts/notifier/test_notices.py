"""What every channel promises: plain text as it was written, subject first, and the truth about delivery."""

import pytest

from alerts.channels.open_channel import open_channel
from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import DeliveryResult, Outcome
from tests.contracts.notifier.receivers import Receiver, only_result

SUBJECT = "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s"


def send(receiver: Receiver, subject: str = SUBJECT, body: str = "since 15:00:05") -> tuple[str, str]:
    """What arrived when this was sent."""
    message = ChannelMessage(key="k-1", subject=subject, body=body)
    assert only_result(open_channel("chat", 1, receiver.url), message) == DeliveryResult(Outcome.DELIVERED)
    return receiver.arrived()[-1]


def test_subject_and_body_arrive_with_the_key_that_makes_a_repeat_known(receiver: Receiver) -> None:
    assert send(receiver) == (SUBJECT, "since 15:00:05\n\nkey: k-1")


@pytest.mark.parametrize(
    "text",
    [
        "<b>bold</b> <script>alert(1)</script> <a href='http://x'>click</a> &amp; &lt;",
        "*stars* _lines_ `ticks` # heading [link](http://x) ![i](http://x)",
        "Ångström Ω ≥ 88 % 体温 🫀 й",
        "${HOME} {{ secret }} %s %(x)s \\n \\x41 :smile:",
        "a\ttab",
        "x" * 2500,
        "two\nlines\n\n  indented\n.\n..dots at the start of a line\nFrom here",
    ],
)
def test_a_body_is_plain_text_to_the_letter(receiver: Receiver, text: str) -> None:
    assert send(receiver, body=text)[1] == f"{text}\n\nkey: k-1"


@pytest.mark.parametrize(
    ("subject", "arrives"),
    [
        ("x\r\nBcc: evil@evil.test\r\n\r\nforged", "x Bcc: evil@evil.test forged"),
        ("alarm\x07 escape\x1b[31m null\x00.", "alarm escape [31m null ."),
        ("turned \u202egnp.exe", "turned gnp.exe"),
        ("<script>alert(1)</script> & more", "<script>alert(1)</script> & more"),
        ("SpO₂ 84 % < 88 · Bett 7 · 体温", "SpO₂ 84 % < 88 · Bett 7 · 体温"),
        ("long " * 60, ("long " * 60).strip()),
    ],
)
def test_a_subject_is_one_line_of_text(receiver: Receiver, subject: str, arrives: str) -> None:
    assert " ".join(send(receiver, subject=subject)[0].split()) == " ".join(arrives.split())


def test_line_ends_of_a_body_are_lines_and_controls_are_none(receiver: Receiver) -> None:
    assert send(receiver, body="a\r\nb\x00\x1b[0mc\u202e")[1] == "a\nb [0mc \n\nkey: k-1"


def test_a_refusal_is_no_delivery_and_the_next_attempt_may_be_one(receiver: Receiver) -> None:
    channel, message = open_channel("chat", 1, receiver.url), ChannelMessage(key="k", subject="s", body="b")
    receiver.refuse()
    refused = only_result(channel, message)
    assert refused.outcome is Outcome.DEFERRED
    assert refused.reply in ("451 try again later", "answered 500")
    receiver.accept()
    assert only_result(channel, message).outcome is Outcome.DELIVERED
    assert len(receiver.arrived()) == 1


def test_many_notices_go_out_without_pauses_between_them(receiver: Receiver) -> None:
    channel = open_channel("chat", 1, receiver.url)
    messages = [ChannelMessage(key=f"k{n}", subject=f"s{n}", body="b") for n in range(12)]
    assert {only_result(channel, message).outcome for message in messages} == {Outcome.DELIVERED}
    assert [subject for subject, _ in receiver.arrived()] == [f"s{n}" for n in range(12)]
