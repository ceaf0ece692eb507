"""New numbers alone are no reason to decide on all alerts again; they hide nothing that is one."""

from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tests.kit.alert_timeline import AlertTimeline, Replaceable, immediately, ward_config
from ward.finding import Severity, Transition

PEOPLE = {
    "channels": [{"name": name, "urls": ["json://127.0.0.1:9"]} for name in ("nurse", "ada", "ben")],
    "people": [{"name": name, "channels": [name]} for name in ("ada", "ben")],
    "schedules": [
        {"name": "doctors", "shifts": [
            {"people": ["ada"], "from": "07:00", "until": "16:05"},
            {"people": ["ben"], "from": "16:05", "until": "07:00"},
        ]}
    ],
    "receivers": [{"name": "nurses", "channels": ["nurse"]},
                  {"name": "on_call", "schedule": "doctors", "channels": []}],
    "route": {"receiver": "nurses", "repeat_interval": "90s", "remind_interval": "2m", "group_wait": "10s",
              "escalate": [{"after": "1m", "receiver": "on_call"}]},
    "latch": ['severity="high"', 'kind="physiological"'],
}  # fmt: skip
SEVERITIES = {1: Severity.MEDIUM, 60: Severity.HIGH}  # the second of the last change


def scripted(path: Path, *, updates: bool) -> list[str]:
    """What is notified in a script with most of what needs a decision, with updates around all of it or none."""
    timeline = AlertTimeline(path, ward_config(1, **PEOPLE))

    def around(second: float) -> None:
        """Updates with the numbers of the last change, in the steps around a second."""
        raised, last = timeline.episodes["spo2_low", "icu-1"], 60 if second >= 60 else 1
        same = replace(raised, transition=Transition.UPDATED, at=timeline.time_at(last), severity=SEVERITIES[last])
        for at in (second, second + 0.25, second + 0.5, second + 0.75):
            one = replace(same, received_at=timeline.time_at(at))
            timeline.at(at).then(partial(timeline.send, one))

    timeline.at(1).raises("spo2_low", bed=1, severity="medium")
    timeline.at(60).changes("spo2_low", bed=1, severity="high")
    timeline.at(100).acks("spo2_low", bed=1)
    timeline.at(150).raises("silent", bed=1, severity="medium")
    timeline.at(180).clears("silent", bed=1)
    timeline.at(200).unacks("spo2_low", bed=1)
    timeline.at(210).silences("s", 'bed="icu-1"', lasts=60)
    timeline.at(240).expires("s")
    for second in (*range(2, 60, 3), *range(60, 320, 5)) if updates else ():  # at 300 s others come on call
        around(second)
    timeline.at(320).clears("spo2_low", bed=1)
    timeline.advance_to(500)
    timeline.pipeline.close()
    return timeline.transcript().splitlines()


def test_with_updates_all_the_time_everybody_is_notified_of_the_same_at_the_same_time(tmp_path: Path) -> None:
    for name in ("with", "without"):
        (tmp_path / name).mkdir()
    with_updates, without = scripted(tmp_path / "with", updates=True), scripted(tmp_path / "without", updates=False)
    assert len(without) == 9
    assert with_updates == without


def test_an_update_of_what_had_ended_unacknowledged_is_decided_on(tmp_path: Path) -> None:
    rule = {"source": ['alertname="spo2_low"'], "target": ['alertname="tachycardia"'], "equal": ["bed"]}
    timeline = AlertTimeline(tmp_path, ward_config(1, latch=PEOPLE["latch"], inhibit=[rule]))
    timeline.at(1).raises("spo2_low", bed=1)
    timeline.at(10).clears("spo2_low", bed=1)
    timeline.at(20).raises("tachycardia", bed=1, severity="low")
    timeline.advance_to(40)
    assert timeline.alerts()["spo2_low icu-1"].is_over
    assert timeline.alerts()["tachycardia icu-1"].inhibited_by == ()
    raised, at = timeline.episodes["spo2_low", "icu-1"], timeline.time_at(45)
    back = replace(raised, transition=Transition.UPDATED, at=at, received_at=at)
    timeline.at(45).then(lambda: timeline.send(back))
    timeline.advance_to(45)
    assert not timeline.alerts()["spo2_low icu-1"].is_over
    assert timeline.alerts()["tachycardia icu-1"].inhibited_by == (raised.episode,)
    timeline.pipeline.close()


def test_a_finding_of_a_closed_alert_that_comes_again_opens_and_publishes_nothing(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(1))
    timeline.at(1).raises("spo2_low", bed=1)
    timeline.at(60).clears("spo2_low", bed=1)
    timeline.advance_to(120)
    published = timeline.published()
    assert timeline.pipeline.state.alerts == {}
    timeline.send(timeline.episodes["spo2_low", "icu-1"])
    timeline.advance_to(120.5)
    assert (timeline.pipeline.state.alerts, timeline.published()) == ({}, published)
    timeline.pipeline.close()


def test_a_config_that_comes_while_the_pipeline_looks_at_it_is_in_force_from_the_next_step(tmp_path: Path) -> None:
    before, after = ward_config(1), ward_config(1, route={"receiver": "nurses", "repeat_interval": "1m"})

    class Changing(Replaceable):
        """Another thread replaces the config just after it was read once."""

        def __getattribute__(self, name: str) -> Any:
            found = super().__getattribute__(name)
            if name == "config":
                self.config = after
            return found

    timeline = AlertTimeline(tmp_path, before)
    timeline.at(1).raises("spo2_low", bed=1)
    timeline.want(immediately(1), "HIGH priority, ICU bed 1")
    timeline.advance_to(10)
    timeline.live.__class__ = Changing
    timeline.want((60, 62), "HIGH priority, ICU bed 1")
    timeline.run(70)
