"""EWMA: the published run lengths."""

import pytest

from quality.average_run_length import average

FIXED = [
    # Crowder (1987), table 1.
    *((0.5, 2.0, shift, arl) for shift, arl in ((0, 26.45), (0.5, 11.89), (1, 4.91), (2, 1.94), (4, 1.05))),
    *((0.05, 2.0, shift, arl) for shift, arl in ((0, 127.53), (0.5, 18.97), (1, 8.38), (2, 4.04), (4, 2.15))),
    # Lucas and Saccucci (1990), table 3.
    *((0.5, 3.071, shift, arl) for shift, arl in ((0.5, 88.8), (1, 17.5), (2, 3.63), (5, 1.07))),
    *((0.03, 2.437, shift, arl) for shift, arl in ((0.25, 76.7), (0.5, 29.3), (1, 12.6), (2, 5.99), (5, 2.55))),
    # SAS/QC 1999.
    (0.25, 3.0, 1, 11.154267),
]
# Steiner (1999), table 2: limits that follow the exact variance, λ = 0.05, L = 3. Given there with one digit, by an
# approximation: at a shift of 4 the first value alone is beyond its limit with probability Φ(1) = 0.841, so the run
# length cannot be below 1.159, yet 1.1 is what the table has.
EXACT = ((0.5, 32.5), (1, 9.0), (2, 2.8), (3, 1.6), (4, 1.1))
# With weight 1 it is Shewhart's chart: Champ and Woodall (1987), table 1.
SHEWHART = ((0, 370.40), (0.4, 200.08), (1, 43.89), (2, 6.30), (3, 2.00))


@pytest.mark.parametrize(("weight", "width", "shift", "arl"), FIXED)
def test_run_lengths_with_fixed_limits_are_the_published_ones(
    weight: float, width: float, shift: float, arl: float
) -> None:
    assert average("ewma", shift, weight=weight, width=width) == pytest.approx(arl, rel=0.03)


@pytest.mark.parametrize(("weight", "width"), [(0.5, 3.071), (0.03, 2.437)])
def test_a_healthy_series_gives_a_false_alarm_every_500_values(weight: float, width: float) -> None:
    assert average("ewma", 0, series=10_000, weight=weight, width=width) == pytest.approx(500, rel=0.03)


@pytest.mark.parametrize(("shift", "arl"), EXACT)
def test_run_lengths_with_exact_limits_are_those_of_steiner(shift: float, arl: float) -> None:
    found = average("ewma", shift, weight=0.05, width=3, exact=True)
    assert found == pytest.approx(arl, rel=0.04, abs=0.15)


@pytest.mark.parametrize(("shift", "arl"), SHEWHART)
def test_weight_1_is_a_shewhart_chart(shift: float, arl: float) -> None:
    assert average("ewma", shift, weight=1, width=3) == pytest.approx(arl, rel=0.03)
