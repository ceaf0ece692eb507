"""The handover of a ward: what it lists by bed, what it cannot say, its spans and sizes, and what it refuses."""

import re
from collections.abc import Iterator
from dataclasses import replace as with_fields
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.web.handover_scene import CHANGE, MORNING, config, ended, reports, scene_at
from tests.web.scene import NoStore, Scene
from ward.action import ActionType
from ward.alert import ActionRecord, SeverityChange
from ward.clock import SECOND, format_instant
from ward.config.config import Config
from ward.config.rule import Match, Override
from ward.errors import StoreUnavailable
from ward.finding import EndReason, Kind, Severity

HOUR = 3600.0


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Scene]:
    scene = scene_at(tmp_path, MORNING)
    yield scene
    scene.close()


def bed(report: Any, name: str) -> Any:
    return next(each for each in report["beds"] if each["bed"] == name)


def text(scene: Scene, query: str = "ward=icu") -> str:
    return str(scene.http.json(f"/api/v1/handover/mail?{query}")["body"])


def test_an_alert_whose_signal_was_lost_is_never_handed_over_as_ended(ward: Scene) -> None:
    ward.healthy("icu-03")
    ended(ward, "icu-03", name="fever", text="Temperature 38.9 °C > 38.5", ago=4 * HOUR, lasted=60,
          why=EndReason.SIGNAL_LOST)  # fmt: skip
    ward.send(replace(ward.alert("icu-03", ago=600), latched=EndReason.SIGNAL_LOST))
    ward.settle()

    shown = text(ward)
    assert "for 60 s: signal lost, not known whether it has ended" in shown
    assert "signal lost, not known whether it has ended; the alert stays until it is acknowledged" in shown
    assert "has ended (" not in shown


@pytest.mark.guarantee("A handover lists each alert of the shift, open or ended, with who had it.")
def test_a_bed_hands_over_what_is_open_and_what_ended_and_who_had_it(ward: Scene) -> None:
    ward.healthy("icu-03", spo2=84)
    ward.alert("icu-03", ago=600, ack="Nurse Ada")
    ended(ward, "icu-03", name="tachycardia", text="Heart rate 131 /min > 120", ago=5 * HOUR, lasted=720, by="Nurse Bo",
          note="turned, settled", severity=Severity.MEDIUM)  # fmt: skip
    ended(ward, "icu-03", name="fever", text="Temperature 38.9 °C > 38.5", ago=4 * HOUR, lasted=60, log=True)
    ward.settle()

    report = ward.http.json("/api/v1/handover?ward=icu")
    found = bed(report, "icu-03")
    assert [(alert["name"], alert["ack"]["by"]) for alert in found["open"]] == [("hypoxia", "Nurse Ada")]
    assert [alert["name"] for alert in found["ended"]] == ["fever", "tachycardia"]  # the last to end first
    assert found["ended"][1]["ack"] == found["ended"][1]["ack"] | {"by": "Nurse Bo", "note": "turned, settled"}
    assert found["ended"][1]["receivers"] == ["nurses"]
    assert (report["shift"], report["open"], report["unacknowledged"], report["ended"]) == ("night", 1, 0, 2)
    shown = text(ward)
    assert "MEDIUM priority: Heart rate 131 /min > 120" in shown
    assert "02:10 to 02:22, for 12 min: ended\n" in shown
    assert "acknowledged by Nurse Bo at 02:10: turned, settled" in shown
    assert "nobody acknowledged it" in shown
    assert "Now: Heart rate 74 /min, " in shown
    page = ward.http.get("/handover?ward=icu").text
    assert re.findall(r'class="badge" (\S+)>(\w+)<', page) == [
        ('data-severity="high"', "HIGH"), ('data-state="empty"', "HIGH"), ('data-state="empty"', "MEDIUM"),
    ], "what is over has no colour of a priority"  # fmt: skip


def test_an_open_alert_that_nobody_has_says_who_has_seen_its_message(ward: Scene) -> None:
    known = ward.alert("icu-03", ago=600)
    times = (("Bo", ward.clock.now() - 500 * SECOND), ("Cy", ward.clock.now() - 300 * SECOND))
    seen = tuple(ActionRecord(type=ActionType.SEEN, by=by, at=at) for by, at in times)
    ward.send(replace(known, actions=seen))
    ward.settle()
    assert "NOT ACKNOWLEDGED" in text(ward)
    assert "seen by Cy at 07:05" in text(ward)
    assert "seen by Bo" not in text(ward)


