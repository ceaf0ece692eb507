"""Readings of any order, number and value."""

from typing import Any

import msgspec

from tests.detectors.builders import at, high, reading, rule, ward
from tests.detectors.engine_setup import EngineSetup
from ward.finding import Transition


def test_a_value_older_than_one_evaluated_before_is_counted_and_not_evaluated() -> None:
    setup = EngineSetup(ward(high()))
    assert setup.receive(reading("m1", 10, heart_rate=80), reading("m1", 9, 10, heart_rate=150)) == []
    assert setup.receive(reading("m1", 10, heart_rate=150)) == []
    assert setup.out_of_order == 2


def test_a_backlog_is_evaluated_by_its_own_times() -> None:
    setup = EngineSetup(ward(high(for_="10s", keep_firing_for="5s")))
    setup.receive(*(reading("m1", t, 900, heart_rate=150 if t < 30 else 80) for t in range(100)))
    found = [(f.transition, (f.at - at(0)) / 1e6, f.received_at) for f in setup.found]
    assert found == [(Transition.RAISED, 10, at(900)), (Transition.CLEARED, 35, at(900))]
    assert setup.found[0].text == "Heart rate 150 /min > 100"


def test_signals_of_a_device_may_come_in_separate_readings() -> None:
    low = rule("low", "limits", "spo2", side="low", medium=90)
    setup = EngineSetup(ward(high(), low))
    found = setup.receive(
        reading("m1", 1, heart_rate=80), reading("m1", 2, spo2=80), reading("m1", 1.5, 2, heart_rate=150),
        reading("m1", 3, heart_rate=80, spo2=95, other=1),
    )  # fmt: skip
    assert found == [
        "low m1 raised medium", "tachycardia m1 raised medium", "tachycardia m1 cleared recovered",
        "low m1 cleared recovered",
    ]  # fmt: skip


def test_readings_with_one_value_and_without_values_may_be_in_one_batch() -> None:
    setup = EngineSetup(ward(high(), devices=0))
    assert setup.receive(reading("x1", 0), reading("x2", 0, heart_rate=150)) == ["tachycardia x2 raised medium"]
    assert setup.receive(reading("x1", 1), reading("x3", 1)) == []
    assert setup.receive(reading("x2", 2, heart_rate=80), reading("x3", 2, heart_rate=150)) == [
        "tachycardia x2 cleared recovered", "tachycardia x3 raised medium",
    ]  # fmt: skip


def test_a_value_too_large_to_calculate_with_is_counted_and_not_evaluated() -> None:
    noise = rule("noise", "rolling", "other", measure="sd", window="10s", limit=5, min_values=3)
    setup = EngineSetup(ward(noise))
    setup.receive(*(reading("m1", t, other=1e300 if t == 5 else 1.0) for t in range(20)))
    assert (setup.found, setup.too_large) == ([], 1)
    assert setup.receive(*(reading("m1", t, other=100.0 * (t % 2)) for t in range(20, 30))) == [
        "noise m1 raised medium"
    ]


def test_after_the_bridges_clock_was_set_back_findings_are_still_made() -> None:
    gone = rule("gone", "absent")
    setup = EngineSetup(ward(high(for_="2s"), gone, devices=1))
    setup.receive(*(reading("m1", t, heart_rate=80) for t in range(4000, 4060)))
    setup.found.clear()
    found = [setup.receive(reading("m1", t, heart_rate=150)) for t in range(400, 404)]
    assert found == [[], [], ["tachycardia m1 raised medium"], []]
    assert setup.advance(417) == []
    assert setup.advance(418) == ["gone m1 raised medium"]


def test_ever_new_combinations_of_signals_do_not_fill_memory() -> None:
    setup = EngineSetup(ward(high(), devices=1))
    for t in range(300):
        names: dict[str, Any] = {f"s{i}": 1.0 for i in range(9) if t >> i & 1}
        setup.receive(reading("m1", t, **names), reading("m1", t + 0.5, heart_rate=150.0 if t == 200 else 80.0))
    assert [(f.transition, f.at) for f in setup.found] == [
        (Transition.RAISED, at(200.5)),
        (Transition.CLEARED, at(201.5)),
    ]
    assert len(setup.engine.devices.signal_sets.series) < 300


def test_an_instant_beyond_int64_does_not_stop_other_readings() -> None:
    setup = EngineSetup(ward(high()))
    wrong = msgspec.structs.replace(reading("m2", 0, heart_rate=70), at=10**20)
    assert setup.receive(wrong, reading("m1", 0, heart_rate=190)) == ["tachycardia m1 raised medium"]
