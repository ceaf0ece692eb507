"""Missing and repeated messages, by numbers alone."""

from bridge.codecs.sequence_tracker import MOST_SENDERS, SequenceTracker
from tests.bridge.mapped import mapped
from tests.bridge.test_mapping import read, refusal


def test_a_gap_up_to_ten_thousand_counts_as_missing_and_a_longer_one_as_a_restart() -> None:
    numbers = SequenceTracker()
    assert [numbers.apply(("a",), number, None)[0] for number in (0, 10_000, 20_001, 20_003)] == [0, 9_999, 0, 1]


def test_the_number_of_senders_is_bounded_and_the_longest_silent_one_is_forgotten() -> None:
    numbers = SequenceTracker()
    for name in ("first", "second"):
        numbers.apply((name,), 1, None)
    for i in range(MOST_SENDERS - 2):
        numbers.apply((str(i),), 1, None)
    assert numbers.apply(("first",), 3, None)[0] == 1
    numbers.apply(("one more",), 1, None)
    assert numbers.apply(("first",), 5, None)[0] == 1
    assert numbers.apply(("second",), 3, None)[0] == 0, "its earlier number is forgotten"


def test_numbers_that_wrap_are_counted_by_the_codec_and_restart_with_each_boot() -> None:
    codec = mapped({"heart_rate": "hr"}, seq={"path": "n", "wraps": 256}, boot="b")
    sent = [("a", 10), ("a", 12), ("b", 50), ("b", 51)]
    readings = [read(codec, {"hr": 70, "n": number, "b": boot})[0] for boot, number in sent]
    assert [reading.lost for reading in readings] == [0, 1, 0, 0]
    assert {reading.boot for reading in readings} == {""}


def test_a_number_below_zero_is_refused() -> None:
    codec = mapped({"heart_rate": "hr"}, seq="n")
    assert "the number at `n` is -1, no whole number from 0 up" in refusal(codec, {"hr": 70, "n": -1}).detail
