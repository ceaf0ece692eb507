"""InfluxDB's problems in words that say what to do."""

import pytest

from ward.adapters.influx.error_texts import connection_text, message_text


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("write /wal: No space left on device", "it is full"), ("Disk quota exceeded", "its disk's quota"),
        ("Read-only file system", "it is read-only"), ('bucket not found: "ward"', "the bucket is not there"),
        ("something else", ""),
    ],
)  # fmt: skip
def test_what_it_says_of_its_disk_is_known_however_it_is_written(said: str, means: str) -> None:
    assert message_text(said).startswith(means) or means in message_text(said)
    assert bool(message_text(said)) == bool(means)


@pytest.mark.parametrize(
    ("cause", "means"),
    [
        ("NewConnectionError", "nothing listens"), ("NameResolutionError", "no machine of that name"),
        ("ConnectTimeoutError", "does not answer"), ("ReadTimeoutError", "slow"), ("ProtocolError", "ended"),
        ("SSLError", "certificate"),
    ],
)  # fmt: skip
def test_each_way_of_not_answering_is_told_apart(cause: str, means: str) -> None:
    assert means in connection_text(cause)
    assert cause in connection_text(cause)