def test_an_ended_alert_is_shown_as_it_was_at_its_worst_with_its_course(ward: Scene) -> None:
    changes = (SeverityChange(severity=Severity.HIGH, at=MORNING - 7200 * SECOND),
               SeverityChange(severity=Severity.MEDIUM, at=MORNING - 7000 * SECOND))  # fmt: skip
    ended(ward, "icu-03", ago=2 * HOUR, lasted=900, text="SpO2 94 %", severity=Severity.MEDIUM, worst=54.0,
          peak_severity=Severity.HIGH, peak_text="SpO2 54 % < 85", course=changes)  # fmt: skip

    shown = text(ward)
    assert "- HIGH priority: SpO2 54 % < 85\n" in shown
    assert "course: 05:10 HIGH, 05:13 MEDIUM" in shown
    assert "SpO2 94 %" not in shown


def test_what_ended_before_the_shift_or_began_after_it_is_not_of_it(ward: Scene) -> None:
    ended(ward, "icu-01", ago=13 * HOUR, lasted=60)  # before 19:00
    ended(ward, "icu-02", ago=13 * HOUR, lasted=2 * HOUR)  # over the change at 19:00
    ended(ward, "icu-04", ago=300, lasted=60)  # after 07:00
    ended(ward, "icu-05", ago=900, lasted=600)  # over the change at 07:00

    report = ward.http.json("/api/v1/handover?ward=icu&shift=last")
    assert [each["bed"] for each in report["beds"] if each["ended_total"]] == ["icu-02", "icu-05"]
    now = ward.http.json("/api/v1/handover?ward=icu&shift=current")
    assert [each["bed"] for each in now["beds"] if each["ended_total"]] == ["icu-04", "icu-05"]
    assert (now["shift"], now["start"]) == ("day", format_instant(CHANGE))


def test_silences_and_overrides_in_force_have_their_end_their_reason_and_a_name(tmp_path: Path) -> None:
    made = config()
    until = MORNING + 3600 * SECOND
    special = Override(where=Match(bed=("icu-02",)), set={"medium": 88, "high": 84}, why="COPD", by="Dr F", until=until)
    wide = Override(where=Match(ward=("icu",)), set={"medium": 90}, why="the ward's own limit", by="Head")
    rules = tuple(with_fields(rule, overrides=(special, wide) if rule.name == "hypoxia" else ()) for rule in made.rules)
    scene = scene_at(tmp_path, MORNING, with_fields(made, rules=rules))
    scene.silenced(scene.alert("icu-03"), minutes=30)
    scene.settle()

    report = scene.http.json("/api/v1/handover?ward=icu")
    assert bed(report, "icu-02")["overrides"] == [
        {"changes": ["SpO2 (hypoxia): MEDIUM limit 88 % instead of 92 %",
                     "SpO2 (hypoxia): HIGH limit 84 % instead of 88 %"],
         "why": "COPD", "by": "Dr F", "until": format_instant(until)}
    ]  # fmt: skip
    assert not any(each["overrides"] for each in report["beds"] if each["bed"] != "icu-02")
    assert [silence["by"] for silence in bed(report, "icu-03")["silences"]] == ["Nurse Ada"]
    assert not any(each["silences"] for each in report["beds"] if each["bed"] != "icu-03")
    shown = text(scene)
    assert "No messages until 07:40: bed=icu-03" in shown or 'No messages until 07:40: bed="icu-03"' in shown
    assert "COPD (by Dr F), until 08:10" in shown
    scene.close()


def test_devices_away_and_beds_that_are_not_watched_are_named(tmp_path: Path) -> None:
    scene = scene_at(tmp_path, MORNING)
    scene.healthy("icu-03", ago=1800)
    for number in (1, 2, 4):
        scene.healthy(f"icu-{number:02}")
    scene.tick(0)
    scene.detecting = False
    scene.evaluated(icu_04=600)
    scene.settle()

    report = scene.http.json("/api/v1/handover?ward=icu")
    assert [device["text"] for device in bed(report, "icu-03")["devices"]] == ["Bedside monitor mon-icu-03: no data"]
    assert bed(report, "icu-03")["devices"][0]["since"] == format_instant(MORNING - 1800 * SECOND)
    assert "has never sent anything" in bed(report, "icu-05")["devices"][0]["text"]
    assert bed(report, "icu-04")["not_evaluated"].startswith("Readings are not evaluated")
    assert bed(report, "icu-01")["devices"] == []
    assert "Nothing to hand over, all signals evaluated: ICU bed 1" in text(scene)
    other = scene.http.json("/api/v1/handover?ward=hdu")
    assert bed(other, "hdu-10")["not_evaluated"] == "Not monitored: no device is at this bed"
    scene.close()


