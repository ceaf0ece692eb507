"""The sequence numbers of one boot."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.boot_progress import MAX_RANGES, BootProgress
from tests.kit.examples import examples
from ward.clock import SECOND


@settings(max_examples=examples(100, 600), deadline=None)
@given(st.lists(st.integers(0, 40), max_size=80))
def test_ranges_contain_exactly_the_numbers_that_were_added(sequence: list[int]) -> None:
    if not sequence:
        return
    boot, model = BootProgress(sequence[0]), {sequence[0]}
    for seq in sequence[1:]:
        assert (seq in boot) is (seq in model)
        if seq not in model:
            boot.add(seq)
            model.add(seq)
        assert boot.missing() == sum(n not in model for n in range(sequence[0], max(model)))
    first_received = sequence[0]
    assert boot.newest == max(model)
    complete = boot.contiguous_up_to()
    assert all(n in model for n in range(first_received, complete + 1))
    assert complete + 1 not in model


@pytest.mark.guarantee("A device with a gap at each number costs bounded memory; each lost number counts once.")
def test_a_device_with_a_gap_at_each_number_is_bounded_and_each_lost_number_counts_once() -> None:
    boot, lost, readings = BootProgress(0), 0, 3 * MAX_RANGES
    for seq in range(2, 2 * readings, 2):
        boot.add(seq)
        lost += boot.expire_gap(0, gap_timeout=60)
    assert lost == readings - MAX_RANGES
    assert boot.missing() == MAX_RANGES - 1
    assert boot.contiguous_up_to() == 2 * (readings - MAX_RANGES)
    assert lost + boot.expire_gap(61 * SECOND, gap_timeout=60) == readings - 1
    assert boot.missing() == 0
    assert boot.contiguous_up_to() == boot.newest == 2 * readings - 2


def test_numbers_below_the_first_received_are_bounded_and_none_that_was_not_received_is_taken_for_a_repeat() -> None:
    boot, older = BootProgress(10 * MAX_RANGES), range(8 * MAX_RANGES, 0, -2)
    for seq in older:
        boot.add(seq)
        assert seq + 1 not in boot
    assert sum(seq in boot for seq in older) == MAX_RANGES
    assert (boot.missing(), boot.expire_gap(0, gap_timeout=60)) == (0, 0)
    assert boot.contiguous_up_to() == boot.newest == 10 * MAX_RANGES
