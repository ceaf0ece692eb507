"""Shewhart with runs rules: the published run lengths, each rule, and its texts."""

import itertools
from typing import Any

import numpy as np
import pytest

from detectors.shewhart import ShewhartParams
from quality.average_run_length import average
from tests.detectors.builders import reading, rule, ward
from tests.detectors.engine_setup import EngineSetup
from tests.detectors.series import play

RULES = ("rule_1", "rule_2", "rule_3", "rule_4")
# Champ and Woodall (1987), table 1, by shift in standard deviations: rule 1 alone, and with each of the others.
SHIFTS = (0, 1.0, 2.0, 3.0)
PUBLISHED = {
    (1,): (370.40, 43.89, 6.30, 2.00),
    (1, 2): (225.44, 20.01, 3.65, 1.68),
    (1, 3): (166.05, 12.66, 3.68, 1.89),
    (1, 4): (152.73, 14.58, 4.89, 1.99),
}
CASES = [(used, *case) for used, lengths in PUBLISHED.items() for case in zip(SHIFTS, lengths, strict=True)]


def only(*used: int) -> dict[str, Any]:
    return {name: number in used for number, name in enumerate(RULES, 1)}


@pytest.mark.parametrize(("used", "shift", "arl"), CASES)
def test_run_lengths_are_those_of_champ_and_woodall(used: tuple[int, ...], shift: float, arl: float) -> None:
    series = 10_000 if shift == 0 else 20_000
    assert average("shewhart", shift, series=series, **only(*used)) == pytest.approx(arl, rel=0.03)


@pytest.mark.parametrize("used", [u for n in (1, 2, 4) for u in itertools.combinations((1, 2, 3, 4), n)])
def test_a_rule_holds_where_it_says_so(used: tuple[int, ...]) -> None:
    """Each rule counted out on its own, on steps that meet all of them."""
    z = np.random.default_rng(5).normal(0.3, 1.4, 600)
    held = play("shewhart", z, target=0, sd=1, **only(*used)).scores >= 1
    expected = [any(_holds(number, z[: i + 1]) for number in used) for i in range(len(z))]
    assert held.tolist() == expected
    assert 5 < sum(expected) < 590


def _holds(number: int, z: np.ndarray) -> bool:
    some, last, beyond = {1: (1, 1, 3.0), 2: (2, 3, 2.0), 3: (4, 5, 1.0), 4: (8, 8, 0.0)}[number]
    return any(int((sign * z[-last:] > beyond).sum()) >= some for sign in (1, -1))


def test_a_score_rises_with_the_distance() -> None:
    far = [play("shewhart", [x], target=0, sd=1).scores[0] for x in (0.0, 1.0, 3.0, 6.0, -9.0)]
    assert far == pytest.approx([0, 1 / 3, 1, 2, 3])


@pytest.mark.parametrize(
    ("values", "used", "text"),
    [
        ((37.2,), (1,), "Temperature 37.2 °C, 4.0 SD above its target 36.80 °C: check probe"),
        ((36.5, 36.8, 36.5), (2,), "Temperature 36.5 °C, 2 of the last 3 values 3.0 SD or more below its target 36.80 "
         "°C: check probe"),
        ((37.0, 37.0, 36.8, 37.0, 37.0), (3,), "Temperature 37.0 °C, 4 of the last 5 values 2.0 SD or more above its "
         "target 36.80 °C: check probe"),
        ((36.4, 36.5, 36.6, 36.8, 36.65), (3,), "Temperature 36.6 °C, 4 of the last 5 values 1.5 SD or more below its "
         "target 36.80 °C: check probe"),
        ((36.7,) * 8, (4,), "Temperature 36.7 °C, 8 values in a row below its target 36.80 °C: check probe"),
    ],
)  # fmt: skip
def test_the_text_says_which_rule(values: tuple[float, ...], used: tuple[int, ...], text: str) -> None:
    setup = EngineSetup(ward(rule("far", "shewhart", "temperature", target=36.8, sd=0.1, **only(*used)), devices=1))
    setup.receive(*(reading("m1", t, temperature=x) for t, x in enumerate((36.8, 36.8, *values))))
    assert [found.text for found in setup.found] == [text]


def test_at_least_one_rule_is_in_use() -> None:
    with pytest.raises(ValueError, match="at least one of rule_1"):
        ShewhartParams.model_validate({"target": 0, "sd": 1, **only()})
