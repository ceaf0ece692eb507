"""The texts for InfluxDB's errors say what to do."""

import pytest

from ward.adapters.influx.error_texts import connection_text, message_text


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("write /wal: No space left on device", "it is full"), ("Disk quota exceeded", "its disk's quota"),
        ("Read-only file system", "it is read-only"), ('bucket not found: "ward"', "the bucket is not there"),
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
