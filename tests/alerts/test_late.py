"""What is detected long after the fact: judged, recorded, and told only if it still is."""

from pathlib import Path
from typing import Any

from tests.alerts.play import Play, at_once, between, ward_config

SETTINGS: dict[str, Any] = {"late_after": "1m", "late_hold": "10s"}


def test_an_episode_of_a_backlog_that_is_over_pages_nobody(tmp_path: Path) -> None:
    play = Play(tmp_path, ward_config(**SETTINGS))
    play.at(1).raises("spo2_low", ago=14 * 60)
    play.at(6).clears("spo2_low", ago=10 * 60)
    play.run(60)
    alert = play.alerts()["spo2_low icu-7"]
    assert alert.annotations["late"] == "detected late by 14 min"
    assert alert.reason == "not sent: detected late, had ended already"
    assert not alert.active


def test_an_episode_of_a_backlog_that_still_is_gets_told_after_the_hold(tmp_path: Path) -> None:
    play = Play(tmp_path, ward_config(**SETTINGS))
    play.at(1).raises("spo2_low", ago=14 * 60)
    play.want(
        between(11, 11.5),
        "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s (measured at 15:46:01 UTC; detected late by 14 min)",
    )
    play.run(60)


def test_a_little_late_is_not_late(tmp_path: Path) -> None:
    play = Play(tmp_path, ward_config(**SETTINGS))
    play.at(1).raises("spo2_low", ago=59)
    play.want(at_once(1), "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s")
    play.run(30)
    assert "late" not in play.alerts()["spo2_low icu-7"].annotations


def test_a_hold_survives_a_restart(tmp_path: Path) -> None:
    play = Play(tmp_path, ward_config(**SETTINGS))
    play.at(1).raises("spo2_low", ago=300)
    play.at(5).restarts()
    play.want(between(11, 11.5), "HIGH priority, ICU bed 7")
    play.run(60)


def test_what_comes_after_the_pipeline_was_down_is_late_too(tmp_path: Path) -> None:
    play = Play(tmp_path, ward_config(**SETTINGS))
    play.at(1).raises("spo2_low", bed=1)
    play.at(2).clears("spo2_low", bed=1)
    play.at(3).raises("spo2_low", bed=2)
    play.pipeline.close()
    for _, _, act in play.script:
        act()
    play.script.clear()
    play.clock.advance(600)
    play.pipeline = play.open()
    play.want(
        between(610, 610.5),
        "HIGH priority, ICU bed 2: SpO2 84 % < 88 for 15 s (measured at 16:00:03 UTC; detected late by 9 min)",
    )
    play.run(640)
