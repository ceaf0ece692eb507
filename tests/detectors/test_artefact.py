"""The leaky counter: its formula, and that it forgets while nothing comes."""

import numpy as np
import pytest

from tests.detectors.builders import at, reading, rule, ward
from tests.detectors.test_engine import Ward
from ward.reading import Flag


def test_a_steady_rate_settles_where_the_formula_says() -> None:
    """r·half_life/ln 2, the continuous limit; at one each 2 s and a half-life of 300 s the counter is within 1 %."""
    here = Ward(ward(rule("doubts", "artefact", "heart_rate", count=1e6, half_life="300s"), devices=1))
    here.hears(*(reading("m1", 2.0 * i, implausible=("heart_rate",)) for i in range(3000)))
    bank = next(iter(here.engine.roster.banks.values()))
    level = bank.dump(np.array([0]))[0][-2]
    assert level == pytest.approx(0.5 * 300 / np.log(2), rel=0.01)


def test_the_last_of_it_is_forgotten_to_the_second_while_nothing_comes() -> None:
    here = Ward(ward(rule("doubts", "artefact", "heart_rate", count=5, half_life="10s"), devices=1))
    here.hears(*(reading("m1", t / 10, implausible=("heart_rate",)) for t in range(8)))
    level = sum(2 ** (-(7 - i) / 100) for i in range(8))
    over = 0.7 + 10 * np.log2(level / 2.5)
    assert here.waits(np.floor(over)) == []
    assert here.waits(np.ceil(over)) == ["doubts m1 cleared recovered"]


def test_each_signal_has_a_counter_of_its_own_and_is_named() -> None:
    here = Ward(ward(rule("doubts", "artefact", "heart_rate", "spo2", count=3, half_life="60s"), devices=1))
    here.hears(*(reading("m1", t, implausible=("heart_rate", "spo2") if t % 2 else ("heart_rate",)) for t in range(4)))
    assert [(f.signal, f.text) for f in here.found] == [
        ("heart_rate", "Heart rate: 4 implausible values of late, 3 are too many")
    ]


def test_facts_of_delivery_count_as_much_as_they_are() -> None:
    rules = rule("link", "artefact", "lost_readings", "reboots", count=10, half_life="60s")
    here = Ward(ward(rules, devices=1))
    here.hears(reading("m1", 0, heart_rate=80, lost=12), reading("m1", 1, heart_rate=80, lost=1))
    assert [(f.signal, f.text, f.value) for f in here.found] == [
        ("lost_readings", "Lost readings: 12 of late, 10 are too many", 12.0)
    ]


def test_a_wrong_clock_is_over_when_it_is_right_again() -> None:
    skew = rule("skew", "limits", "clock_skew", side="high", low=30)
    here = Ward(ward(skew, devices=1))
    assert here.hears(reading("m1", 0, 60, heart_rate=80, flags=int(Flag.CLOCK_SKEWED))) == ["skew m1 raised low"]
    assert here.hears(reading("m1", 61, 61, heart_rate=80)) == ["skew m1 cleared recovered"]
    assert here.found[0].text == "Clock skew 60 s > 30"
    assert here.found[1].at == at(61)
