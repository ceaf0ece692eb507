"""What a mail program shows as the subject is the subject, however long it is and in whatever script."""

import email
import email.policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.channels.mail_notifier import subject_line
from app.runtime.mail_catcher import subject_of
from tests.kit.examples import examples

WORDS = st.sampled_from(
    ["HIGH", "Küche", "bed", "7:", "84", "%", "<", "88", "°C", "…", "–", "患者", "🙂", "14:02:15", "CET)",
     "=?utf-8?q?x?=", "pump-occluded-" * 8]
)  # fmt: skip


@pytest.mark.guarantee("A subject of a mail arrives as it was written, also a long one that is not ASCII.")
@given(st.lists(WORDS, min_size=1, max_size=30))
@settings(max_examples=examples(200, 5000))
def test_a_subject_arrives_as_it_was_written(words: list[str]) -> None:
    subject = " ".join(words)[:200].strip()
    raw = subject_line(subject) + b"To: nurse@ward.test\r\n\r\n"

    assert subject_of(email.message_from_bytes(raw, policy=email.policy.default)) == subject
    unfolded = str(email.message_from_bytes(raw)["subject"]).replace("\r\n", "")
    assert str(make_header(decode_header(unfolded))) == subject
    assert all(len(line) <= 76 for line in raw.splitlines() if b"=?utf-8?" in line and not subject.isascii())


@pytest.mark.parametrize(
    "header", [b"Subject: \r\n TEST of Wardwatch", b"Subject:\r\n\tTEST of Wardwatch", b"Subject:   TEST of Wardwatch "]
)
def test_a_subject_folded_before_its_first_word_begins_with_that_word(header: bytes) -> None:
    mail = email.message_from_bytes(header + b"\r\n\r\n", policy=email.policy.default)
    assert subject_of(mail) == "TEST of Wardwatch"
