"""Silences and alerts that other systems post: durable before the answer."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from tests.kit.log_records import log_records
from tests.web.scene import Scene
from tests.web.test_alerts import actions
from ward.action import ActionType
from ward.adapters.memory.log import MemoryLog
from ward.alert import Alert
from ward.clock import SECOND, format_instant
from ward.finding import EndReason, Finding, Severity, Transition
from ward.silence import Silence, SilenceState
from ward.topics import FINDINGS
from ward.wire import FINDING_WIRE

ADA = {"by": "Nurse Ada", "note": "probe is off for washing"}
HOSTILE = "<script>alert(1)</script>\"'../\u202e"


def findings(scene: Scene) -> list[tuple[str, Finding]]:
    return [(key, FINDING_WIRE.decode(value)) for key, value in log_records(scene.log, FINDINGS)]


def body(scene: Scene, minutes: float = 10, **more: Any) -> dict[str, Any]:
    now = scene.clock.now()
    silence = {
        "matchers": [{"name": "bed", "value": "icu-03", "isRegex": False}], "startsAt": format_instant(now),
        "endsAt": format_instant(now + round(minutes * 60 * SECOND)), "createdBy": "Nurse Ada", "comment": "washing",
    }  # fmt: skip
    return {**silence, **more}


def post(scene: Scene, silence: dict[str, Any]) -> str:
    answer = scene.http.post("/api/v2/silences", json=silence)
    assert answer.status_code == 200, answer.text
    id_: str = answer.json()["silenceID"]
    return id_


def alerted(scene: Scene, severity: Severity = Severity.HIGH) -> Alert:
    alert = scene.alert("icu-03", severity=severity)
    scene.tick()
    return alert


def known(scene: Scene, id_: str) -> Silence:
    found = scene.model.silences.get(id_)
    assert found is not None
    return found


class Forgetful(MemoryLog):
    """A log that never confirms a record."""

    class _Never:
        def acked(self, wait: float) -> bool:
            return False

    def send(self, topic: str, records: Any) -> Any:
        super().send(topic, records)
        return self._Never()


# Other systems' alerts


def test_posted_alerts_are_findings_in_the_log_with_their_fingerprints_as_keys(scene: Scene) -> None:
    alerts = [
        {"labels": {"alertname": "DiskFull", "severity": "critical", "ward": "icu"}, "annotations": {"summary": "97 %"},
         "generatorURL": "http://prometheus/graph"},
        {"labels": {"alertname": "Over"}, "startsAt": "2025-11-24T15:00:00Z", "endsAt": "2025-11-24T15:30:00Z"},
    ]  # fmt: skip
    answer = scene.http.post("/api/v2/alerts", json=alerts)
    assert (answer.status_code, answer.content) == (200, b"")
    found = {finding.rule: (key, finding) for key, finding in findings(scene)}
    key, disk = found["DiskFull"]
    assert (disk.transition, disk.severity, disk.text, disk.ward, disk.detector) == (
        Transition.RAISED, Severity.HIGH, "97 %", "icu", "external",
    )  # fmt: skip
    assert disk.until == scene.clock.now() + 300 * SECOND
    assert (found["Over"][1].transition, found["Over"][1].ended) == (Transition.CLEARED, EndReason.RECOVERED)
    assert key != found["Over"][0]


def test_valid_alerts_beside_invalid_ones_are_accepted_and_the_answer_names_the_others(scene: Scene) -> None:
    answer = scene.http.post("/api/v2/alerts", json=[{"labels": {"alertname": "x"}}, {"labels": {}}])
    assert (answer.status_code, answer.json()) == (
        400, "1 alerts accepted, 1 refused: alert 1: at least one label is needed.",
    )  # fmt: skip
    assert [finding.rule for _, finding in findings(scene)] == ["x"]


def test_an_answer_names_ten_refused_alerts_and_how_many_more_there_are(scene: Scene) -> None:
    answer = scene.http.post("/api/v2/alerts", json=[{"labels": {}}] * 12)
    assert answer.status_code == 400
    assert answer.json().startswith("0 alerts accepted, 12 refused: alert 0:")
    assert answer.json().endswith("alert 9: at least one label is needed; and 2 more.")


def test_a_thousand_alerts_are_accepted_and_too_many_bytes_are_refused(scene: Scene) -> None:
    alerts = [{"labels": {"alertname": f"a{i}"}, "annotations": {"summary": "x" * 500}} for i in range(400)]
    assert scene.http.post("/api/v2/alerts", json=alerts).status_code == 200
    assert len(findings(scene)) == 400
    big = [{"labels": {"alertname": "a"}, "annotations": {"summary": "x" * (1 << 20)}}]
    answer = scene.http.post("/api/v2/alerts", json=big)
    assert (answer.status_code, answer.json()) == (413, "That is more than 1024 KiB: send less.")


def test_a_change_that_the_log_does_not_confirm_is_a_503_with_one_sentence(scene: Scene) -> None:
    alert = alerted(scene)
    object.__setattr__(scene.deps, "log", Forgetful())
    silence = body(scene)
    for path, sent in (
        ("/api/v2/alerts", [{"labels": {"alertname": "x"}}]), ("/api/v2/silences", silence),
        (f"/api/v1/alerts/{alert.id}/silence", ADA),
    ):  # fmt: skip
        answer = scene.http.post(path, json=sent)
        assert answer.status_code == 503, path
        assert "does not answer (not confirmed within 5 s)" in answer.text
    assert list(scene.model.silences) == []  # an unconfirmed silence is not shown


# Silences, as Alertmanager has them


def test_a_posted_silence_is_an_action_and_is_listed_at_once(scene: Scene) -> None:
    id_ = post(scene, body(scene))
    (action,) = actions(scene)
    assert (action.type, action.subject, action.by, action.note) == (ActionType.SILENCE, id_, "Nurse Ada", "washing")
    (listed,) = scene.http.json("/api/v2/silences")
    assert (listed["id"], listed["status"], listed["comment"]) == (id_, {"state": "active"}, "washing")
    assert scene.http.json(f"/api/v2/silence/{id_}") == listed
    scene.tick()  # the same silence is read from the log
    assert scene.http.json("/api/v2/silences") == [listed]
    assert scene.http.json('/api/v2/silences?filter=bed="icu-03"') == [listed]
    assert scene.http.json('/api/v2/silences?filter=bed="icu-04"') == []
    assert scene.http.get("/api/v2/silences?filter=bed").status_code == 400


def test_a_repeated_request_is_the_same_silence_until_that_one_expires(scene: Scene) -> None:
    asked = body(scene)
    first = post(scene, asked)
    scene.tick()
    assert post(scene, asked) == first
    assert len({action.id for action in actions(scene)}) == 1
    scene.http.delete(f"/api/v2/silence/{first}")
    assert post(scene, asked) != first


def test_a_silence_is_replaced_by_its_id_and_set_back(scene: Scene) -> None:
    id_ = post(scene, body(scene))
    short, long = body(scene, 5, id=id_), body(scene, 20, id=id_)
    for asked in (long, short, long):
        scene.tick()
        assert post(scene, asked) == id_
        assert format_instant(known(scene, id_).ends_at) == asked["endsAt"]
    assert len({action.id for action in actions(scene)}) == 4  # the last is another action than the second


def test_an_unknown_silence_is_neither_replaced_nor_shown_nor_ended(scene: Scene) -> None:
    assert scene.http.post("/api/v2/silences", json=body(scene, id="gone")).status_code == 404
    for answer in (scene.http.get("/api/v2/silence/gone"), scene.http.delete("/api/v2/silence/gone")):
        assert answer.status_code == 404
        assert answer.json() == "There is no silence 'gone': GET /api/v2/silences lists them."
    assert actions(scene) == []


@pytest.mark.parametrize(
    "wrong",
    [{"matchers": []}, {"createdBy": ""}, {"comment": " "}, {"endsAt": "2020-01-01T00:00:00Z"}, {"id": "../x"},
     {"alert": HOSTILE}, {"matchers": [{"name": "a", "value": "(?=x)", "isRegex": True}]}, {"startsAt": 7}],
)  # fmt: skip
def test_an_invalid_silence_is_refused_in_one_sentence(quiet: Scene, wrong: dict[str, Any]) -> None:
    answer = quiet.http.post("/api/v2/silences", json=body(quiet, **wrong))
    assert answer.status_code == 400
    assert answer.json().startswith("The body is refused: ")
    assert actions(quiet) == []


def test_ending_a_silence_is_one_action_that_names_its_author(scene: Scene) -> None:
    ids = [post(scene, body(scene)), post(scene, body(scene, 11))]
    scene.tick()
    assert scene.http.delete(f"/api/v2/silence/{ids[0]}").status_code == 200
    assert scene.http.request("DELETE", f"/api/v2/silence/{ids[1]}", json={"by": "Nurse Bo"}).status_code == 200
    assert scene.http.delete(f"/api/v2/silence/{ids[0]}").status_code == 200  # expired already: no action
    ended = [action for action in actions(scene) if action.type is ActionType.EXPIRE]
    assert [(action.subject, action.by) for action in ended] == [(ids[0], "unnamed API client"), (ids[1], "Nurse Bo")]
    assert [known(scene, id_).state(scene.clock.now()) for id_ in ids] == [SilenceState.EXPIRED] * 2


def test_the_number_of_unexpired_silences_is_limited(scene: Scene) -> None:
    post(scene, body(scene))
    (action,) = actions(scene)
    assert action.silence is not None
    for i in range(999):
        silence = replace(action.silence, id=f"s{i}")
        scene.model.silences.apply_written(replace(action, subject=silence.id, silence=silence))
    answer = scene.http.post("/api/v2/silences", json=body(scene, 11))
    assert (answer.status_code, answer.json()) == (409, "There are 1000 silences already: end some of them first.")
    post(scene, body(scene, 30, id=action.subject))  # an unexpired silence may be changed


# Silences, from the screen


def test_a_silence_from_the_screen_ends_with_its_alert_and_does_not_hold_for_a_higher_severity(scene: Scene) -> None:
    alert = alerted(scene, Severity.MEDIUM)
    answer = scene.http.post(f"/api/v1/alerts/{alert.id}/silence", json={**ADA, "minutes": 10})
    assert answer.status_code == 202
    assert answer.json()["effect"] == (
        "ICU bed 3: hypoxia is silenced by Nurse Ada until 16:10:01 UTC, unless its severity rises or it is raised "
        "again. The screens still show it."
    )
    silence = known(scene, answer.json()["id"])
    assert (silence.alert, silence.by, silence.comment) == (alert.id, "Nurse Ada", "probe is off for washing")
    assert silence.mutes(alert.labels)
    assert silence.mutes({**alert.labels, "severity": "low"})
    assert not silence.mutes({**alert.labels, "severity": "high"})
    assert not silence.mutes({**alert.labels, "bed": "icu-04"})


def test_an_alert_is_silenced_again_only_after_its_silence_has_expired(scene: Scene) -> None:
    alert = alerted(scene)
    path = f"/api/v1/alerts/{alert.id}/silence"
    first = scene.http.post(path, json=ADA).json()["id"]
    again = scene.http.post(path, json=ADA)
    assert (again.status_code, again.json()["error"]) == (
        409, "This alert is silenced already, by Nurse Ada until 16:10:01 UTC: end that silence first.",
    )  # fmt: skip
    ended = scene.http.delete(f"/api/v1/silences/{first}", json={"by": "Nurse Bo"})
    assert ended.status_code == 202
    assert ended.json()["silence"]["state"] == "expired"
    scene.tick()
    assert scene.http.post(path, json=ADA).json()["id"] != first
    assert len({action.id for action in actions(scene)}) == 3
    assert [s["state"] for s in scene.http.json("/api/v1/silences")["silences"]] == ["active", "expired"]


@pytest.mark.parametrize(
    "wrong",
    [{"note": ""}, {"note": "  "}, {"by": " "}, {"minutes": 0}, {"minutes": 721}, {"minutes": "10"}, {"minutes": 1.5},
     {"more": 1}],
)  # fmt: skip
def test_a_silence_from_the_screen_needs_a_name_a_reason_and_a_valid_time(quiet: Scene, wrong: dict[str, Any]) -> None:
    alert = alerted(quiet)
    answer = quiet.http.post(f"/api/v1/alerts/{alert.id}/silence", json={**ADA, **wrong})
    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert actions(quiet) == []


def test_an_ended_or_unknown_alert_is_not_silenced(scene: Scene) -> None:
    assert scene.http.post("/api/v1/alerts/none/silence", json=ADA).status_code == 404
    scene.ended(alerted(scene))
    scene.tick()
    assert scene.http.post("/api/v1/alerts/hypoxia-icu-03/silence", json=ADA).status_code == 409


def test_hostile_text_in_silences_and_posted_alerts_is_escaped_in_every_answer(scene: Scene) -> None:
    post(scene, body(scene, comment=HOSTILE, createdBy=HOSTILE, matchers=[
        {"name": "bed", "value": HOSTILE, "isRegex": False}]))  # fmt: skip
    scene.http.post("/api/v2/alerts", json=[{"labels": {"a": HOSTILE}, "annotations": {"summary": HOSTILE}}])
    alert = scene.alert("icu-03")
    (silence,) = scene.model.silences
    scene.send(
        replace(
            alert, labels={**alert.labels, "a": HOSTILE}, annotations={"summary": HOSTILE}, reason=HOSTILE,
            receivers=(HOSTILE,), silenced_by=(silence.id,), inhibited_by=(alert.id,),
        )
    )  # fmt: skip
    scene.tick()
    ((_, finding),) = findings(scene)
    assert "\u202e" not in json.dumps([finding.labels, finding.annotations, finding.text], ensure_ascii=False)
    for path in ("1/silences", "1/board", "2/silences", f"2/silence/{silence.id}", "2/alerts", "2/alerts/groups"):
        answer = scene.http.get(f"/api/v{path}")
        assert answer.status_code == 200, path
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
    shown = scene.http.json("/api/v1/alerts/hypoxia-icu-03")["alert"]
    found = [shown["reason"], shown["recipients"], shown["silences"], shown["inhibitors"], shown["text"]]
    assert "\u202e" not in json.dumps(found, ensure_ascii=False)
    for page in ("/", "/bed/icu-03", "/alerts"):
        assert "alert(1)" not in scene.http.get(page).text
