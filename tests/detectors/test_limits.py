"""Limits: their texts."""

import pytest

from tests.detectors.builders import reading, rule, ward
from tests.detectors.engine_setup import EngineSetup
from ward.reading import Flag


def test_a_limit_is_shown_at_its_own_precision() -> None:
    setup = EngineSetup(ward(rule("low", "limits", "reboots", side="low", medium=0.5), devices=1))
    setup.receive(reading("m1", 0, reboots=0))
    assert setup.found[0].text == "Reboots 0 < 0.5"


def test_a_value_that_rounds_to_its_limit_is_shown_with_more_digits() -> None:
    setup = EngineSetup(ward(rule("slow", "limits", "heart_rate", side="low", medium=45), devices=1))
    setup.receive(reading("m1", 0, heart_rate=44.6))
    assert setup.found[0].text == "Heart rate 44.6 /min < 45"
    setup = EngineSetup(ward(rule("slow", "limits", "heart_rate", side="low", medium=45), devices=1))
    setup.receive(reading("m1", 0, heart_rate=44.97))
    assert setup.found[0].text == "Heart rate 44.97 /min < 45"


def test_a_mean_over_a_window_is_named_as_such() -> None:
    setup = EngineSetup(ward(rule("fast", "limits", "heart_rate", side="high", medium=120, every="10s"), devices=1))
    setup.receive(*(reading("m1", t, heart_rate=130) for t in range(21)))
    assert setup.found[0].text == "Heart rate (mean of 10 s) 130 /min > 120"


def test_a_status_is_shown_as_connected_or_disconnected() -> None:
    setup = EngineSetup(ward(rule("offline", "limits", "online", side="low", medium=0.5), devices=1))
    setup.receive(*(reading("m1", t, online=x, flags=int(Flag.STATUS)) for t, x in enumerate((1, 0, 1))))
    assert [f.text for f in setup.found] == ["Monitor disconnected", "Monitor connected again"]


@pytest.mark.parametrize(
    ("side", "low", "late", "text"),
    [("high", 20, 600.4, "Monitor clock 10 min slow"), ("low", -20, -25, "Monitor clock 25 s fast")],
)
def test_a_clock_difference_is_shown_as_slow_or_fast(side: str, low: float, late: float, text: str) -> None:
    setup = EngineSetup(ward(rule("skew", "limits", "clock_skew", side=side, low=low), devices=1))
    setup.receive(
        reading("m1", 0, late, heart_rate=80, flags=int(Flag.CLOCK_SKEWED)), reading("m1", 700, heart_rate=80)
    )
    assert [f.text for f in setup.found] == [text, "Monitor clock correct again"]
