"""Which resolution answers for which range."""

import pytest

from ward.policy import DAY, HOUR, KEPT, MINUTE, Policy, resolution


@pytest.mark.parametrize(
    ("width", "age", "every", "wanted"),
    [
        (6 * HOUR - 1, 0, MINUTE, Policy.AUTOGEN), (6 * HOUR, 0, MINUTE, Policy.MINUTES),
        (10 * DAY - 1, 0, HOUR, Policy.MINUTES), (10 * DAY, 0, HOUR, Policy.HOURS),
        (10 * DAY, 0, 2 * HOUR, Policy.HOURS), (10 * DAY, 0, 90 * MINUTE, Policy.MINUTES),
        (10 * DAY, 0, 90, Policy.AUTOGEN), (HOUR, 30 * DAY, HOUR, Policy.AUTOGEN),
        (HOUR, 30 * DAY + 1, HOUR, Policy.MINUTES), (HOUR, 365 * DAY + 1, HOUR, Policy.HOURS),
        (HOUR, 6 * 365 * DAY, HOUR, Policy.HOURS),
    ],
)  # fmt: skip
def test_a_range_is_read_from_the_finest_that_is_quick_and_still_kept(
    width: float, age: float, every: float, wanted: Policy
) -> None:
    assert resolution(width, age, every) is wanted


def test_retention_is_what_was_asked_for() -> None:
    assert KEPT == {
        Policy.AUTOGEN: 30 * 86_400, Policy.MINUTES: 365 * 86_400, Policy.HOURS: 5 * 365 * 86_400,
        Policy.FACTS: None, Policy.WALL: 86_400,
    }  # fmt: skip
