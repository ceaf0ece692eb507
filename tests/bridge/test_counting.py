"""What is missing and what is repeated, by numbers alone."""

from bridge.codecs.counting import MOST_SENDERS, Counting
from tests.bridge.mapped import mapped
from tests.bridge.test_mapping import read, refusal


def test_a_gap_up_to_ten_thousand_is_missing_and_a_longer_one_is_a_new_beginning() -> None:
    counting = Counting()
    assert [counting.take(("a",), number, None)[0] for number in (0, 10_000, 20_001, 20_003)] == [0, 9_999, 0, 1]


def test_senders_are_bounded_and_the_one_that_was_silent_longest_is_forgotten() -> None:
    counting = Counting()
    for name in ("first", "second"):
        counting.take((name,), 1, None)
    for i in range(MOST_SENDERS - 2):
        counting.take((str(i),), 1, None)
    assert counting.take(("first",), 3, None)[0] == 1
    counting.take(("one more",), 1, None)
    assert counting.take(("first",), 5, None)[0] == 1
    assert counting.take(("second",), 3, None)[0] == 0, "it follows nothing any more"


def test_numbers_that_wrap_are_counted_here_and_begin_anew_with_each_start() -> None:
    codec = mapped({"heart_rate": "hr"}, seq={"path": "n", "wraps": 256}, boot="b")
    told = [("a", 10), ("a", 12), ("b", 50), ("b", 51)]
    drafts = [read(codec, {"hr": 70, "n": number, "b": boot})[0] for boot, number in told]
    assert [draft.lost for draft in drafts] == [0, 1, 0, 0]
    assert {draft.boot for draft in drafts} == {""}


def test_a_number_below_zero_is_refused() -> None:
    codec = mapped({"heart_rate": "hr"}, seq="n")
    assert "the number at `n` is -1, no whole number from 0 up" in refusal(codec, {"hr": 70, "n": -1}).detail
