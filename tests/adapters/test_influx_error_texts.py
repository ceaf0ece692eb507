"""InfluxDB's problems in words that say what to do."""

import pytest

from ward.adapters.influx.error_texts import of_cause, of_words


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("write /wal: No space left on device", "it is full"), ("Disk quota exceeded", "its disk's quota"),
        ("Read-only file system", "it is read-only"), ('bucket not found: "ward"', "the bucket is not there"),
        ("something else", ""),
    ],
)  # fmt: skip
def test_what_it_says_of_its_disk_is_known_however_it_is_written(said: str, means: str) -> None:
    assert of_words(said).startswith(means) or means in of_words(said)
    assert bool(of_words(said)) == bool(means)


@pytest.mark.parametrize(
    ("cause", "means"),
    [
        ("NewConnectionError", "nothing listens"), ("NameResolutionError", "no machine of that name"),
        ("ConnectTimeoutError", "does not answer"), ("ReadTimeoutError", "slow"), ("ProtocolError", "ended"),
        ("SSLError", "certificate"),
    ],
)  # fmt: skip
def test_each_way_of_not_answering_is_told_apart(cause: str, means: str) -> None:
    assert means in of_cause(cause)
    assert cause in of_cause(cause)
