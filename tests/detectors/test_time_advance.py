"""What ends by time alone, and what a status message of the broker changes."""

from tests.detectors.builders import at, high, reading, rule, ward
from tests.detectors.engine_setup import EngineSetup, heart_rates, status
from ward.finding import Kind, Transition
from ward.reading import Flag

DAY = 86_400.0


# Endings


def test_a_lost_signal_never_clears_a_physiological_finding() -> None:
    setup = EngineSetup(ward(high(), rule("gone", "absent")))
    setup.receive(*heart_rates("m1", {0: 150}), *heart_rates("x7", {0: 150}))
    found = setup.advance(30 * DAY)
    assert "tachycardia m1 raised medium" not in found
    assert all(f.rule == "gone" for f in setup.found if f.transition is Transition.CLEARED)


def test_a_technical_finding_ends_an_hour_after_its_last_value() -> None:
    setup = EngineSetup(ward(high("noise", kind=Kind.TECHNICAL)))
    setup.receive(reading("m1", 10, heart_rate=150))
    assert setup.advance(3609) == []
    assert setup.advance(3610) == ["noise m1 cleared signal lost"]
    assert setup.found[-1].at == at(3610)
    assert setup.receive(reading("m1", 4000, heart_rate=150)) == ["noise m1 raised medium"]


def test_a_slow_series_has_more_time_before_signal_lost() -> None:
    drift = rule("drift", "cusum", "heart_rate", every="1h", target=80, sd=1, limit=1)
    setup = EngineSetup(ward(drift))
    setup.receive(*(reading("m1", 60 * m, heart_rate=100) for m in range(200)))
    assert [f.transition for f in setup.found] == [Transition.RAISED]
    assert setup.advance(199 * 60 + 3 * 3600 - 1) == []
    assert setup.advance(199 * 60 + 3 * 3600) == ["drift m1 cleared signal lost"]


def test_an_unregistered_device_is_forgotten_after_a_day_unless_an_episode_is_open() -> None:
    setup = EngineSetup(ward(high(), rule("gone", "absent"), devices=0))
    setup.receive(*(reading("x1", t, heart_rate=80) for t in range(40)))
    setup.receive(*(reading("x2", t, heart_rate=150) for t in range(40)))
    assert setup.advance(100) == ["gone x1 raised medium", "gone x2 raised medium"]
    assert setup.advance(DAY + 60) == ["gone x1 cleared signal lost", "gone x2 cleared signal lost"]
    assert setup.engine.forgettable() == ["x1"]
    setup.engine.forget(["x1"])
    assert setup.receive(reading("x1", DAY + 90, heart_rate=150)) == ["tachycardia x1 raised medium"]


# Status messages of the broker


def test_a_status_message_neither_hides_nor_ends_a_silence() -> None:
    setup = EngineSetup(ward(rule("gone", "absent", after="6s", keep_firing_for="2s"), devices=1))
    setup.receive(*heart_rates("m1", dict.fromkeys(range(3), 80.0)))
    assert setup.receive(status("m1", 5), status("m1", 7)) == []
    assert setup.advance(10) == ["gone m1 raised medium"]
    assert setup.found[0].onset == at(8)
    assert setup.receive(status("m1", 11, 0), status("m1", 12, 1)) == []
    assert setup.advance(60) == []
    assert setup.receive(*heart_rates("m1", dict.fromkeys(range(61, 66), 80.0))) == ["gone m1 cleared recovered"]


def test_a_device_with_status_messages_only_misses_no_signals() -> None:
    missing = rule("missing", "absent", "heart_rate", after="4s", keep_firing_for="2s")
    setup = EngineSetup(ward(missing, rule("gone", "absent", after="6s"), devices=1))
    setup.receive(*heart_rates("m1", dict.fromkeys(range(3), 80.0)))
    setup.advance(70)
    assert setup.receive(*(status("m1", t) for t in range(75, 95))) == []
    assert setup.advance(100) == []
    assert setup.receive(*heart_rates("m1", dict.fromkeys(range(101, 110), 80.0))) == ["gone m1 cleared recovered"]
    assert {finding.rule for finding in setup.found} == {"gone"}


def test_the_status_itself_is_evaluated() -> None:
    setup = EngineSetup(ward(rule("offline", "limits", "online", side="low", medium=0.5), devices=1))
    assert setup.receive(status("m1", 1), status("m1", 5, 0)) == ["offline m1 raised medium"]
    assert setup.advance(20) == []
    assert setup.receive(status("m1", 21)) == ["offline m1 cleared recovered"]


def test_time_passes_for_a_device_with_a_status_message() -> None:
    setup = EngineSetup(ward(high(), devices=1))
    setup.receive(*heart_rates("m1", {0: 80.0}), status("m1", 50.5))
    assert setup.engine.watermark(setup.engine.devices.by_name["m1"]) == at(50)


def test_a_status_message_does_not_end_a_clock_alert() -> None:
    setup = EngineSetup(ward(rule("skew", "limits", "clock_skew", side="high", low=5), devices=1))
    slow = reading("m1", 0, 60, heart_rate=80, flags=int(Flag.CLOCK_SKEWED))
    assert setup.receive(slow, status("m1", 61)) == ["skew m1 raised low"]
    assert setup.receive(reading("m1", 62, heart_rate=80)) == ["skew m1 cleared recovered"]


def test_an_unregistered_device_with_status_messages_only_is_forgotten_after_a_day() -> None:
    setup = EngineSetup(ward(rule("offline", "limits", "online", side="low", medium=0.5), devices=0))
    assert setup.receive(status("x1", 1, 0)) == ["offline x1 raised medium"]
    assert setup.advance(3600) == []
    assert setup.advance(86_500) == ["offline x1 cleared signal lost"]
    assert setup.engine.forgettable() == ["x1"]


def test_an_unregistered_device_is_missed_by_its_own_readings_only() -> None:
    setup = EngineSetup(ward(rule("gone", "absent"), devices=0))
    setup.receive(status("x1", 0))
    setup.receive(*heart_rates("x1", dict.fromkeys(range(3000, 3040), 80.0)))
    assert setup.advance(3053) == []
    assert setup.advance(3054) == ["gone x1 raised medium"]
