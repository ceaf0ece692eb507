"""A rehearsal: the alerts of the current rules for simulated events, and no others."""

import dataclasses

import pytest

from app.commands.rehearse import ADDRESSES
from app.rule_tests import rehearsed_weeks
from app.rule_tests.rehearsal import RehearsedAlert, rehearse, simulated_events
from app.rule_tests.rehearsed_weeks import rehearse_weeks
from app.settings.config_reader import config_reader
from tests.config.config_reader import SHIPPED
from ward.clock import ManualClock
from ward.config.config import Config

NOW = ManualClock().now()


def shipped() -> Config:
    return config_reader(SHIPPED, {})(NOW)


def rules(found: list[RehearsedAlert]) -> set[str]:
    return {alert.rule for alert in found}


def test_bradycardia_is_found_at_its_bed_soon_after_its_beginning() -> None:
    (scene,) = simulated_events(shipped(), ["bradycardia"], ["Bradycardia"], False, NOW)
    found = rehearse(shipped(), [scene], 120, 20, lambda done: None)
    (heart,) = [alert for alert in found if alert.rule == "bradycardia"]
    assert heart.device == scene.monitor.device
    assert 0 < heart.after < 60


def test_an_event_without_a_rule_gives_no_alert() -> None:
    config = shipped()
    blind = dataclasses.replace(config, rules=tuple(r for r in config.rules if "heart" not in r.name)[:0])
    found = rehearse(
        blind, simulated_events(config, ["bradycardia"], ["Bradycardia"], False, NOW), 120, 20, lambda done: None
    )
    assert found == []


def test_a_healthy_ward_gives_no_alert() -> None:
    assert rehearse(shipped(), [], 180, 20, lambda done: None) == []


def test_each_fault_of_a_device_raises_its_rule() -> None:
    happening = simulated_events(shipped(), ["probe_off", "clock_step"], ["Probe off", "Clock step"], True, NOW)
    found = rehearse(shipped(), happening, 120, 20, lambda done: None)
    by_device = {scene.name: {t.rule for t in found if t.device == scene.monitor.device} for scene in happening}
    assert by_device == {"probe_off": {"signal-missing"}, "clock_step": {"clock-slow"}}


def test_episodes_within_all_limits_are_found_by_a_score_and_by_nothing_else() -> None:
    """Without the rule of the score, each would be missed: no other rule has an alert."""
    config = config_reader(SHIPPED, ADDRESSES)(NOW)
    names = ["pneumonia", "hidden_bleeding"]
    happening = simulated_events(config, names, names, False, NOW)
    found = rehearse(config, happening, 1500, 20, lambda done: None)
    assert rules(found) <= {"news2", "shock-index"}
    sent = {(alert.bed, alert.rule, alert.severity) for alert in found if alert.sent}
    ill, bleeding = (scene.monitor.bed for scene in happening)
    assert sent == {(ill, "news2", "high"), (bleeding, "shock-index", "medium")}


def test_a_thermometer_that_drifts_is_found_by_itself_and_against_its_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no other: without these two rules it would be missed."""
    monkeypatch.setattr(rehearsed_weeks, "PERIOD", 7200.0)
    config = shipped()
    (drift,) = simulated_events(config, ["slow_drift"], ["Drift"], True, NOW)
    found = rehearse_weeks(config, drift, 21, 20, lambda done: None)
    assert {alert.device for alert in found} == {drift.monitor.device}
    assert rules(found) == {"slow-drift", "temperature-unlike-others"}
    assert all(5 < alert.after / 86_400 < 18 for alert in found)


def test_a_medium_score_beside_a_high_sign_is_on_the_screen_alone() -> None:
    config = config_reader(SHIPPED, ADDRESSES)(NOW)
    happening = simulated_events(config, ["hypoxic_episode"], ["Hypoxia"], False, NOW)
    found = {alert.rule: alert for alert in rehearse(config, happening, 120, 20, lambda done: None)}
    assert (found["desaturation"].severity, found["desaturation"].sent) == ("high", True)
    assert (found["news2"].severity, found["news2"].sent) == ("medium", False)
    loud = dataclasses.replace(config, alerting=config.alerting.model_copy(update={"inhibit": ()}))
    found = {alert.rule: alert for alert in rehearse(loud, happening, 120, 20, lambda done: None)}
    assert found["news2"].sent, "without the inhibition it is one more message"


def test_beds_with_overrides_are_not_used() -> None:
    config = shipped()
    special = {p for rule in config.rules for o in rule.overrides for p in o.where.patient}
    assert special
    chosen = simulated_events(config, ["fever"] * 20, ["Fever"] * 20, False, NOW)
    assert 10 < len(chosen) < 20
    assert not {scene.monitor.patient for scene in chosen} & special
