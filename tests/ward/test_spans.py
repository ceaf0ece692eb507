"""A span said to a person is the true one, rounded to nearest."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.examples import examples
from ward.clock import format_span

SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


def seconds_of(text: str) -> int:
    return sum(int(count) * SECONDS[unit] for count, unit in re.findall(r"(\d+) (s|min|h|d)", text))


@given(st.floats(0, 400 * 86400))
@settings(max_examples=examples(100, 2000))
def test_a_span_as_text_differs_from_the_true_one_by_a_twentieth_at_most(seconds: float) -> None:
    assert abs(seconds_of(format_span(seconds)) - seconds) <= max(0.5, seconds / 20)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"), (-3, "0 s"), (15.4, "15 s"), (119.4, "119 s"), (119.6, "2 min"), (165, "2 min 45 s"),
        (180, "3 min"), (599.4, "9 min 59 s"), (599.6, "10 min"), (629, "10 min"), (631, "11 min"),
        (7169, "119 min"), (7171, "2 h"), (7500, "2 h 5 min"), (172_769, "47 h 59 min"), (172_771, "2 d"),
        (2 * 86400 + 3 * 3600 + 1801, "2 d 4 h"), (86400 * 3.999, "4 d"),
    ],
)  # fmt: skip
def test_a_span_is_rounded_to_the_nearest_of_its_smallest_unit(seconds: float, text: str) -> None:
    assert format_span(seconds) == text
