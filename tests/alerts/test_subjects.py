"""The subject of a message about several alerts names them, the gravest first, and counts what it does not name."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.text.limits import LONGEST_SUBJECT
from alerts.text.subject import subject_of
from tests.kit.alert_timeline import AlertTimeline, immediately, ward_config

ROUTE = {"receiver": "nurses", "group_by": ["ward"], "group_wait": "10s", "group_interval": "60s"}


@pytest.mark.guarantee(
    "A subject about several alerts names them, the gravest first, and counts those that it does not name."
)
def test_the_others_are_named_with_their_place_where_there_are_several(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low", bed=9, severity="medium")
    timeline.at(2).raises("tachycardia", bed=9, severity="medium").raises("news2", bed=9, severity="low")
    timeline.at(3).raises("spo2_low", bed=7, severity="high")
    timeline.want(immediately(1), "MEDIUM priority, ICU bed 9: SpO2 84 % < 88 for 15 s")
    timeline.want(
        immediately(3),
        "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s and 2 more alerts: "
        "MEDIUM priority, ICU bed 9: Heart rate 137 /min > 120 for 5 s; LOW priority, ICU bed 9: NEWS2 7",
    )
    timeline.run(5)


def test_a_named_alert_that_has_ended_is_never_named_as_active(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route={**ROUTE, "group_by": ["bed"]}))
    timeline.at(1).raises("spo2_low", severity="medium")
    timeline.at(3).clears("spo2_low")
    timeline.at(4).raises("tachycardia", severity="medium")
    timeline.want(immediately(1), "MEDIUM priority, ICU bed 7: SpO2 84 % < 88 for 15 s")
    timeline.want(
        immediately(4),
        "MEDIUM priority, ICU bed 7: Heart rate 137 /min > 120 for 5 s and 1 more alert: "
        "ALERT ENDED, was MEDIUM priority: SpO2 84 %",
    )
    timeline.run(30)


def test_where_all_have_ended_the_count_says_so(tmp_path: Path) -> None:
    """`and 1 more alert` behind an end was read as one that goes on."""
    timeline = AlertTimeline(tmp_path, ward_config(route={**ROUTE, "group_by": ["bed"]}))
    timeline.at(1).raises("spo2_low", severity="medium").raises("tachycardia", severity="medium")
    timeline.at(80).clears("spo2_low").clears("tachycardia")
    timeline.advance_to(200)
    ended = timeline.notified[-1].message.subject
    assert ended.startswith("ALERT ENDED, ICU bed 7: ")
    assert " and 1 more alert, ended too: ALERT ENDED, " in ended


def test_a_subject_has_the_names_for_which_there_is_room() -> None:
    beds = [f"LOW priority, ICU bed {bed}" for bed in range(2, 9)]
    lines = [f"{bed}: Heart rate 141 /min > 130" for bed in beds]
    first = "HIGH priority, ICU bed 1: SpO2 84 % < 88"

    assert (
        subject_of(first, lines[:2], beds[:2], 2, LONGEST_SUBJECT)
        == f"{first} and 2 more alerts: {'; '.join(lines[:2])}"
    )
    assert (
        subject_of(first, lines[:4], beds[:4], 4, LONGEST_SUBJECT)
        == f"{first} and 4 more alerts: {'; '.join(beds[:4])}"
    )
    assert subject_of(first, lines, beds, 7, LONGEST_SUBJECT) == (
        f"{first} and 7 more alerts: {'; '.join(beds[:4])}; 3 not named here"
    )


@given(
    st.text(min_size=1, max_size=300),
    st.lists(st.text(max_size=80), max_size=50),
    st.integers(0, 5),
    st.integers(40, 300),
)
def test_no_subject_is_longer_than_its_room_and_every_alert_is_named_or_counted(
    first: str, others: list[str], unread: int, room: int
) -> None:
    count = len(others) + unread
    subject = subject_of(first, others, others, count, room)

    assert len(subject) <= room
    if not count:
        return
    more = f" and {count} more alert" + ("s" if count > 1 else "")
    assert more in subject
    named = next(
        (n for n in range(len(others), 0, -1) if subject.startswith(f"{first}{more}: {'; '.join(others[:n])}")), 0
    )
    rest = re.search(r"; (\d+) not named here$", subject)
    assert named == 0 or named + (int(rest[1]) if rest else 0) >= count


def test_an_sms_keeps_its_link_and_the_count_and_names_what_room_is_left(tmp_path: Path) -> None:
    subjects = {}
    for limit in (120, 160, 240):
        channels = [{"name": "nurse", "urls": ["json://127.0.0.1:9"], "max_characters": limit}]
        timeline = AlertTimeline(tmp_path / str(limit), ward_config(channels=channels, route=ROUTE))
        timeline.at(1).raises("spo2_low", bed=7, severity="high").raises("tachycardia", bed=8, severity="medium")
        timeline.want(immediately(1), "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s and 1 more alert")
        timeline.run(3)
        message = timeline.notified[-1].message
        subjects[limit] = message.subject
        assert len(message.subject) + len(message.body) < limit
    first = "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s and 1 more alert"
    assert subjects[120] == first
    assert subjects[240] == f"{first}: MEDIUM priority, ICU bed 8: Heart rate 137 /min > 120 for 5 s"
