"""The leaky counter: its formula, its decay while no value comes, and its texts."""

import numpy as np
import pytest

from tests.detectors.builders import at, reading, rule, ward
from tests.detectors.engine_setup import EngineSetup
from ward.reading import Flag


def test_at_a_steady_rate_the_counter_settles_where_the_formula_says() -> None:
    """r·half_life/ln 2, the continuous limit; at one each 2 s and a half-life of 300 s the counter is within 1 %."""
    setup = EngineSetup(ward(rule("doubts", "event_count", "heart_rate", count=1e6, half_life="300s"), devices=1))
    setup.receive(*(reading("m1", 2.0 * i, implausible=("heart_rate",)) for i in range(3000)))
    table = next(iter(setup.engine.rules.tables.values()))
    level = table.dump(np.array([0]))[0][-2]
    assert level == pytest.approx(0.5 * 300 / np.log(2), rel=0.01)


def test_the_counter_decays_to_the_second_while_no_value_comes() -> None:
    setup = EngineSetup(ward(rule("doubts", "event_count", "heart_rate", count=5, half_life="10s"), devices=1))
    setup.receive(*(reading("m1", t / 10, implausible=("heart_rate",)) for t in range(8)))
    level = sum(2 ** (-(7 - i) / 100) for i in range(8))
    over = 0.7 + 10 * np.log2(level / 2.5)
    assert setup.advance(np.floor(over)) == []
    assert setup.advance(np.ceil(over)) == ["doubts m1 cleared recovered"]


def test_each_signal_has_its_own_counter_and_is_named_in_the_text() -> None:
    setup = EngineSetup(ward(rule("doubts", "event_count", "heart_rate", "spo2", count=3, half_life="60s"), devices=1))
    setup.receive(
        *(reading("m1", t, implausible=("heart_rate", "spo2") if t % 2 else ("heart_rate",)) for t in range(4))
    )
    assert [(f.signal, f.text) for f in setup.found] == [
        ("heart_rate", "Heart rate artefacts: check leads (4 recently, limit 3)")
    ]


def test_a_delivery_fact_adds_its_figure_to_the_counter() -> None:
    rules = rule("link", "event_count", "lost_readings", "reboots", count=10, half_life="60s")
    setup = EngineSetup(ward(rules, devices=1))
    setup.receive(reading("m1", 0, heart_rate=80, lost=12), reading("m1", 1, heart_rate=80, lost=1))
    assert [(f.signal, f.text, f.value) for f in setup.found] == [
        ("lost_readings", "12 readings lost recently (limit 10): check network", 12.0)
    ]


def test_a_clock_alert_ends_with_the_first_reading_of_a_correct_clock() -> None:
    skew = rule("skew", "limits", "clock_skew", side="high", low=30)
    setup = EngineSetup(ward(skew, devices=1))
    assert setup.receive(reading("m1", 0, 60, heart_rate=80, flags=int(Flag.CLOCK_SKEWED))) == ["skew m1 raised low"]
    assert setup.receive(reading("m1", 61, 61, heart_rate=80)) == ["skew m1 cleared recovered"]
    assert setup.found[1].at == at(61)
