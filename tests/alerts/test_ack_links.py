"""Links in messages that acknowledge an alert, and what is recorded of a recipient who has only seen one."""

import re
from pathlib import Path
from typing import Any

from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from ward.ack_link import AckLink, verified
from ward.action import ActionType
from ward.clock import SECOND

KEYS = [{"name": "new", "key": "k" * 32}, {"name": "old", "key": "o" * 32}]
ROUTE = {"receiver": "nurses", "group_wait": "5s", "repeat_interval": "1m"}
URL = "https://ward.test/"


def links(text: str) -> list[str]:
    return re.findall(r"https://ward\.test/a/(\S+)", text)


def test_a_message_has_a_link_that_acknowledges_each_active_alert_for_a_time(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE, link_keys=KEYS, link_valid="1h", external_url=URL))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).acks("spo2_low")
    timeline.at(3).clears("spo2_low")
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(between(3, 9), "ALERT ENDED")
    timeline.run(20)
    began, ended = (notified.message.body for notified in timeline.notified)
    (token,) = links(began)
    expires = (timeline.time_at(1) + 3600 * SECOND) // SECOND * SECOND
    assert verified(token, ["k" * 32]) == AckLink(timeline.episodes["spo2_low", "icu-7"].episode, "nurse", expires)
    assert links(ended) == []


def test_without_a_key_links_open_the_ward_screen(tmp_path: Path) -> None:
    without: tuple[dict[str, Any], ...] = (
        {"link_keys": []},
        {"link_keys": [{"name": "new", "key": ""}]},
        {"external_url": ""},
    )
    for n, missing in enumerate(without):
        settings: dict[str, Any] = {"route": ROUTE, "link_keys": KEYS, "external_url": URL, **missing}
        timeline = AlertTimeline(tmp_path / str(n), ward_config(**settings))
        timeline.at(1).raises("spo2_low")
        timeline.want(immediately(1), "HIGH priority, ICU bed 7")
        timeline.run(20)
        body = timeline.notified[0].message.body
        assert links(body) == []
        assert "bed/icu-7?alert=" in body


def test_a_short_message_has_the_link_only_where_it_fits(tmp_path: Path) -> None:
    for characters, found in ((160, 0), (220, 1)):
        channel = {"name": "nurse", "urls": ["json://127.0.0.1:9"], "max_characters": characters}
        settings: dict[str, Any] = {"route": ROUTE, "link_keys": KEYS, "external_url": URL, "channels": [channel]}
        timeline = AlertTimeline(tmp_path / str(characters), ward_config(**settings))
        timeline.at(1).raises("spo2_low")
        timeline.want(immediately(1), "HIGH priority, ICU bed 7")
        timeline.run(20)
        body = timeline.notified[0].message.body
        assert len(links(body)) == found
        assert body.count("https://") == 1, "one link: that which acknowledges, else that to the screen"


def test_who_has_seen_a_message_is_recorded_and_others_are_still_notified(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(route=ROUTE))
    timeline.at(1).raises("spo2_low")
    timeline.at(2).acks("spo2_low", by="dr.bo", type_=ActionType.SEEN)
    timeline.want(immediately(1), "HIGH priority, ICU bed 7")
    timeline.want(immediately(61), "HIGH priority, ICU bed 7")
    timeline.run(65)
    alert = timeline.alerts()["spo2_low icu-7"]
    assert alert.ack is None
    assert [(done.type, done.by) for done in alert.actions] == [(ActionType.SEEN, "dr.bo")]
