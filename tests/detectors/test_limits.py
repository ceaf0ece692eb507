"""Limits: their texts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.detectors.builders import reading, rule, ward
from tests.detectors.engine_setup import EngineSetup
from ward.limit_text import limit_text
from ward.reading import Flag
from ward.signals import Signal


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


@pytest.mark.guarantee("A value back inside its limit is never worded as if it were beyond it, nor rounded onto it.")
@pytest.mark.parametrize(
    ("side", "limits", "values", "texts"),
    [
        (
            "low", {"medium": 90, "high": 85}, [84, 84, 85.3, *[89] * 6],
            ["SpO2 84 % < 85", "SpO2 89 % < 90"],
        ),
        (
            "low", {"low": 92, "high": 85}, [84, 84, *[93] * 6],
            ["SpO2 84 % < 85", "SpO2 93 %, again above 92, not yet ended"],
        ),
        ("low", {"low": 92, "high": 85}, [84, 84, *[92] * 6],
         ["SpO2 84 % < 85", "SpO2 92 %, at its limit 92, not yet ended"]),
        (
            "high", {"low": 90, "medium": 95}, [97, 97, *[89.7] * 6],
            ["SpO2 97 % > 95", "SpO2 89.7 %, again below 90, not yet ended"],
        ),
    ],
)  # fmt: skip
def test_a_value_inside_its_limit_is_worded_as_back_and_not_yet_ended(
    side: str, limits: dict[str, Any], values: list[float], texts: list[str]
) -> None:
    own = rule("own", "limits", "spo2", side=side, hysteresis=2, keep_firing_for="4s", **limits)
    setup = EngineSetup(ward(own, devices=1))
    setup.receive(*(reading("m1", t, spo2=x) for t, x in enumerate(values)))
    assert [f.text for f in setup.found] == texts


def test_a_value_that_rounds_to_the_limit_of_its_end_is_shown_with_more_digits() -> None:
    setup = EngineSetup(ward(rule("slow", "limits", "heart_rate", side="low", medium=45, hysteresis=3), devices=1))
    setup.receive(reading("m1", 0, heart_rate=40), reading("m1", 1, heart_rate=48), reading("m1", 2, heart_rate=48.3))
    assert [f.text for f in setup.found] == ["Heart rate 40 /min < 45", "Heart rate 48.3 /min, back above 48"]


@given(
    limit=st.sampled_from([85.0, 92.5, 84.6, 0.5, 36.6666666667, 0.0]), off=st.floats(-2, 2),
    precision=st.integers(0, 2), upper=st.booleans(),
)  # fmt: skip
def test_no_number_is_rounded_onto_or_across_its_limit(limit: float, off: float, precision: int, upper: bool) -> None:
    signal = Signal(name="s", label="S", unit="1", display="%", precision=precision)
    x = limit + off
    text = limit_text(signal, "S", x, limit, upper=upper)
    number, shown = (float(word) for word in text.replace(",", "").split() if word[-1].isdigit())
    if abs(x - limit) < 2e-6:
        return
    assert (number > shown, number < shown) == (x > limit, x < limit)
    words = ("<", "again above") if not upper else ("again below", ">")
    assert words[x > limit] in text