@pytest.mark.guarantee("A handover says what it cannot know; it never leaves it out.")
def test_a_store_that_is_down_is_said_and_what_is_in_memory_is_listed(tmp_path: Path) -> None:
    scene = scene_at(tmp_path, MORNING, store=NoStore(StoreUnavailable("disk is gone")))
    ended(scene, "icu-03", ago=2 * HOUR, lasted=60, log=True)
    scene.settle()

    report = scene.http.json("/api/v1/handover?ward=icu")
    assert "history does not answer" in report["not_known"][0]
    assert bed(report, "icu-03")["ended_total"] == 1
    assert "history does not answer" in text(scene)
    scene.close()


def test_a_log_that_is_not_followed_makes_the_handover_old_and_it_says_so(ward: Scene) -> None:
    ward.clock.advance(120)

    assert any("Nothing newer than 07:10:00 CET is known" in line
               for line in ward.http.json("/api/v1/handover?ward=icu")["not_known"])  # fmt: skip


def test_many_ended_alerts_of_a_bed_are_counted_by_rule_and_none_is_left_out(ward: Scene) -> None:
    for n in range(1000):
        name, severity = ("hypoxia", Severity.HIGH) if n % 4 == 0 else ("tachycardia", Severity.MEDIUM)
        ended(ward, "icu-03", name=name, text=f"number {n}", ago=11 * HOUR - 30 * n, lasted=10 + n % 7,
              severity=severity, by="Nurse Bo" if n % 2 else "")  # fmt: skip

    found = bed(ward.http.json("/api/v1/handover?ward=icu&shift=last"), "icu-03")
    assert (found["ended_total"], found["ended"]) == (1000, [])
    assert [(one["name"], one["severity"], one["count"], one["unacknowledged"]) for one in found["ended_by_rule"]] == [
        ("hypoxia", "high", 250, 250), ("tachycardia", "medium", 750, 250),
    ]  # fmt: skip
    shown = text(ward, "ward=icu&shift=last")
    assert "ENDED: 1000, COUNTED BY RULE" in shown
    assert "MEDIUM priority: 750 × tachycardia, 250 never acknowledged; longest 16 s" in shown


def test_thirty_open_alerts_of_a_bed_are_all_listed(ward: Scene) -> None:
    for n in range(30):
        ward.alert("icu-03", f"rule-{n}", f"value {n}", ago=100 + n)
    ward.settle()

    shown = text(ward)
    assert all(f"HIGH priority: value {n}\n" in shown for n in range(30))


def test_sixty_beds_and_an_empty_ward(tmp_path: Path) -> None:
    scene = scene_at(tmp_path, MORNING, config(beds=120))
    report = scene.http.json("/api/v1/handover?ward=icu")
    assert len(report["beds"]) == 60
    scene.close()


def test_an_alert_of_a_ward_about_no_bed_is_listed(ward: Scene) -> None:
    ward.alert("", "humidity_high", "Humidity 71.7 % > 60", device="MRI-12", metric="humidity", kind=Kind.TECHNICAL)
    ward.settle()

    assert [alert["name"] for alert in ward.http.json("/api/v1/handover?ward=icu")["others"]] == ["humidity_high"]


