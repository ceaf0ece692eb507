"""Silenced and inhibited alerts and failing channels, as the API shows them."""

from typing import Any

from msgspec.structs import replace

from tests.kit.log_records import log_messages
from tests.web.scene import Scene
from ward.action import Action, ActionType
from ward.alert import DELIVERY, ON_CALL, Alert
from ward.clock import SECOND
from ward.config.alerting import Channel, Receiver
from ward.config.on_call import Person
from ward.finding import Kind
from ward.matcher import Matcher
from ward.silence import Silence
from ward.topics import ACTIONS, HEARTBEATS
from ward.wire import ACTION_WIRE, HEARTBEAT_WIRE, Heartbeat
from web.presentation.alerts import recipients_of


def silence(scene: Scene, id_: str = "s1", matcher: str = "bed=icu-03", lasts: float = 600, alert: str = "") -> Silence:
    now = scene.clock.now()
    return Silence(
        id=id_, matchers=(Matcher.parse(matcher),), starts_at=now, ends_at=now + round(lasts * SECOND),
        by="Nurse Ada", comment="probe is off for washing", updated_at=now, alert=alert,
    )  # fmt: skip


def act(scene: Scene, type_: ActionType, subject: str, what: Silence | None = None) -> None:
    action = Action(
        id=f"{type_}-{subject}-{scene.clock.now()}", type=type_, subject=subject, by="Nurse Ada", at=scene.clock.now(),
        silence=what,
    )  # fmt: skip
    scene.log.send(ACTIONS, [(subject, ACTION_WIRE.encode(action))])


def silenced(scene: Scene) -> Alert:
    alert = scene.alert("icu-03")
    act(scene, ActionType.SILENCE, "s1", silence(scene))
    scene.send(replace(alert, reason="silenced", silenced_by=("s1",), notified_at=None))
    scene.tick()
    return alert


def shown_alert(scene: Scene, alert: str) -> Any:
    return scene.http.json(f"/api/v1/alerts/{alert}")["alert"]


def test_a_silenced_alert_has_its_silences(scene: Scene) -> None:
    shown = shown_alert(scene, silenced(scene).id)
    (by,) = shown["silences"]
    assert (by["by"], by["ends"], by["comment"], by["state"]) == (
        "Nurse Ada", "2025-11-24T16:10:00.000Z", "probe is off for washing", "active",
    )  # fmt: skip
    assert (shown["silenced_by"], shown["reason"], shown["notified_at"]) == (["s1"], "silenced", None)


def test_the_id_of_an_unknown_silence_is_listed(scene: Scene) -> None:
    alert = scene.alert("icu-03")
    scene.send(replace(alert, silenced_by=("gone",)))
    scene.tick()
    assert (shown_alert(scene, alert.id)["silenced_by"], shown_alert(scene, alert.id)["silences"]) == (["gone"], [])


def test_an_inhibited_alert_has_its_inhibitors(scene: Scene) -> None:
    other = scene.alert("icu-03", "signal_lost", "no data from mon-icu-03", kind=Kind.TECHNICAL)
    alert = scene.alert("icu-03")
    scene.send(replace(alert, inhibited_by=(other.id, "gone"), reason="no messages: inhibited by another alert"))
    scene.tick()
    assert shown_alert(scene, alert.id)["inhibitors"] == [
        {"id": other.id, "severity": "high", "bed": "icu-03", "text": "ICU bed 3: no data from mon-icu-03"}
    ]


def failing(scene: Scene) -> Alert:
    """An alert about the channel mail, which does not deliver."""
    alert = scene.alert("", "channel-problem", "", device="", id_="t1", kind=Kind.TECHNICAL)
    text = "channel mail has not delivered since 15:50:00 UTC (3 waiting)"
    return scene.send(
        replace(
            alert, source=DELIVERY, labels={"alertname": "channel-problem", "channel": "mail", "severity": "high"},
            annotations={"summary": text}, receivers=("all channels but mail",),
            starts_at=scene.clock.now() - 600 * SECOND,
        )
    )  # fmt: skip


def with_channels(scene: Scene) -> None:
    alerting = scene.live.config.alerting
    channels = tuple(Channel(name=name) for name in ("mail", "chat", "sms"))
    receivers = (Receiver(name="nurses", channels=("mail", "chat")),)
    object.__setattr__(
        scene.live.config, "alerting", alerting.model_copy(update={"channels": channels, "receivers": receivers})
    )


def test_an_alert_has_its_recipients_with_channels_and_the_channels_that_fail(scene: Scene) -> None:
    with_channels(scene)
    problem = failing(scene)
    alert = scene.alert("icu-03")
    scene.send(
        replace(
            alert,
            receivers=("nurses", "everyone"),
            notified_at=alert.updated_at,
            reason="sent immediately: HIGH priority",
        )
    )
    scene.tick()
    shown = shown_alert(scene, alert.id)
    assert shown["recipients"] == [
        {"receiver": "nurses", "channels": ["mail", "chat"]},
        {"receiver": "everyone", "channels": ["mail", "chat", "sms"]},
    ]
    assert [(t["channel"], t["since"], t["alert"]) for t in shown["problems"]] == [
        ("mail", "2025-11-24T15:50:00.000Z", problem.id)
    ]
    assert shown_alert(scene, problem.id)["recipients"] == [
        {"receiver": "all channels but mail", "channels": ["chat", "sms"]}
    ]


