"""Overlapping periods are found, also with others between them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.examples import examples
from ward.config.checks.overlap import overlaps
from ward.inventory import Period

INSTANT = st.one_of(st.none(), st.integers(0, 12))
SPAN = st.builds(lambda a, b: Period(since=a, until=b), INSTANT, INSTANT).filter(
    lambda s: s.since is None or s.until is None or s.since < s.until
)


def together(a: Period, b: Period) -> bool:
    return any(a.contains(at) and b.contains(at) for at in range(-1, 14))


@settings(max_examples=examples(66, 400), deadline=None)
@given(st.lists(SPAN, max_size=6))
def test_two_periods_overlap_exactly_if_they_have_an_instant_in_common(spans: list[Period]) -> None:
    found = list(overlaps([(span, i) for i, span in enumerate(spans)]))

    assert all(together(spans[i], spans[j]) for i, j in found)
    assert bool(found) is any(together(a, b) for i, a in enumerate(spans) for b in spans[:i])


def test_an_overlap_with_a_long_period_is_found_behind_a_short_one() -> None:
    spans = [Period(since=0, until=10), Period(since=1, until=2), Period(since=5, until=6)]

    assert list(overlaps([(span, i) for i, span in enumerate(spans)])) == [(0, 1), (0, 2)]
