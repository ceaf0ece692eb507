"""Events of iCalendar files: recurrences, exceptions, time zones, and files with faults."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.calendars import calendar
from tests.kit.examples import examples
from ward.clock import SECOND, format_instant, parse_instant
from ward.config.calendar import events
from ward.config.calendar.events import expand
from ward.config.calendar.expansion import CalendarEvent, Expansion
from ward.config.calendar.process import expand_apart
from ward.config.calendar.unreadable import UnreadableCalendar
from ward.config.calendar_people import calendar_of
from ward.config.mute_time import WEEKDAYS
from ward.config.on_call import Person, Schedule
from ward.config.on_call_calendar import MOST_LINES, CalendarSpan, joined
from ward.config.schedules import on_call

BERLIN = "Europe/Berlin"
START, END = parse_instant("2026-10-20T00:00:00Z"), parse_instant("2026-11-03T00:00:00Z")
YEAR, YEAR_END = parse_instant("2026-01-01T00:00:00Z"), parse_instant("2027-01-01T00:00:00Z")
NIGHT = "DTSTART;TZID=Europe/Berlin:20261023T190000|DTEND;TZID=Europe/Berlin:20261024T070000"


def spans(*texts: str) -> list[tuple[str, str]]:
    found = expand(calendar(*texts), BERLIN, START, END)
    assert found.notes == ()
    return [(format_instant(event.start)[5:16], format_instant(event.end)[5:16]) for event in found.events]


def notes(*texts: str) -> list[tuple[int, str]]:
    return [(note.line, note.words) for note in expand(calendar(*texts), BERLIN, START, END).notes]


def test_a_night_ends_at_the_same_time_of_day_when_clocks_are_set_back() -> None:
    assert spans(f"{NIGHT}|RRULE:FREQ=DAILY;COUNT=3") == [
        ("10-23T17:00", "10-24T05:00"), ("10-24T17:00", "10-25T06:00"), ("10-25T18:00", "10-26T06:00")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "found"),
    [
        ("DTSTART:20261023T190000|DTEND:20261023T200000", ("10-23T17:00", "10-23T18:00")),
        ("DTSTART:20261023T190000Z|DURATION:PT1H", ("10-23T19:00", "10-23T20:00")),
        ("DTSTART;VALUE=DATE:20261024|DTEND;VALUE=DATE:20261026", ("10-23T22:00", "10-25T23:00")),
        ("DTSTART;VALUE=DATE:20261024", ("10-23T22:00", "10-24T22:00")),
        (
            "DTSTART;TZID=W. Europe Standard Time:20261101T190000|DTEND;TZID=W. Europe Standard Time:20261101T200000",
            ("11-01T18:00", "11-01T19:00"),
        ),
        ("DTSTART;TZID=America/New_York:20261023T190000|DURATION:PT1H", ("10-23T23:00", "10-24T00:00")),
    ],
)
def test_times_are_in_the_zone_that_the_event_names_or_in_that_of_the_site(event: str, found: tuple[str, str]) -> None:
    assert spans(event) == [found]


def test_exceptions_changes_and_cancellations_of_single_occurrences_hold() -> None:
    series = f"{NIGHT}|UID:1|RRULE:FREQ=DAILY;COUNT=5|EXDATE;TZID=Europe/Berlin:20261024T190000"
    moved = (
        "UID:1|RECURRENCE-ID;TZID=Europe/Berlin:20261025T190000|DTSTART;TZID=Europe/Berlin:20261025T210000"
        "|DTEND;TZID=Europe/Berlin:20261026T070000"
    )
    night = NIGHT.replace("1023", "1026").replace("1024", "1027")
    cancelled = f"UID:1|RECURRENCE-ID;TZID=Europe/Berlin:20261026T190000|{night}|STATUS:CANCELLED"
    assert spans(series, moved, cancelled) == [
        ("10-23T17:00", "10-24T05:00"), ("10-25T20:00", "10-26T06:00"), ("10-27T18:00", "10-28T06:00")
    ]  # fmt: skip


ZONE = """BEGIN:VTIMEZONE
TZID:Hospital
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
""".replace("\n", "\r\n").encode()


def test_a_time_zone_that_the_file_defines_itself_holds_also_where_clocks_change() -> None:
    content = calendar(f"{NIGHT.replace('Europe/Berlin', 'Hospital')}|RRULE:FREQ=DAILY;COUNT=3")
    with_zone = content.replace(b"VERSION:2.0\r\n", b"VERSION:2.0\r\n" + ZONE)
    same = expand(calendar(f"{NIGHT}|RRULE:FREQ=DAILY;COUNT=3"), "UTC", START, END)
    assert _times(expand(with_zone, "UTC", START, END)) == _times(same)
    assert len(same.events) == 3


def _times(expansion: Expansion) -> list[tuple[int, int]]:
    return [(event.start, event.end) for event in expansion.events]


@pytest.mark.parametrize(
    ("event", "line", "words"),
    [
        ("DTSTART;TZID=Foo/Bar:20261023T190000|DURATION:PT1H", 4, "the time zone Foo/Bar is not known"),
        ("SUMMARY:Ada|DTSTART:2026BAD", 5, "DTSTART cannot be read: Expected time"),
        ("SUMMARY:Ada", 3, "the event has no DTSTART"),
        ("DTSTART:20261023T190000|DTEND:20261021T190000", 5, "the event does not end after it begins"),
        ("DTSTART:20261023T190000Z", 3, "the event does not end after it begins"),
        (f"{NIGHT}|RRULE:FREQ=DAILY;INTERVAL=0", 6, "RRULE is not of YEARLY"),
        (f"{NIGHT}|RRULE:FREQ=SECONDLY", 6, "RRULE is not of YEARLY"),
        (f"{NIGHT}|RRULE:FREQ=DAILY;BYMINUTE=1,2,3", 6, "RRULE is not of YEARLY"),
        (f"{NIGHT}|RRULE:FREQ=WEEKLY;BYDAY=XX", 6, "RRULE cannot be read"),
        (f"{NIGHT}|EXDATE:often", 6, "EXDATE cannot be read"),
        ("DTSTART:20261023T190000Z|DTEND:20261023T200000", 3, "the event cannot be read"),
        ("DTSTART;VALUE=DATE:20261023|DTEND:20261023T200000Z", 3, "the event cannot be read"),
        ("DTSTART:20261023T190000Z|DTSTART:20261024T190000Z|DURATION:PT1H", 4, "the event has DTSTART twice"),
    ],
)
def test_an_event_with_a_fault_is_left_out_with_its_line_and_costs_no_other(event: str, line: int, words: str) -> None:
    ((found, said),) = notes(event, NIGHT)
    assert (found, said[: len(words)]) == (line, words)
    assert len(expand(calendar(event, NIGHT), BERLIN, START, END).events) == 1


def test_an_event_that_the_library_cannot_expand_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = events._occurrences

    def fails(components: list[Any], *args: Any) -> list[CalendarEvent]:
        if components[0]["UID"] == "0":
            raise KeyError("an error of a library")
        return whole(components, *args)

    monkeypatch.setattr(events, "_occurrences", fails)
    found = expand(calendar(NIGHT, NIGHT), BERLIN, START, END)
    assert [(note.line, note.words) for note in found.notes] == [
        (3, "the event cannot be read: 'an error of a library'")
    ]
    assert [event.line for event in found.events] == [8]


def test_a_file_that_is_cut_off_anywhere_is_not_read() -> None:
    whole = calendar(f"{NIGHT}|SUMMARY:Ada", f"{NIGHT}|SUMMARY:Ben")
    for length in range(0, len(whole) - len("END:VCALENDAR\r\n") + 1, 7):
        with pytest.raises(UnreadableCalendar):
            expand(whole[:length], BERLIN, START, END)
    with pytest.raises(UnreadableCalendar) as raised:
        expand(whole[: whole.index(b"SUMMARY:Ben")], BERLIN, START, END)
    assert (raised.value.line, raised.value.words) == (11, "the file is cut off: VEVENT of line 9 does not end")


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", 1, "the file is empty"),
        (b"<html>Log in</html>", 1, "the file is not one calendar"),
        (calendar() + calendar(), 4, "the file is not one calendar"),
        (calendar(), 1, "has no event"),
        (calendar(NIGHT).replace(b"END:VEVENT", b"END:VTODO"), 7, "END:VTODO within VEVENT, begun in line 3"),
        (calendar(f"{NIGHT}|SUMMARY:x").replace(b"SUMMARY:x", b"SUMMARY:\xff"), 6, "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused_with_the_line(content: bytes, line: int, words: str) -> None:
    with pytest.raises(UnreadableCalendar) as raised:
        expand(content, BERLIN, START, END)
    assert (raised.value.line, raised.value.words[: len(words)]) == (line, words)


def test_too_many_events_are_refused() -> None:
    content = calendar(*[f"{NIGHT}|RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR,SA,SU|SUMMARY:{n}" for n in range(600)])
    with pytest.raises(UnreadableCalendar, match="has more than 5000 events in 14 days"):
        expand(content, BERLIN, START, END)


def test_the_process_gives_the_same_and_ends_with_a_file_that_keeps_it_busy() -> None:
    assert expand_apart(calendar(NIGHT), BERLIN, START, END) == expand(calendar(NIGHT), BERLIN, START, END)
    with pytest.raises(UnreadableCalendar, match="line 10: the file is cut off"):
        expand_apart(calendar(NIGHT, NIGHT)[:-40], BERLIN, START, END)
    endless = calendar(*["DTSTART:00010101T190000Z|DURATION:PT1H|RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"] * 20)
    with pytest.raises(UnreadableCalendar, match="takes more than"):
        expand_apart(endless, BERLIN, START, END, within=0.5)


SHIFT = st.fixed_dictionaries({
    "day": st.integers(0, 6), "from": st.sampled_from(["00:30", "02:15", "03:00", "07:00", "19:00", "23:45"]),
    "until": st.sampled_from(["01:30", "02:45", "04:00", "07:00", "19:00"]), "who": st.sampled_from(["ada", "ben"]),
})  # fmt: skip
PEOPLE = [Person(name=name, channels=("sms",)) for name in ("ada", "ben")]


@settings(max_examples=examples(8, many=200), deadline=None)
@given(st.lists(SHIFT, min_size=1, max_size=4), st.sampled_from([BERLIN, "America/New_York", "UTC"]))
def test_a_calendar_of_weekly_events_names_whom_the_same_shifts_name(shifts: list[dict[str, str]], zone: str) -> None:
    """Also where clocks change; but not within an hour that is skipped or repeated, where the two differ by that."""
    weekly = []
    for each in shifts:
        day = dt.date(2025, 12, 1) + dt.timedelta(days=int(each["day"]))
        last = day if each["until"] > each["from"] else day + dt.timedelta(days=1)
        times = ((name, at) for name, at in (("DTSTART", (day, each["from"])), ("DTEND", (last, each["until"]))))
        lines = [f"{name};TZID={zone}:{d:%Y%m%d}T{t.replace(':', '')}00" for name, (d, t) in times]
        weekly.append("|".join([*lines, "RRULE:FREQ=WEEKLY", f"SUMMARY:{each['who']}"]))
    expansion = expand(calendar(*weekly), zone, YEAR, YEAR_END)
    by_calendar = Schedule(name="x").with_calendar(calendar_of("x.ics", expansion, YEAR_END, PEOPLE))
    by_shifts = Schedule.model_validate({
        "name": "x",
        "shifts": [
            {"people": [s["who"]], "weekdays": [WEEKDAYS[int(s["day"])]], "from": s["from"], "until": s["until"]}
            for s in shifts
        ],
    })  # fmt: skip
    for at in range(YEAR + 86_400 * SECOND, YEAR_END - 86_400 * SECOND, 3 * 3600 * SECOND + 60 * SECOND):
        if not _near_a_change(at, zone):
            assert set(on_call(by_calendar, zone, at)) == set(on_call(by_shifts, zone, at)), format_instant(at)


def _near_a_change(at: int, zone: str) -> bool:
    """Whether clocks change within three hours."""
    offsets = {
        dt.datetime.fromtimestamp(at // SECOND + hours * 3600, ZoneInfo(zone)).utcoffset() for hours in (-3, 0, 3)
    }
    return len(offsets) > 1


def test_thousands_of_events_at_one_time_are_joined_with_a_few_lines_of_each_span() -> None:
    spans = joined(CalendarSpan(n, 10_000 + n, (f"p{n % 3}",), (n,)) for n in range(2000))
    assert len(spans) == 3999
    assert {len(span.lines) for span in spans} == set(range(1, MOST_LINES + 1))
    assert {span.people for span in spans if len(span.people) == 3} == {("p0", "p1", "p2")}
