"""Alerts in the API, and acknowledging them."""

import threading
from typing import Any

import pytest
from msgspec.structs import replace

import web.api.alerts
from tests.kit.log_records import log_messages
from tests.web.scene import Scene
from ward.action import Action, ActionType
from ward.alert import EXTERNAL, Ack, Alert
from ward.clock import SECOND
from ward.finding import EndReason, Kind, Severity
from ward.ports import Point, Series
from ward.topics import ACTIONS
from ward.wire import ACTION_WIRE
from web.presentation.alerts import alert_schema

ADA = {"by": "Nurse Ada", "note": "on my way"}


def actions(scene: Scene) -> list[Action]:
    return log_messages(scene.log, ACTIONS, ACTION_WIRE)


def alerted(scene: Scene) -> Alert:
    alert = scene.alert("icu-03")
    scene.tick()
    return alert


def test_the_effect_of_an_alert_without_a_place_begins_with_its_name(scene: Scene) -> None:
    alert = scene.alert("", "FridgeWarm")
    scene.send(replace(alert, id="fridge", labels={"alertname": "FridgeWarm", "severity": "high"}))
    scene.tick()
    acknowledged = scene.http.post("/api/v1/alerts/fridge/ack", json=ADA)
    assert (
        acknowledged.json()["effect"]
        == "FridgeWarm will be acknowledged by Nurse Ada; it holds once the screen shows it."
    )
    silenced = scene.http.post("/api/v1/alerts/fridge/silence", json={**ADA, "minutes": 10})
    until = "16:10:01 UTC"
    assert silenced.json()["effect"] == (
        f"FridgeWarm is silenced by Nurse Ada until {until}, unless its severity rises or it is raised again. The "
        "screens still show it."
    )
    ended = scene.http.delete(f"/api/v1/silences/{silenced.json()['id']}", json=ADA)
    assert ended.json()["effect"] == (
        "The silence of Nurse Ada has ended: its active alerts are notified again, unless acknowledged or muted "
        "otherwise."
    )


def test_an_acknowledgement_is_an_action_in_the_log_and_the_answer_has_its_effect(scene: Scene) -> None:
    alert = alerted(scene)
    answer = scene.http.post(f"/api/v1/alerts/{alert.id}/ack", json=ADA)
    assert answer.status_code == 202
    assert (
        answer.json()["effect"]
        == "ICU bed 3: hypoxia will be acknowledged by Nurse Ada; it holds once the screen shows it."
    )
    (action,) = actions(scene)
    assert (action.type, action.subject, action.by, action.note) == (
        ActionType.ACKNOWLEDGE,
        alert.id,
        "Nurse Ada",
        "on my way",
    )
    assert (action.id, action.at) == (answer.json()["id"], scene.clock.now())


def test_the_effect_of_an_action_is_read_from_the_log_of_alerts(scene: Scene) -> None:
    alert = alerted(scene)
    scene.http.post(f"/api/v1/alerts/{alert.id}/ack", json=ADA)
    assert scene.http.json(f"/api/v1/alerts/{alert.id}")["alert"]["ack"] is None
    scene.acknowledged(alert, "Nurse Ada")
    scene.tick()
    assert scene.http.json(f"/api/v1/alerts/{alert.id}")["alert"]["ack"]["by"] == "Nurse Ada"


def test_a_repeated_request_is_the_same_action_and_one_after_a_change_is_another(scene: Scene) -> None:
    alert = alerted(scene)
    path = f"/api/v1/alerts/{alert.id}/ack"
    for _ in range(2):
        scene.http.post(path, json=ADA)
        scene.clock.advance(1)
    scene.acknowledged(alert, "Nurse Ada")
    scene.tick()
    scene.http.delete(path, json=ADA)
    scene.unacknowledged(alert)
    scene.tick()
    scene.http.post(path, json=ADA)
    first, again, back, anew = actions(scene)
    assert first.id == again.id
    assert len({first.id, back.id, anew.id}) == 3
    assert back.type is ActionType.UNACKNOWLEDGE


def test_unknown_ended_and_acknowledged_alerts_have_different_errors(scene: Scene) -> None:
    assert scene.http.post("/api/v1/alerts/none/ack", json=ADA).status_code == 404
    alert = alerted(scene)
    scene.acknowledged(alert, "Nurse Bo")
    scene.tick()
    taken = scene.http.post(f"/api/v1/alerts/{alert.id}/ack", json=ADA)
    assert (taken.status_code, taken.json()["error"]) == (
        409,
        "This alert is acknowledged already, by Nurse Bo at 16:00:01 UTC.",
    )
    scene.ended(alert, EndReason.RECOVERED)
    scene.tick()
    over = scene.http.post(f"/api/v1/alerts/{alert.id}/ack", json=ADA)
    assert over.status_code == 409
    assert over.json()["error"] == "This alert is not active since 16:00:02 UTC: ended."
    assert actions(scene) == []