def test_the_page_is_the_report_with_hostile_text_escaped(ward: Scene) -> None:
    alert = ward.alert("icu-03", text="<script>alert(1)</script>\u202e", ack="<b>Ada</b>")
    ward.send(replace(alert, updated_at=alert.updated_at + 1))
    ward.settle()

    ward.healthy("icu-03", spo2=84)
    ward.settle()
    page = ward.http.get("/handover?ward=icu").text
    assert "Now: Heart rate 74 /min, Systolic pressure 122 mmHg" in page
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\u202e" in page
    assert "<b>Ada</b>" not in page
    assert "night shift" in page
    assert "config 3f9a51c7e0d24b68" in page


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("ward=attic", 404, "There is no ward 'attic'"),
        ("from=2026-11-30T05:00:00Z&to=2026-11-30T04:00:00Z", 400, "'from' must lie before 'to'"),
        ("from=2016-11-30T05:00:00Z&to=2026-11-30T04:00:00Z", 400, "more than a year"),
        ("from=2026-11-01T05:00:00Z&to=2026-11-30T04:00:00Z", 400, "more than a week"),
        ("from=2026-12-01T05:00:00Z&to=2026-12-01T06:00:00Z", 400, "lies in the future"),
        ("from=yesterday", 400, "must be an RFC 3339 time"),
        ("shift=late", 400, "must be one of current, last"),
        ("shift=last&from=2026-11-30T05:00:00Z", 400, "not both"),
    ],
)  # fmt: skip
def test_a_request_that_makes_no_sense_is_refused_in_a_sentence(
    ward: Scene, query: str, status: int, words: str
) -> None:
    answer = ward.http.get(f"/api/v1/handover?{query}")

    assert answer.status_code == status
    assert words in answer.json()["error"]


def test_a_person_has_the_handover_mailed_now_and_twice_within_a_minute_is_once(ward: Scene) -> None:
    body = {"by": "Nurse Ada", "ward": "icu", "shift": "current"}
    first, again = (ward.http.post("/api/v1/handover/mail", json=body) for _ in range(2))

    assert first.status_code == 202
    assert first.json()["effect"] == (
        "Mail with the handover of Intensive care to handover is asked for: the pipeline page shows whether "
        "its channels deliver."
    )
    asked = list(reports(ward))
    assert {action.id for action in asked} == {first.json()["id"], again.json()["id"]} == {asked[0].id}
    assert asked[0].report is not None
    assert asked[0].report.receivers == ("handover",)
    assert [sent["by"] for sent in ward.http.json("/api/v1/handover?ward=icu&shift=current")["sent"]] == ["Nurse Ada"]


def test_without_a_receiver_a_request_for_the_mail_is_refused(tmp_path: Path) -> None:
    scene = scene_at(tmp_path, MORNING, config(receivers=()))
    answer = scene.http.post("/api/v1/handover/mail", json={"by": "Nurse Ada", "ward": "icu"})

    assert (answer.status_code, list(reports(scene))) == (409, [])
    scene.close()


def test_mail_that_no_channel_can_send_is_refused_and_a_banner_says_so_before(tmp_path: Path) -> None:
    scene = scene_at(tmp_path, MORNING, without_address(config()))
    answer = scene.http.post("/api/v1/handover/mail", json={"by": "Nurse Ada", "ward": "icu"})

    assert (answer.status_code, list(reports(scene))) == (409, [])
    assert answer.json()["error"] == (
        "The handover cannot be mailed: no channel of handover has an address. Print it, and have the address of a "
        "channel set in alerts.yaml."
    )
    assert [banner["text"] for banner in scene.http.json("/api/v1/status")["banners"] if "mail" in banner["text"]] == [
        "Handovers are mailed to nobody: no channel of handover has an address"
    ]
    scene.close()


def test_a_weekly_report_that_no_channel_can_send_is_a_banner(tmp_path: Path) -> None:
    made = without_address(config(receivers=()))
    weekly = made.alerting.alarm_load.model_copy(update={"receivers": ("handover", "nurses")})
    alerting = made.alerting.model_copy(update={"alarm_load": weekly})
    scene = scene_at(tmp_path, MORNING, with_fields(made, alerting=alerting))

    assert [banner["text"] for banner in scene.http.json("/api/v1/status")["banners"] if "mail" in banner["text"]] == [
        "The weekly alarm load is mailed to nobody: no channel of handover, nurses has an address"
    ]
    scene.close()


def without_address(made: Config) -> Config:
    channels = tuple(channel.model_copy(update={"urls": ()}) for channel in made.alerting.channels)
    return with_fields(made, alerting=made.alerting.model_copy(update={"channels": channels}))


def test_a_history_that_was_lost_is_said(ward: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ward.own, "problem", lambda: "the history before 06:00 was lost")

    assert "the history before 06:00 was lost." in ward.http.json("/api/v1/handover?ward=icu")["not_known"]
