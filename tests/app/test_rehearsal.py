"""What a rehearsal tells: what the rules in force make of what is simulated, and nothing about anybody else."""

import dataclasses

from app.rule_tests.rehearsal import RehearsedAlert, rehearse, simulated_events
from app.settings.config_reader import config_reader
from tests.config.config_reader import SHIPPED
from ward.clock import ManualClock
from ward.config.config import Config

NOW = ManualClock().now()


def shipped() -> Config:
    return config_reader(SHIPPED, {})(NOW)


def rules(found: list[RehearsedAlert]) -> set[str]:
    return {told.rule for told in found}


def test_a_slow_heart_is_found_in_its_bed_soon_after_it_began() -> None:
    (scene,) = simulated_events(shipped(), ["bradycardia"], ["Bradycardia"], False, NOW)
    found = rehearse(shipped(), [scene], 120, 20, lambda done: None)
    (heart,) = [told for told in found if told.rule == "bradycardia"]
    assert heart.device == scene.monitor.device
    assert 0 < heart.after < 60


def test_what_no_rule_is_about_is_not_found() -> None:
    config = shipped()
    blind = dataclasses.replace(config, rules=tuple(r for r in config.rules if "heart" not in r.name)[:0])
    found = rehearse(
        blind, simulated_events(config, ["bradycardia"], ["Bradycardia"], False, NOW), 120, 20, lambda done: None
    )
    assert found == []


def test_a_few_healthy_minutes_of_the_whole_ward_are_silent() -> None:
    assert rehearse(shipped(), [], 180, 20, lambda done: None) == []


def test_a_fault_of_a_device_raises_its_own() -> None:
    happening = simulated_events(shipped(), ["probe_off", "clock_step"], ["Probe off", "Clock step"], True, NOW)
    found = rehearse(shipped(), happening, 120, 20, lambda done: None)
    by_device = {scene.name: {t.rule for t in found if t.device == scene.monitor.device} for scene in happening}
    assert by_device == {"probe_off": {"signal-missing"}, "clock_step": {"clock-slow"}}


def test_beds_with_limits_of_their_own_are_left_out() -> None:
    config = shipped()
    special = {p for rule in config.rules for o in rule.overrides for p in o.where.patient}
    assert special
    chosen = simulated_events(config, ["fever"] * 20, ["Fever"] * 20, False, NOW)
    assert 10 < len(chosen) < 20
    assert not {scene.monitor.patient for scene in chosen} & special