def test_the_refusal_of_a_lost_alert_never_says_that_it_has_ended(scene: Scene) -> None:
    scene.ended(alerted(scene), EndReason.SIGNAL_LOST)
    scene.tick()
    over = scene.http.post("/api/v1/alerts/hypoxia-icu-03/ack", json=ADA)
    assert over.json()["error"] == (
        "This alert is not active since 16:00:01 UTC: signal lost, not known whether it has ended."
    )


def test_an_unacknowledged_alert_cannot_be_unacknowledged(scene: Scene) -> None:
    alert = alerted(scene)
    answer = scene.http.delete(f"/api/v1/alerts/{alert.id}/ack", json=ADA)
    assert (answer.status_code, answer.json()["error"]) == (409, "This alert is not acknowledged: nothing was changed.")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{}", b"[]", b"null", b'"Ada"', b'{"by": ""}', b'{"by": "   "}', b'{"by": 7}', b'{"by": null}',
        b'{"note": "x"}',
        b'{"by": "a\\u0000b"}', b'{"by": "a\\u202eb"}', b'{"by": "x", "more": 1}', b'{"by": "' + b"x" * 81 + b'"}',
        b'{"by": "x", "note": "' + b"x" * 501 + b'"}', b"\xff\xfe", b"{" * 5000, b'{"by": "\xed\xa0\x80"}', b"NaN",
    ],
)  # fmt: skip
def test_an_invalid_attribution_is_refused_in_one_sentence_and_has_no_effect(quiet: Scene, body: bytes) -> None:
    alert = alerted(quiet)
    json = {"content-type": "application/json"}
    answer = quiet.http.post(f"/api/v1/alerts/{alert.id}/ack", content=body, headers=json)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert actions(quiet) == []


@pytest.mark.guarantee("Lists of alerts come in pages of a bounded size, patients first, and say how many there are.")
def test_alerts_come_in_pages_patients_before_equipment_and_ours_before_others(scene: Scene) -> None:
    scene.alert("icu-01", kind=Kind.TECHNICAL)
    scene.send(replace(scene.alert("icu-02", id_="posted"), source=EXTERNAL))
    scene.alert("hdu-01")
    scene.tick()
    pages = [scene.http.json(f"/api/v1/alerts?limit=2&offset={offset}") for offset in (0, 2, 4)]
    assert [[alert["bed"] for alert in page["alerts"]] for page in pages] == [["hdu-01", "icu-02"], ["icu-01"], []]
    assert [page["total"] for page in pages] == [3, 3, 3]
    assert scene.http.get("/api/v1/alerts?offset=-1").status_code == 400


def test_the_page_that_has_an_alert_is_found_among_active_and_ended_ones(scene: Scene) -> None:
    for n in range(7):
        scene.alert("", f"fan-{n}", device=f"x{n}", severity=Severity.LOW, ago=n)
    scene.ended(scene.alert("icu-01", id_="over"))
    scene.tick()
    page = scene.http.json("/api/v1/alerts?limit=3&alert=fan-4-x4")
    assert ([alert["device"] for alert in page["alerts"]], page["offset"]) == (["x3", "x4", "x5"], 3)
    page = scene.http.json("/api/v1/alerts?state=all&limit=3&alert=over")
    assert ([alert["id"] for alert in page["alerts"]], page["offset"]) == (["fan-6-x6", "over"], 6)
    assert scene.http.json("/api/v1/alerts?limit=3&offset=2&alert=unknown")["offset"] == 2


