"""The texts for InfluxDB's errors say what to do."""

import pytest

from ward.adapters.influx.error_texts import connection_text, message_text, refusal_text, status_text


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("write /wal: No space left on device", "it is full"), ("Disk quota exceeded", "its disk's quota"),
        ("Read-only file system", "it is read-only"), ('bucket not found: "ward"', "the bucket is not there"),
        ("default retention policy not set for: ward", "the bucket is not there"),
        ('organization name "hospitl" not found', "there is no such organisation"),
        ("something else", ""),
    ],
)  # fmt: skip
def test_each_text_about_a_full_disk_is_recognised(text: str, means: str) -> None:
    assert message_text(text).startswith(means) or means in message_text(text)
    assert bool(message_text(text)) == bool(means)


@pytest.mark.parametrize(
    ("cause", "means"),
    [
        ("NewConnectionError", "nothing listens"), ("NameResolutionError", "no machine of that name"),
        ("ConnectTimeoutError", "does not answer"), ("ReadTimeoutError", "slow"), ("ProtocolError", "ended"),
        ("SSLError", "certificate"),
    ],
)  # fmt: skip
def test_each_kind_of_connection_error_has_its_own_text(cause: str, means: str) -> None:
    assert means in connection_text(cause)
    assert cause in connection_text(cause)


@pytest.mark.guarantee("A full disk of InfluxDB is recognised however long its answer is.")
def test_the_cause_at_the_end_of_a_long_text_is_recognised_and_the_text_is_cut() -> None:
    """2.7 names each file that it could not write first."""
    long = "unexpected error writing points: " + "[shard 7] write /wal/_0001.wal: " * 40
    shown = status_text(500, f"{long}no space left on device")
    assert shown.startswith("it is full: no space is left on its disk: unexpected error")
    assert len(shown) < 400
    assert refusal_text(400, f"{long}field type conflict").startswith("a field has another type there (400)")
    assert len(refusal_text(400, f"{long}partial write")) < 400
