"""The sequence numbers of one boot."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.boot_progress import BootProgress
from tests.kit.examples import examples


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
    first_received = sequence[0]
    assert boot.newest == max(model)
    assert boot.missing() == sum(n not in model for n in range(first_received, max(model)))
    complete = boot.contiguous_up_to()
    assert all(n in model for n in range(first_received, complete + 1))
    assert complete + 1 not in model
