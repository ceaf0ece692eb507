"""Who would no longer be notified after an edit of alerts.yaml is said, whichever way the edit takes it."""

from pathlib import Path

import pytest

from alerts.routing.lost_recipients import lost_recipients
from app.settings.config_reader import config_reader
from tests.app.calling import ADDRESSES, SHIPPED
from tests.config.config_reader import copied
from ward.clock import ManualClock
from ward.config.config import Config

NOW = ManualClock().now()


def edited(tmp_path: Path, old: str, new: str) -> list[str]:
    """What an edit of the shipped alerts.yaml takes from whom."""
    before, after = _config(tmp_path / "before", "", ""), _config(tmp_path / "after", old, new)
    return list(lost_recipients(before, after, NOW))


def _config(folder: Path, old: str, new: str) -> Config:
    file = copied(SHIPPED, folder) / "alerts.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return config_reader(folder, ADDRESSES)(NOW)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("channels: [chat, mail]", "channels: [chat]", "of med-10 only after 2 min reach channel mail"),
        ("      escalate:\n        - {after: 2m, receiver: on_call}\n", "", "HIGH priority"),
        ("    - matchers: [kind=physiological, severity=high]\n",
         "    - {matchers: [bed=icu-07], receiver: screen}\n    - matchers: [kind=physiological, severity=high]\n",
         "of icu-07"),
        ("    - matchers: [kind=physiological, severity=high]\n",
         "    - {matchers: ['alertname=~\"desat.*\"'], receiver: technicians}\n"
         "    - matchers: [kind=physiological, severity=high]\n", "'desaturation' of"),
        ("    - matchers: [kind=physiological, severity=low]\n      receiver: screen\n",
         "    - matchers: [kind=physiological]\n      receiver: screen\n", ""),
        ("inhibit:\n", "inhibit:\n  - source: [alertname=fever]\n    target: [alertname=desaturation]\n",
         "a new inhibition mutes alerts that match alertname=\"desaturation\""),
    ],
)  # fmt: skip
def test_each_way_to_take_a_recipient_away_is_said(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    found = edited(tmp_path, old, new)
    assert any(sentence in said for said in found) if sentence else found == [], found


def test_a_channel_without_an_address_is_said(tmp_path: Path) -> None:
    found = edited(tmp_path, 'urls: ["${WARDWATCH_SMS_URL:-}"]', "urls: []")
    assert found == ["channel sms has no address any more"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("repeat_interval: 3m", "repeat_interval: 2m"),
        ("channels: [sms, mail]", "channels: [sms, mail, chat]"),
        ("    - matchers: [kind=technical, ward=imaging]\n      receiver: technicians",
         "    - matchers: [kind=technical, ward=imaging]\n      receiver: screen"),
        ("  - source: [alertname=program-silent]\n    target: ['alertname=~\"program-problem\"']\n    equal: [program]",
         "  - source: [alertname=program-silent]\n    target: [kind=technical, alertname=x]\n    equal: [program]"),
    ],
)  # fmt: skip
def test_an_edit_that_takes_nobody_away_says_nothing(tmp_path: Path, old: str, new: str) -> None:
    assert edited(tmp_path, old, new) == []


ON_CALL = "    channels: [sms, mail]\n    schedule: physicians\n"
SCHEDULE = """people: {ada: {channels: [sms]}}
schedules: {physicians: {shifts: [{people: [ada], from: "00:00", until: "00:00"}]}}
receivers:
  nurses:
"""


WITH_CALENDAR = "{physicians: {", "{physicians: {calendar: on-call.ics, "


def test_a_schedule_in_the_place_of_channels_and_a_first_gap_in_it_are_said(tmp_path: Path) -> None:
    plain = _config(tmp_path / "plain", "", "")
    folder = tmp_path / "all_week"
    _config(folder, "receivers:\n  nurses:\n", SCHEDULE)
    file = folder / "alerts.yaml"
    text = file.read_text(encoding="utf-8").replace("    channels: [sms, mail]\n", ON_CALL, 1)
    file.write_text(text, encoding="utf-8")
    all_week = config_reader(folder, ADDRESSES)(NOW)
    file.write_text(text.replace('until: "00:00"', 'until: "20:00"', 1), encoding="utf-8")
    with_gap = config_reader(folder, ADDRESSES)(NOW)

    instead, back = list(lost_recipients(plain, all_week, NOW)), list(lost_recipients(all_week, plain, NOW))
    assert any("no longer reach channel sms" in said for said in instead), instead
    assert any("no longer reach schedule physicians" in said for said in back), back
    assert list(lost_recipients(all_week, with_gap, NOW)) == [
        "by schedule physicians nobody is on call from monday 20:00 to tuesday 00:00 any more"
    ]
    assert list(lost_recipients(with_gap, with_gap, NOW)) == []

    file.write_text(text.replace(*WITH_CALENDAR, 1), encoding="utf-8")
    assert list(lost_recipients(all_week, config_reader(folder, ADDRESSES)(NOW), NOW)) == []
    for_calendar = text.replace('until: "00:00"', 'until: "20:00"', 1)
    file.write_text(for_calendar.replace(*WITH_CALENDAR, 1), encoding="utf-8")
    by_calendar = config_reader(folder, ADDRESSES)(NOW)
    gap = "from monday 20:00 to tuesday 00:00"
    assert list(lost_recipients(all_week, by_calendar, NOW)) == [
        f"by schedule physicians nobody is on call {gap} any more unless its calendar names somebody"
    ]
    assert list(lost_recipients(by_calendar, with_gap, NOW)) == [
        f"schedule physicians has no calendar any more: nobody is on call {gap}"
    ]