def test_a_page_makes_only_its_own_alerts_and_keeps_no_request_waiting(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(40):
        scene.alert("", f"fan-{n}", device=f"x{n}")
    scene.tick()
    made: list[int] = []

    def counted(*arguments: Any) -> Any:
        made.append(threading.get_ident())
        return alert_schema(*arguments)

    monkeypatch.setattr(web.api.alerts, "alert_schema", counted)
    assert len(scene.http.json("/api/v1/alerts?limit=10")["alerts"]) == 10
    assert len(made) == 10
    assert threading.get_ident() not in made, "asyncio.run has its loop here"


def test_active_alerts_are_sorted_by_priority_and_can_be_filtered(scene: Scene) -> None:
    scene.alert("icu-01", severity=Severity.LOW)
    scene.alert("hdu-01", ack="Nurse Bo")
    scene.alert("icu-02", severity=Severity.MEDIUM)
    scene.tick()

    def ids(query: str) -> list[str]:
        return [alert["bed"] for alert in scene.http.json(f"/api/v1/alerts?{query}")["alerts"]]

    assert ids("") == ["icu-02", "icu-01", "hdu-01"]
    assert ids("ward=icu") == ["icu-02", "icu-01"]
    assert ids("severity=low") == ids("bed=icu-01") == ["icu-01"]
    assert ids("acknowledged=true") == ["hdu-01"]
    assert ids("acknowledged=false&limit=1") == ["icu-02"]
    assert ids("kind=technical") == []


def test_history_has_each_alert_of_the_log_and_of_the_store_once(scene: Scene) -> None:
    alert = alerted(scene)
    scene.ended(alert)
    for id_, text in ((alert.id, "a copy"), ("older", "ICU bed 3: SpO2 85 % < 88")):
        series = Series.of("alerts", ward="icu", bed="icu-03", device="mon-icu-03", severity="high", rule="hypoxia")
        onset = scene.clock.now() / SECOND - 7200
        fields: dict[str, float | str] = {"id": id_, "summary": text, "ended": "signal lost", "onset": onset,
                                          "value": 85.0, "ack_by": "Nurse Bo", "ack_at": onset + 200}  # fmt: skip
        scene.own.write([Point(series, scene.clock.now() - (3600 if id_ == "older" else 0) * SECOND, fields)])
    scene.tick()
    found = scene.http.json("/api/v1/alerts?state=ended")["alerts"]
    assert [(a["id"], a["ended"], a["text"]) for a in found] == [
        (alert.id, "recovered", "SpO2 84 % < 88"), ("older", "signal lost", "SpO2 85 % < 88"),
    ]  # fmt: skip
    assert (found[1]["since"], found[1]["ack"]["by"], found[1]["value"]) == (
        "2025-11-24T14:00:01.000Z", "Nurse Bo", 85.0,
    )  # fmt: skip
    assert scene.http.json("/api/v1/alerts?state=ended&from=2025-11-24T15:30:00Z")["alerts"][-1]["id"] == alert.id


def test_history_says_where_the_store_has_more_alerts_than_are_read(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web.api.alerts, "MOST_STORED", 3)
    series, now = Series.of("alerts", ward="icu", bed="icu-03", severity="low", rule="hypoxia"), scene.clock.now()
    points = [Point(series, now - n * SECOND, {"id": f"x{n}", "ended": "recovered"}) for n in range(1, 6)]
    scene.own.write(points[:2])
    assert scene.http.json("/api/v1/alerts?state=ended")["store"] == ""
    scene.own.write(points)
    found = scene.http.json("/api/v1/alerts?state=ended")
    assert (found["total"], found["store"]) == (
        3, "Not all are listed: only the newest 3 changes are read. Choose one ward, or a shorter time.",
    )  # fmt: skip


def test_an_alert_has_every_field_that_explains_it(scene: Scene) -> None:
    alert = alerted(scene)
    found = scene.http.json(f"/api/v1/alerts/{alert.id}")["alert"]
    assert (found["value"], found["limit"], found["metric"], found["since"]) == (
        84,
        88,
        "spo2",
        "2025-11-24T15:59:00.000Z",
    )
    assert found["annotations"]["config"] == "3f9a51c7e0d24b68"
    assert found["fingerprint"] == alert.fingerprint


def test_the_link_of_a_notification_without_a_bed_leads_to_the_alert(quiet: Scene) -> None:
    answer = quiet.http.get("/?alert=a%0d%0ab%26c")
    assert (answer.status_code, answer.headers["location"]) == (307, "/alerts?alert=a%0D%0Ab%26c")


def test_ended_alerts_in_memory_are_limited_and_active_ones_never_evicted(scene: Scene) -> None:
    keep = scene.alert("icu-01", id_="keep")
    for i in range(700):
        scene.ended(scene.alert("icu-02", id_=f"old-{i}"))
    scene.tick()
    assert scene.model.alerts.get(keep.id) is not None
    assert len(list(scene.model.alerts)) == 501
    assert scene.model.alerts.get("old-699") is not None


def test_an_alert_that_another_person_has_is_taken_over(scene: Scene) -> None:
    alert = alerted(scene)
    path = f"/api/v1/alerts/{alert.id}/take-over"
    nobody = scene.http.post(path, json=ADA)
    assert (nobody.status_code, nobody.json()["error"]) == (
        409,
        "Nobody has acknowledged this alert: acknowledge it instead of taking it over.",
    )
    scene.acknowledged(alert, "Nurse Bo")
    scene.tick()
    answer = scene.http.post(path, json=ADA)
    assert (answer.status_code, answer.json()["effect"]) == (
        202,
        "ICU bed 3: hypoxia will be taken over by Nurse Ada; it holds once the screen shows it.",
    )
    own = scene.http.post(path, json={"by": "Nurse Bo"})
    assert (own.status_code, own.json()["error"]) == (409, "Nurse Bo has this alert already, since 16:00:01 UTC.")
    assert [(done.type, done.by) for done in actions(scene)] == [(ActionType.TAKE_OVER, "Nurse Ada")]


def test_who_had_an_alert_before_is_in_the_answer(scene: Scene) -> None:
    alert = alerted(scene)
    ack = Ack(by="Nurse Ada", at=scene.clock.now(), taken_over_from="Nurse Bo")
    scene.send(replace(alert, ack=ack))
    scene.tick()
    found = scene.http.json(f"/api/v1/alerts/{alert.id}")["alert"]["ack"]
    assert (found["by"], found["taken_over_from"]) == ("Nurse Ada", "Nurse Bo")


def test_a_latched_alert_that_was_acknowledged_before_its_signal_was_lost_is_acknowledged_again(scene: Scene) -> None:
    alert = alerted(scene)
    scene.send(replace(alert, ack=Ack(by="Nurse Bo", at=scene.clock.now()), latched=EndReason.SIGNAL_LOST))
    scene.tick()
    assert scene.http.post(f"/api/v1/alerts/{alert.id}/ack", json=ADA).status_code == 202
