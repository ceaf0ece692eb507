"""Calendars of schedules: what is used while a file is absent, incomplete or old, and what reading them costs."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.config.calendars import calendar, shift, write
from tests.kit.alert_timeline import Replaceable, ward_config
from ward.clock import SECOND, ManualClock, Micros
from ward.config.calendar.events import expand
from ward.config.calendar.expansion import Expansion
from ward.config.calendar.unreadable import UnreadableCalendar
from ward.config.calendar_file import MOST_BYTES
from ward.config.config import Config
from ward.config.live_calendars import LiveCalendars
from ward.config.live_config import FixedConfig
from ward.config.on_call_calendar import OnCallCalendar
from ward.config.schedules import duty, first_gap, next_change, possible_channels, recipients

NOW = ManualClock().now()
HOUR = 3600 * SECOND
DAY = 24 * HOUR


def config(calendar_: str | None = "on-call.ics", zone: str = "UTC", **schedule: Any) -> Config:
    named = {"calendar": calendar_} if calendar_ else {}
    return ward_config(
        timezone=zone,
        channels=[{"name": name, "urls": ["json://127.0.0.1:9"]} for name in ("ada_sms", "ben_sms", "telephone")],
        people=[
            {"name": "ada", "channels": ["ada_sms"], "calendar_names": ["Dr Ada Lovelace", "ada@hospital.test"]},
            {"name": "ben", "channels": ["ben_sms"]},
        ],
        schedules=[{"name": "doctors", **named, **schedule}],
        receivers=[{"name": "on_call", "schedule": "doctors", "channels": ["telephone"]}],
        route={"receiver": "on_call"},
    )


class Site:
    """A config folder with a calendar, and what reads it; `expanded` counts how often the file was expanded."""

    def __init__(self, folder: Path, content: bytes | None = None, copies: Path | None = None) -> None:
        self.file, self.clock = folder / "on-call.ics", ManualClock()
        self.copies, self.expanded = copies, 0
        self.live = Replaceable(config())
        if content is not None:
            write(self.file, content)
        self.calendars = self.open()

    def open(self) -> LiveCalendars:
        return LiveCalendars(self.live, self.file.parent, self.clock, self.copies, self._expand)

    def _expand(self, content: bytes, zone: str, start: Micros, end: Micros) -> Expansion:
        self.expanded += 1
        return expand(content, zone, start, end)

    def step(self, seconds: float = 1.0) -> "Site":
        for _ in range(round(seconds)):
            self.clock.advance(1.0)
            self.calendars.step(0)
        return self

    @property
    def events(self) -> OnCallCalendar:
        return self.calendars.config.alerting.schedules[0].events

    def on_call(self) -> tuple[str, ...]:
        alerting = self.calendars.config.alerting
        return tuple(each.name for each in recipients(alerting, alerting.receivers[0], self.clock.now()))


GOOD = calendar(shift(NOW - HOUR, 48, "Ada"), shift(NOW + 47 * HOUR, 24 * 20, "Ben"))


def test_the_person_of_the_calendar_is_the_recipient_and_the_line_is_known(tmp_path: Path) -> None:
    site = Site(tmp_path, GOOD)
    schedule = site.calendars.config.alerting.schedules[0]
    assert site.on_call() == ("on_call (ada)",)
    assert duty(schedule, "UTC", NOW).source == "on-call.ics:3"
    assert next_change(schedule, "UTC", NOW) == (NOW + 47 * HOUR, ("ben",))
    assert first_gap(schedule, "UTC", NOW) is None
    assert possible_channels(site.live.config.alerting, site.live.config.alerting.receivers[0]) == (
        "ada_sms", "ben_sms", "telephone"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("event", "people", "note"),
    [
        ("SUMMARY:dr  ADA lovelace", ("ada",), ""), ("SUMMARY:Ada / Ben", ("ada", "ben"), ""),
        ("SUMMARY:Ada\\, Dr Grey", ("ada",), "'Dr Grey' is nobody"), ("SUMMARY:Dr Grey", (), "'Dr Grey' is nobody"),
        ("SUMMARY:On call|ATTENDEE;CN=x:mailto:ADA@hospital.test|ATTENDEE:mailto:office@x.test", ("ada",), ""),
        ("SUMMARY:Ada|ATTENDEE;CN=Ben:mailto:b@x.test", ("ben",), ""),
        ("SUMMARY:Ada|ATTENDEE;PARTSTAT=DECLINED:mailto:ada@hospital.test", ("ada",), ""),
        ("SUMMARY:Duty|ATTENDEE;PARTSTAT=DECLINED:mailto:ada@hospital.test", (), "'Duty' is nobody"),
        ("SUMMARY:Ada|ATTENDEE;CUTYPE=ROOM;CN=Ben:mailto:b@x.test", ("ada",), ""),
        ("SUMMARY:Ada is on holiday", (), "'Ada is on holiday' is nobody"), ("LOCATION:ICU", (), "'' is nobody"),
    ],
)  # fmt: skip
def test_whom_an_event_names(tmp_path: Path, event: str, people: tuple[str, ...], note: str) -> None:
    site = Site(tmp_path, calendar(f"{shift(NOW, 1, 'x').rpartition('|')[0]}|{event}"))
    assert duty(site.calendars.config.alerting.schedules[0], "UTC", NOW).people == people
    assert [found.partition(": ")[2][: len(note)] for found in site.events.notes] == ([note] if note else [])


def test_events_that_overlap_hold_together_and_overrides_go_before_and_shifts_after_them(tmp_path: Path) -> None:
    site = Site(tmp_path, calendar(shift(NOW - HOUR, 2, "Ada"), shift(NOW, 4, "Ben")))
    shifts = [{"people": ["ada"], "from": "00:00", "until": "00:00"}]
    override = {"people": ["ben"], "from": "2025-11-24 16:30", "until": "2025-11-24 17:00"}
    site.live.config = config(shifts=shifts, overrides=[override])
    schedule = site.calendars.config.alerting.schedules[0]
    found = [duty(schedule, "UTC", NOW + minutes * 60 * SECOND) for minutes in (0, 40, 70, 300)]
    assert found == [
        (("ada", "ben"), "on-call.ics:3, 9"), (("ben",), "overrides"), (("ben",), "on-call.ics:9"), (("ada",), "shifts")
    ]  # fmt: skip


@pytest.mark.guarantee(
    "While a calendar of on-call shifts is absent or incomplete, its last good copy is used and an alert says so."
)
@pytest.mark.parametrize("fault", ["gone", "cut off", "too large", "folder"])
def test_the_last_good_copy_is_used_also_after_a_reload_and_a_restart(tmp_path: Path, fault: str) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    site = Site(folder, GOOD, tmp_path / "copies")
    if fault == "cut off":
        write(site.file, GOOD[:-60])
    elif fault == "too large":
        write(site.file, GOOD + b" " * MOST_BYTES * 10)
    else:
        site.file.unlink()
        if fault == "folder":
            site.file.mkdir()
    site.step(50)
    assert (site.on_call(), site.events.problem) == (("on_call (ada)",), ""), "it may be replaced at this moment"
    site.step(30)
    words = {
        "gone": "1: No such file", "cut off": "11: the file is cut off", "too large": "1: is larger than 1000 KB",
        "folder": "1: is not a regular file",
    }  # fmt: skip
    assert site.events.problem.startswith(f"on-call.ics:{words[fault]}")
    site.live.config = config(zone="Europe/Berlin")
    site.step(2)
    assert site.on_call() == ("on_call (ada)",)
    site.calendars = site.open()
    assert (site.on_call(), site.events.read) == (("on_call (ada)",), True)
    assert site.events.problem.startswith(f"on-call.ics:{words[fault]}")
    if fault == "folder":
        site.file.rmdir()
    write(site.file, calendar(shift(NOW, 48, "Ben")))
    site.step(12)
    assert (site.on_call(), site.events.problem) == (("on_call (ben)",), "")


def test_a_problem_is_logged_once_and_so_is_its_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    site = Site(tmp_path)
    site.step(200)
    write(site.file, GOOD)
    site.step(200)
    said = [record.getMessage() for record in caplog.records if "calendar" in record.name]
    assert said == ["calendar on-call.ics:1: No such file or directory", "calendar on-call.ics: is read again"]


def test_without_any_copy_the_channels_of_the_receiver_are_used(tmp_path: Path) -> None:
    site = Site(tmp_path)
    assert (site.on_call(), site.events.read) == (("on_call",), False)
    assert site.events.problem == "on-call.ics:1: No such file or directory"
    write(site.file, GOOD)
    site.step(12)
    assert (site.on_call(), site.events.problem) == (("on_call (ada)",), "")


def test_a_new_calendar_does_not_hold_up_the_config_it_comes_with(tmp_path: Path) -> None:
    site = Site(tmp_path, GOOD)
    write(tmp_path / "other.ics", calendar(shift(NOW, 48, "Ben")))
    site.live.config = config("other.ics")
    assert site.calendars.config.alerting.schedules[0].calendar == "other.ics"
    assert (site.events.read, site.events.problem) == (False, "")
    assert site.step(2).on_call() == ("on_call (ben)",)


def test_a_file_is_expanded_when_it_has_changed_and_four_times_a_day(tmp_path: Path) -> None:
    site = Site(tmp_path, GOOD)
    before = site.calendars.config
    site.step(600)
    assert site.expanded == 1
    assert site.calendars.config is before
    for _ in range(20):  # written anew each second, with other contents
        write(site.file, GOOD + b"\r\n" * site.expanded)
        site.step()
    assert site.expanded <= 4
    for _ in range(24):
        site.clock.advance(3600.0)
        site.step()
    assert site.expanded <= 9


def test_a_file_that_was_changed_within_the_resolution_of_the_disks_clock_is_noticed(tmp_path: Path) -> None:
    site = Site(tmp_path, GOOD)
    there = site.file.stat()
    with site.file.open("r+b") as file:
        file.write(GOOD.replace(b"SUMMARY:Ada", b"SUMMARY:Ben"))
    os.utime(site.file, ns=(there.st_atime_ns, there.st_mtime_ns))
    assert site.step(65).on_call() == ("on_call (ben)",)


def test_as_time_goes_on_later_occurrences_are_known_also_of_the_copy(tmp_path: Path) -> None:
    daily = calendar(f"{shift(NOW - HOUR, 24, 'Ada')}|RRULE:FREQ=DAILY")
    site = Site(tmp_path, daily)
    site.file.unlink()
    for _ in range(200):
        site.clock.advance(86_400.0)
        site.step()
        assert site.on_call() == ("on_call (ada)",)
        assert site.events.ends is None


def test_times_without_a_zone_follow_the_time_zone_of_the_config(tmp_path: Path) -> None:
    site = Site(tmp_path, calendar("DTSTART:20251124T170000|DTEND:20251124T180000|SUMMARY:Ada"))
    assert site.on_call() == ("on_call",)
    site.live.config = config(zone="Europe/Berlin")
    assert site.step().on_call() == ("on_call (ada)",)


def test_a_clock_that_is_set_back_by_a_year_costs_nobody(tmp_path: Path) -> None:
    site = Site(tmp_path, calendar(f"{shift(NOW - 400 * DAY, 24, 'Ada')}|RRULE:FREQ=DAILY"))
    site.clock.step(-365 * 86_400.0)
    assert site.step(2).on_call() == ("on_call (ada)",)


def test_a_good_copy_that_cannot_be_expanded_any_more_stays_and_is_not_tried_each_second(tmp_path: Path) -> None:
    site = Site(tmp_path, GOOD)
    tried = []

    def busy(*_: object) -> Expansion:
        tried.append(1)
        raise UnreadableCalendar(1, "takes more than 10 s to read")

    site.calendars._files["on-call.ics"]._expand = busy
    site.clock.advance(7 * 3600.0)
    site.step(500)
    assert (site.on_call(), len(tried)) == (("on_call (ada)",), 1)
    assert "takes more than 10 s" in site.events.problem
    site.calendars._files["on-call.ics"]._expand = expand
    site.step(200)
    assert site.events.problem == "", "the machine was busy, and the file is as before"


def test_a_start_on_a_busy_machine_reads_the_file_later(tmp_path: Path) -> None:
    site = Site(tmp_path)
    write(site.file, GOOD)

    def busy(*_: object) -> Expansion:
        raise UnreadableCalendar(1, "takes more than 10 s to read")

    site.calendars = LiveCalendars(site.live, tmp_path, site.clock, None, busy)
    assert site.on_call() == ("on_call",)
    site.calendars._files["on-call.ics"]._expand = expand
    assert site.step(700).on_call() == ("on_call (ada)",)


def test_without_a_calendar_the_config_is_the_very_one_of_the_reloader(tmp_path: Path) -> None:
    plain = FixedConfig(config(None))
    calendars = LiveCalendars(plain, tmp_path, ManualClock())
    assert calendars.config is plain.config
    assert (calendars.faults, calendars.waiting) == ((), None)


@pytest.mark.parametrize("name", ["/etc/on-call.ics", "../on-call.ics", "on-call.txt", "a:b.ics", "a\n.ics"])
def test_a_calendar_is_a_file_in_the_config_folder(name: str) -> None:
    with pytest.raises(ValueError, match=r"not a file in the config folder|not an iCalendar file"):
        config(name)
