"""`wardwatch oncall`: who is on call now, until when, and who is next."""

import json
from pathlib import Path

import pytest

from tests.app.calling import ADDRESSES, SHIPPED, call
from tests.config.calendars import calendar
from tests.config.config_reader import copied

NIGHT, SUNDAY = "2026-11-30T02:00:00Z", "2026-11-29T12:00:00Z"
WITH_SCHEDULE = """
timezone: Europe/Berlin
people:
  ada: {channels: [sms]}
  ben: {channels: [sms, mail]}
schedules:
  physicians:
    shifts:
      - people: [ada]
        weekdays: [monday, tuesday, wednesday, thursday, friday, saturday]
        from: "07:00"
        until: "19:00"
      - {people: [ben], from: "19:00", until: "07:00"}
receivers:
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped config, with a schedule for its receiver `on_call`."""
    for name, value in {**ADDRESSES, "WARDWATCH_DATA": str(tmp_path / "data")}.items():
        monkeypatch.setenv(name, value)
    file = copied(SHIPPED, tmp_path / "config") / "alerts.yaml"
    text = file.read_text(encoding="utf-8").replace("\nreceivers:\n", WITH_SCHEDULE, 1)
    text = text.replace("    channels: [sms, mail]\n", "    channels: [sms, mail]\n    schedule: physicians\n", 1)
    file.write_text(text, encoding="utf-8")
    return file.parent


def test_it_shows_who_is_on_call_and_who_is_next(folder: Path) -> None:
    found = call("oncall", "--config", str(folder), "--at", NIGHT)

    assert found.exit_code == 0
    assert found.stdout.splitlines() == [
        "physicians at 2026-11-30 03:00:00 CET",
        "  now   ben (sms, mail) until 2026-11-30 07:00:00 CET",
        "  next  ada (sms)",
    ]


def test_a_gap_is_shown_with_the_channels_that_are_used(folder: Path) -> None:
    found = call("oncall", "--config", str(folder), "--at", SUNDAY)

    assert found.exit_code == 1
    assert "  now   nobody until 2026-11-29 19:00:00 CET\n" in found.stdout
    assert "nobody can be notified by this schedule; channels that are used instead: on_call: sms, mail" in found.stdout


def test_the_json_has_instants_in_utc(folder: Path) -> None:
    found = call("oncall", "--config", str(folder), "--at", NIGHT, "-o", "json")

    (schedule,) = json.loads(found.stdout)["schedules"]
    assert schedule == {
        "schedule": "physicians", "receivers": ["on_call"], "on_call": ["ben"], "reached": {"ben": ["sms", "mail"]},
        "until": "2026-11-30T06:00:00.000Z", "next": ["ada"], "source": "shifts", "calendar": None,
    }  # fmt: skip


def test_without_schedules_it_says_so_and_a_bad_time_is_refused() -> None:
    assert "has no schedules" in call("oncall").stdout
    refused = call("oncall", "--at", "tomorrow")
    assert refused.exit_code == 2
    assert "--at" in refused.stderr


def test_the_gap_is_a_warning_of_the_config_at_its_schedule(folder: Path) -> None:
    found = call("config", "check", str(folder))

    assert "warning: by the shifts nobody is on call from sunday 07:00 to sunday 19:00" in found.output


def test_routes_name_the_schedule(folder: Path) -> None:
    found = call("routes", "test", "alertname=desaturation", "bed=icu-07", "severity=high", "--config", str(folder))

    assert "on_call: whoever is on call by schedule physicians, otherwise sms, mail" in found.stdout


def with_calendar(folder: Path, *events: str) -> None:
    """The schedule has a calendar, and `ben` a name in it."""
    file = folder / "alerts.yaml"
    text = file.read_text(encoding="utf-8").replace(
        "schedules:\n  physicians:\n", "schedules:\n  physicians:\n    calendar: duty.ics\n"
    )
    named = text.replace("ben: {channels: [sms, mail]}", "ben: {channels: [sms, mail], calendar_names: [Dr Ben]}")
    file.write_text(named, encoding="utf-8")
    if events:
        (folder / "duty.ics").write_bytes(calendar(*events))


EVENT = "DTSTART;TZID=Europe/Berlin:20261129T090000|DTEND;TZID=Europe/Berlin:20261129T150000"


def test_whom_a_calendar_names_is_shown_with_its_line(folder: Path) -> None:
    with_calendar(folder, f"{EVENT}|SUMMARY:Dr Ben", f"{EVENT}|SUMMARY:Dr Grey")

    found = call("oncall", "--config", str(folder), "--at", SUNDAY)

    assert found.exit_code == 0
    assert found.stdout.splitlines()[1:] == [
        "  now   ben (sms, mail) by duty.ics:3 until 2026-11-29 15:00:00 CET",
        "  next  nobody",
        "  calendar duty.ics names nobody after 2026-11-29 15:00:00 CET",
        "  calendar duty.ics:9: 'Dr Grey' is nobody of `people`",
    ]
    data = call("oncall", "--config", str(folder), "--at", SUNDAY, "-o", "json")
    (schedule,) = json.loads(data.stdout)["schedules"]
    assert (schedule["source"], schedule["calendar"]) == (
        "duty.ics:3",
        {
            "file": "duty.ics", "problem": "", "ends": "2026-11-29T14:00:00.000Z",
            "notes": ["duty.ics:9: 'Dr Grey' is nobody of `people`"],
        },
    )  # fmt: skip


def test_a_calendar_that_is_not_there_is_shown_and_the_shifts_hold(folder: Path) -> None:
    with_calendar(folder, f"{EVENT}|SUMMARY:Dr Ben")
    call("oncall", "--config", str(folder))
    call("config", "check", str(folder))
    assert not (folder.parent / "data").exists(), "what only shows leaves no copy"
    (folder / "duty.ics").unlink()

    found = call("oncall", "--config", str(folder), "--at", NIGHT)

    assert found.exit_code == 0
    assert "  now   ben (sms, mail) by shifts until" in found.stdout
    assert "  calendar duty.ics:1: No such file or directory; there is no earlier copy of it\n" in found.stdout


def test_the_check_of_the_config_names_the_line_of_a_fault_in_a_calendar(folder: Path) -> None:
    over = EVENT.replace("2026", "2020")
    with_calendar(folder, f"{over}|SUMMARY:Dr Ben|RRULE:FREQ=SECONDLY", f"{over}|SUMMARY:Dr Ben")
    found = call("config", "check", str(folder)).output
    assert f"{folder / 'duty.ics'}:7:1: warning: RRULE is not of" in found
    assert f"{folder / 'duty.ics'}:1:1: names nobody now or later" in found
    assert f"{folder / 'duty.ics'}:1:1: warning: by schedule physicians nobody is on call at" in found, "on Sundays"

    (folder / "duty.ics").write_bytes(calendar(EVENT).partition(b"END:VEVENT")[0])
    cut = call("config", "check", str(folder))
    assert cut.exit_code == 1
    assert f"{folder / 'duty.ics'}:6:1: the file is cut off: VEVENT of line 3 does not end" in cut.output


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"])
def test_a_time_without_days_around_it_is_refused_in_one_sentence(folder: Path, at: str) -> None:
    found = call("oncall", "--config", str(folder), "--at", at)
    assert found.exit_code == 2
    assert f"--at: {at} is too near the first or last day that there is" in found.stderr
