"""Repeats, gaps and acknowledgements, by boot and sequence number."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.device_progress import MOST_BOOTS, BootProgress, DeviceProgress
from ward.clock import SECOND

PATIENCE = 30.0


def test_a_number_is_new_once() -> None:
    track = DeviceProgress()
    assert [track.take("a", seq, 0, PATIENCE) for seq in (5, 6, 5, 7, 6)] == [True, True, False, True, False]
    assert track.duplicates == 2


def test_only_what_is_complete_is_acknowledged() -> None:
    track = DeviceProgress()
    for seq in (1, 2, 4, 5):
        track.take("a", seq, 0, PATIENCE)
    assert track.boots["a"].complete() == 2
    track.take("a", 3, 0, PATIENCE)
    assert track.boots["a"].complete() == 5


def test_a_gap_is_given_up_after_patience_and_counted_once() -> None:
    track = DeviceProgress()
    for seq in (1, 2, 6):
        track.take("a", seq, 0, PATIENCE)
    track.take("a", 7, 29 * SECOND, PATIENCE)
    assert (track.lost, track.boots["a"].complete()) == (0, 2)
    track.take("a", 8, 31 * SECOND, PATIENCE)
    assert (track.lost, track.boots["a"].complete()) == (3, 8)
    track.take("a", 9, 99 * SECOND, PATIENCE)
    assert track.lost == 3


def test_a_gap_is_given_up_by_a_repeat_as_well() -> None:
    track = DeviceProgress()
    for seq in (1, 3):
        track.take("a", seq, 0, PATIENCE)
    assert not track.take("a", 3, 31 * SECOND, PATIENCE)
    assert track.boots["a"].complete() == 3


def test_what_comes_below_the_first_number_ever_seen_is_new_and_moves_no_acknowledgement() -> None:
    track = DeviceProgress()
    track.take("a", 10, 0, PATIENCE)
    assert track.take("a", 4, 0, PATIENCE)
    assert track.boots["a"].complete() == 10
    assert track.boots["a"].missing() == 0


def test_an_old_boot_is_remembered_but_not_for_ever() -> None:
    track = DeviceProgress()
    for boot in "abcde":
        track.take(boot, 1, 0, PATIENCE)
    assert len(track.boots) == MOST_BOOTS
    assert not track.take("b", 1, 0, PATIENCE)


def test_a_reading_of_an_earlier_boot_is_not_newer() -> None:
    track = DeviceProgress()
    track.take("a", 8, 0, PATIENCE)
    track.take("b", 1, 0, PATIENCE)
    assert not track.newer("a", 9)
    assert track.newer("b", 2)
    assert track.newer("c", 1)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 40), max_size=80))
def test_ranges_know_exactly_what_was_added(sequence: list[int]) -> None:
    if not sequence:
        return
    boot, model = BootProgress(sequence[0]), {sequence[0]}
    for seq in sequence[1:]:
        assert (seq in boot) is (seq in model)
        if seq not in model:
            boot.add(seq)
            model.add(seq)
    floor = sequence[0]
    assert boot.newest == max(model)
    assert boot.missing() == sum(n not in model for n in range(floor, max(model)))
    complete = boot.complete()
    assert all(n in model for n in range(floor, complete + 1))
    assert complete + 1 not in model
