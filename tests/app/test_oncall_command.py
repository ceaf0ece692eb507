"""`wardwatch oncall`: who is on call now, until when, and who is next."""

import json
from pathlib import Path

import pytest

from tests.app.calling import ADDRESSES, SHIPPED, call
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
    for name, value in ADDRESSES.items():
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
        "until": "2026-11-30T06:00:00.000Z", "next": ["ada"],
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