def test_a_channel_that_fails_is_a_banner_until_it_delivers_again(scene: Scene) -> None:
    scene.healthy("icu-01")
    problem = failing(scene)
    numbers = {
        'wardwatch_outbox_notifications{channel="mail"}': 3.0,
        'wardwatch_outbox_oldest_age_seconds{channel="mail"}': 600.0,
    }
    scene.health("alerts", numbers=numbers)
    scene.tick()
    (banner,) = scene.http.json("/api/v1/status")["banners"]  # one banner: the metrics of the outbox add no second one
    assert (banner["level"], banner["since"]) == ("bad", "2025-11-24T15:50:00.000Z")
    assert banner["text"].startswith("Notifications may not arrive: channel mail has not delivered since 15:50:00")
    scene.ended(problem)
    scene.health("alerts")
    scene.tick()
    assert scene.http.json("/api/v1/status")["banners"] == []


def test_an_alert_of_another_system_cannot_report_a_failing_channel(scene: Scene) -> None:
    scene.send(replace(failing(scene), source="external"))
    scene.tick()
    assert scene.model.alerts.delivery_problems() == {}


def test_a_new_follower_that_reads_the_actions_again_restores_no_ended_silence(scene: Scene) -> None:
    silenced(scene)
    act(scene, ActionType.EXPIRE, "s1")
    scene.tick()
    ended = scene.model.silences.get("s1")
    assert ended is not None
    assert ended.ends_at == scene.clock.now() - SECOND
    for offset, action in enumerate(actions(scene)):
        scene.model.apply(action, offset)
        assert scene.model.silences.get("s1") == ended
    assert scene.model.silences.get("s1") == ended


def actions(scene: Scene) -> list[Action]:
    return log_messages(scene.log, ACTIONS, ACTION_WIRE)


def test_expired_silences_are_limited_and_the_others_stay(scene: Scene) -> None:
    act(scene, ActionType.SILENCE, "keep", silence(scene, "keep", lasts=86_400))
    for i in range(1100):
        act(scene, ActionType.SILENCE, f"s{i}", silence(scene, f"s{i}", lasts=0))
    scene.tick()
    assert scene.model.silences.get("keep") is not None
    assert scene.model.silences.get("s0") is None
    assert len(list(scene.model.silences)) == 1001


def test_an_edit_that_programs_refused_is_one_banner_with_their_names(scene: Scene) -> None:
    scene.healthy("icu-01")
    for program in ("alerts", "detectors"):
        health = Heartbeat(
            program=program, instance="x", at=scene.clock.now(), started=0, config="c",
            reload_error="thresholds.yaml:3:1: low above high\nalerts.yaml:1:1: <b>",
        )  # fmt: skip
        scene.log.send(HEARTBEATS, [(program, HEARTBEAT_WIRE.encode(health))])
    scene.tick()
    (banner,) = scene.http.json("/api/v1/status")["banners"]
    assert banner["text"] == (
        "An edit of the config was refused; the old config stays in force in alerts, detectors: "
        "thresholds.yaml:3:1: low above high (and 1 more)"
    )
    programs = scene.http.json("/api/v1/pipeline")["programs"]
    assert {program["reload_error"] for program in programs} == {"thresholds.yaml:3:1: low above high (and 1 more)"}
    scene.live.faults = ("thresholds.yaml:3:1: low above high", "alerts.yaml:1:1: <b>")
    assert scene.http.json("/api/v1/status")["banners"] == []  # the head of the page has it already


def test_a_device_and_an_alert_of_an_unknown_ward_are_shown_for_every_ward(scene: Scene) -> None:
    scene.reading("pump-3", "theatre", flow=4.25)
    stray = scene.alert("", "flow_low", "Flow 0", device="pump-9")
    scene.send(replace(stray, id="stray", labels={**stray.labels, "ward": "theatre"}))
    scene.tick()
    for ward in ("icu", "hdu"):
        board = scene.http.json(f"/api/v1/board?ward={ward}")
        assert [(tile["id"], tile["ward"]) for tile in board["unassigned"]] == [("pump-3", "theatre")]
        assert "stray" in [alert["id"] for alert in board["others"]]


def test_a_schedule_by_which_nobody_is_on_call_is_a_banner(scene: Scene) -> None:
    alert = scene.alert("", "nobody-on-call", "", device="", id_="o1", kind=Kind.TECHNICAL)
    text = "Nobody is on call by schedule physicians: messages to on_call go to sms"
    labels = {"alertname": "nobody-on-call", "schedule": "physicians", "severity": "medium"}
    scene.send(replace(alert, source=ON_CALL, labels=labels, annotations={"summary": text}))
    scene.tick()
    assert {"level": "bad", "text": text} in [
        {"level": banner["level"], "text": banner["text"]} for banner in scene.http.json("/api/v1/status")["banners"]
    ]


def test_a_person_on_call_has_the_channels_of_this_person(scene: Scene) -> None:
    alerting = scene.live.config.alerting
    changed = alerting.model_copy(
        update={
            "people": (Person(name="ada", channels=("sms",)),),
            "receivers": (Receiver(name="on_call", channels=("mail",), schedule="physicians"),),
        }
    )

    found = recipients_of(changed, ["on_call (ada)", "on_call"])

    assert found == [
        {"receiver": "on_call (ada)", "channels": ["sms"]}, {"receiver": "on_call", "channels": ["mail"]}
    ]  # fmt: skip
