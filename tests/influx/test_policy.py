"""The policy that a range is read from."""

import pytest

from ward.retention_policy import DAY, HOUR, MINUTE, RETENTION, RetentionPolicy, resolution


@pytest.mark.parametrize(
    ("width", "age", "every", "wanted"),
    [
        (6 * HOUR - 1, 0, MINUTE, RetentionPolicy.AUTOGEN), (6 * HOUR, 0, MINUTE, RetentionPolicy.MINUTES),
        (10 * DAY - 1, 0, HOUR, RetentionPolicy.MINUTES), (10 * DAY, 0, HOUR, RetentionPolicy.HOURS),
        (10 * DAY, 0, 2 * HOUR, RetentionPolicy.HOURS), (10 * DAY, 0, 90 * MINUTE, RetentionPolicy.MINUTES),
        (10 * DAY, 0, 90, RetentionPolicy.AUTOGEN), (HOUR, 30 * DAY, HOUR, RetentionPolicy.AUTOGEN),
        (HOUR, 30 * DAY + 1, HOUR, RetentionPolicy.MINUTES), (HOUR, 365 * DAY + 1, HOUR, RetentionPolicy.HOURS),
        (HOUR, 6 * 365 * DAY, HOUR, RetentionPolicy.HOURS),
    ],
)  # fmt: skip
def test_a_range_is_read_from_the_finest_policy_that_is_fast_and_goes_back_so_far(
    width: float, age: float, every: float, wanted: RetentionPolicy
) -> None:
    assert resolution(width, age, every) is wanted


def test_the_retention_of_each_policy() -> None:
    assert RETENTION == {
        RetentionPolicy.AUTOGEN: 30 * 86_400, RetentionPolicy.MINUTES: 365 * 86_400,
        RetentionPolicy.HOURS: 5 * 365 * 86_400,
        RetentionPolicy.FACTS: None, RetentionPolicy.OVERVIEW: 86_400,
    }  # fmt: skip
