"""Links of notifications that acknowledge an alert."""

import dataclasses

import pytest
from msgspec.structs import replace

from tests.kit.log_records import log_messages
from tests.web.scene import Scene
from ward.ack_link import AckLink, signed
from ward.action import Action, ActionType
from ward.alert import Ack, Alert
from ward.clock import SECOND, ManualClock
from ward.config.alerting import LinkKey
from ward.finding import EndReason
from ward.topics import ACTIONS
from ward.wire import ACTION_WIRE
from web.api.rate_limit import MOST_KEYS, RateLimit

KEY, OLD, OTHER = "k" * 32, "o" * 32, "x" * 32
ADA = {"by": "Nurse Ada"}


@pytest.fixture
def linked(scene: Scene) -> tuple[Scene, Alert]:
    """A ward whose config has keys, and an alert in it."""
    keys = tuple(LinkKey.model_validate({"name": name, "key": key}) for name, key in (("new", KEY), ("old", OLD)))
    config = scene.live.config
    scene.live.config = dataclasses.replace(config, alerting=config.alerting.model_copy(update={"link_keys": keys}))
    alert = scene.alert("icu-03")
    scene.tick()
    return scene, alert


def token(scene: Scene, alert: Alert, key: str = KEY, *, seconds: float = 60, channel: str = "chat") -> str:
    return signed(AckLink(alert.id, channel, scene.clock.now() + round(seconds * SECOND)), key)


def actions(scene: Scene) -> list[Action]:
    return log_messages(scene.log, ACTIONS, ACTION_WIRE)


@pytest.mark.guarantee("A link in a notification acknowledges when its button is pressed, not when it is opened.")
def test_opening_a_link_changes_nothing_and_its_button_acknowledges(linked: tuple[Scene, Alert]) -> None:
    scene, alert = linked
    made = token(scene, alert)
    for _ in range(3):  # as a mail scanner and the preview of a chat do
        page = scene.http.get(f"/a/{made}")
        assert page.status_code == 200
        assert page.headers["referrer-policy"] == "no-referrer", "the address is the right to acknowledge"
        assert scene.http.request("HEAD", f"/a/{made}").status_code == 200
    assert "HIGH priority, ICU bed 3" in page.text
    assert "Nobody has acknowledged it." in page.text
    assert actions(scene) == []
    answer = scene.http.post(f"/api/v1/links/{made}/ack", json=ADA)
    assert (
        answer.json()["effect"]
        == "ICU bed 3: hypoxia will be acknowledged by Nurse Ada; it holds once the screen shows it."
    )
    (action,) = actions(scene)
    assert (action.type, action.subject, action.by) == (ActionType.ACKNOWLEDGE, alert.id, "Nurse Ada")
    assert action.note == "by the link in chat"


def test_a_link_used_again_is_harmless_and_says_who_has_the_alert(linked: tuple[Scene, Alert]) -> None:
    scene, alert = linked
    made = token(scene, alert)
    scene.acknowledged(alert, "Nurse Bo")
    scene.tick()
    again = scene.http.post(f"/api/v1/links/{made}/ack", json=ADA)
    assert (again.status_code, again.json()["error"]) == (
        409,
        "This alert is acknowledged already, by Nurse Bo at 16:00:01 UTC.",
    )
    page = scene.http.get(f"/a/{made}").text
    assert "Acknowledged by Nurse Bo at 16:00:01 UTC." in page
    assert '<form id="link-form">' not in page
    assert actions(scene) == []


def test_expired_forged_and_ended_are_said_in_words_and_show_nothing_of_the_alert(linked: tuple[Scene, Alert]) -> None:
    scene, alert = linked
    expired, forged = token(scene, alert, seconds=-1), token(scene, alert, OTHER)
    for made, status, words in (
        (expired, 410, "This link expired at 16:00:00 UTC. Acknowledge the alert on the ward screen."),
        (forged, 403, "This link is not valid. Acknowledge the alert on the ward screen."),
        ("x" * 5000, 403, "This link is not valid."),
        (token(scene, replace(alert, id="other")), 404, "There is no alert"),
    ):
        page, posted = scene.http.get(f"/a/{made}"), scene.http.post(f"/api/v1/links/{made}/ack", json=ADA)
        assert (page.status_code, posted.status_code) == (status, status)
        assert words in posted.json()["error"]
        assert "SpO2" not in page.text
        assert "hypoxia" not in page.text
    made = token(scene, alert)
    scene.ended(alert, EndReason.RECOVERED)
    scene.tick()
    assert "not active since" in scene.http.post(f"/api/v1/links/{made}/ack", json=ADA).json()["error"]
    assert actions(scene) == []


def test_a_link_of_the_previous_key_is_accepted_and_without_keys_none_is(linked: tuple[Scene, Alert]) -> None:
    scene, alert = linked
    assert scene.http.get(f"/a/{token(scene, alert, OLD)}").status_code == 200
    config = scene.live.config
    scene.live.config = dataclasses.replace(config, alerting=config.alerting.model_copy(update={"link_keys": ()}))
    assert scene.http.get(f"/a/{token(scene, alert, OLD)}").status_code == 403


def test_seen_is_recorded_and_acknowledges_nothing(linked: tuple[Scene, Alert]) -> None:
    scene, alert = linked
    answer = scene.http.post(f"/api/v1/links/{token(scene, alert)}/seen", json=ADA)
    assert answer.status_code == 202
    assert "recorded as seen by Nurse Ada, not acknowledged." in answer.json()["effect"]
    assert [action.type for action in actions(scene)] == [ActionType.SEEN]


def test_a_latched_alert_is_acknowledged_again_by_its_link(linked: tuple[Scene, Alert]) -> None:
    scene, alert = linked
    scene.send(replace(alert, ack=Ack(by="Nurse Bo", at=scene.clock.now()), latched=EndReason.SIGNAL_LOST))
    scene.tick()
    assert scene.http.post(f"/api/v1/links/{token(scene, alert)}/ack", json=ADA).status_code == 202


def test_a_link_is_opened_so_often_a_minute_and_does_not_bound_another(linked: tuple[Scene, Alert]) -> None:
    scene, alert = linked
    made, other = token(scene, alert, channel="rate", seconds=600), token(scene, alert, channel="mail")
    assert [scene.http.get(f"/a/{made}").status_code for _ in range(22)][-3:] == [200, 429, 429]
    assert scene.http.get(f"/a/{other}").status_code == 200
    scene.clock.advance(61)
    scene.tick()
    assert scene.http.get(f"/a/{made}").status_code == 200


def test_the_limit_of_requests_keeps_a_thousand_keys_at_most_and_forgets_the_oldest() -> None:
    clock = ManualClock(0)
    limit = RateLimit(clock, 1)
    assert all(limit.allows(str(n)) for n in range(3 * MOST_KEYS))
    assert len(limit._asked) == MOST_KEYS
    assert not limit.allows(str(3 * MOST_KEYS - 1))
    assert limit.allows("0"), "forgotten, though its minute is not over"
    clock.advance(60)
    assert limit.allows(str(3 * MOST_KEYS - 1))
