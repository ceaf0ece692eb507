"""The imaging suite, the pipeline, health, reload, metrics and the OpenAPI document."""

from pathlib import Path

import pytest

from tests.web.scene import ReceivedMail, Scene, mixed
from ward.clock import SECOND
from ward.topics import HEARTBEATS
from ward.wire import HEARTBEAT_WIRE, Heartbeat
from web.model.now import Now


def test_partial_sums_of_the_imaging_suite_add_up_most_humid_first(scene: Scene) -> None:
    scene.imaging("CT-1", "0", 500.0, 10, "a b")
    scene.imaging("MRI-1", "0", 700.0, 10, "d")
    scene.imaging("MRI-1", "1", 100.0, 2, "c")
    scene.imaging("MRI-1", "1", 240.0, 4, "c")  # a newer sum of the same part replaces the older one
    scene.tick(3)
    found = scene.http.json("/api/v1/imaging")
    assert (found["messages"], found["sensors"], found["age"]) == (24, 4, 3)
    assert [(d["imaging_device"], round(d["humidity"], 2), d["messages"], d["names"]) for d in found["devices"]] == [
        ("MRI-1", 67.14, 14, ["c", "d"]), ("CT-1", 50.0, 10, ["a", "b"]),
    ]  # fmt: skip


def test_an_imaging_suite_without_readings_is_empty(quiet: Scene) -> None:
    assert quiet.http.json("/api/v1/imaging") == {
        "at": "2025-11-24T16:00:00.000Z", "updated": None, "age": None, "messages": 0, "sensors": 0, "devices": [],
    }  # fmt: skip


def test_each_stage_has_its_rate_lag_errors_and_delay(scene: Scene) -> None:
    mixed(scene, 0.1)
    first = scene.model.health.current(Now.of(scene.clock))[0].numbers
    scene.clock.advance(10)
    grown = {
        name: value + (30 if name == "wardwatch_bridge_readings_accepted_total" else 0) for name, value in first.items()
    }
    scene.health("bridge", numbers=grown)
    scene.settle()
    found = scene.http.json("/api/v1/pipeline")
    stages = {stage["name"]: stage for stage in found["stages"]}
    assert stages["intake"] == {
        "name": "intake", "label": "Intake", "does": "MQTT → log, then acknowledges", "rate": 3.0, "total": 48241.0,
        "lag": None, "errors": 5.0, "delay": pytest.approx(0.002, rel=0.01),
    }  # fmt: skip
    assert (stages["archive"]["lag"], stages["detectors"]["lag"], stages["deliver"]["errors"]) == (8, 0, 1)
    assert [(q["reason"], q["count"]) for q in found["quarantine"]] == [("json", 4), ("too big", 1)]
    assert found["channels"] == [
        {"channel": "mail", "delivered": 12, "failed": 1, "waiting": 0, "oldest": 0, "problem": ""}
    ]
    assert found["decisions"][0] == {"reason": "sent immediately: first alert of this bed", "count": 7}


def test_programs_that_share_a_process_are_counted_once_and_processes_are_added_up(scene: Scene) -> None:
    numbers = {"wardwatch_bridge_readings_accepted_total": 10.0}
    for program, instance in (("bridge", "host-7"), ("alerts", "host-7"), ("bridge", "host-8")):
        scene.health(program, numbers=numbers, instance=instance)
    scene.settle()
    assert scene.http.json("/api/v1/pipeline")["stages"][0]["total"] == 20


def test_without_heartbeats_the_pipeline_shows_the_metrics_of_this_process(scene: Scene) -> None:
    scene.metrics.readings_accepted.inc(7)
    scene.tick(3)
    found = scene.http.json("/api/v1/pipeline")
    assert (found["source"], found["stages"][0]["total"]) == ("this process alone", 7)


def test_quarantined_payloads_are_made_printable(scene: Scene) -> None:
    for i in range(9):
        scene.quarantined("json", b"\x00\xff<b>\xe2\x80\xae" + bytes([48 + i]) + b"x" * 5000)
    scene.tick()
    (reason,) = scene.http.json("/api/v1/pipeline")["quarantine"]
    assert (reason["count"], len(reason["examples"])) == (9, 5)
    newest = reason["examples"][0]
    assert newest["payload"].startswith("\\x00\\xff<b>\\u202e8xxx")
    assert (len(newest["payload"]), newest["bytes"]) == (401, 5009)


def test_a_missing_heartbeat_is_a_banner_with_its_effect(scene: Scene) -> None:
    scene.health("detectors")
    scene.tick(14)
    assert [b["text"] for b in scene.http.json("/api/v1/status")["banners"] if "detectors" in b["text"]] == []
    scene.tick(1)
    (banner,) = [b for b in scene.http.json("/api/v1/status")["banners"] if "detectors" in b["text"]]
    assert (banner["level"], banner["since"]) == ("bad", "2025-11-24T16:00:00.000Z")
    assert (
        banner["text"] == "No heartbeat from program detectors: readings are not checked, watch patients at the bedside"
    )
    assert scene.http.json("/api/v1/pipeline")["programs"][0]["stale"] is True


def test_a_restarted_program_replaces_its_old_instance(scene: Scene) -> None:
    scene.health("detectors")
    scene.clock.advance(700)
    old = scene.model.health
    scene.settle()
    now = scene.clock.now()
    new = Heartbeat(program="detectors", instance="detectors-2", at=now, started=now, config="")
    scene.log.send(HEARTBEATS, [("detectors-2", HEARTBEAT_WIRE.encode(new))])
    scene.settle()
    assert [status.heartbeat.instance for status in old.programs(Now.of(scene.clock))] == ["detectors-2"]
    assert old.stale(Now.of(scene.clock)) == []


def test_problems_of_programs_and_waiting_notifications_are_banners(scene: Scene) -> None:
    numbers = {
        'wardwatch_outbox_notifications{channel="mail"}': 3.0,
        'wardwatch_outbox_oldest_age_seconds{channel="mail"}': 150.0,
    }
    scene.health("alerts", problem=["the mail server hangs"], numbers=numbers)
    scene.tick()
    texts = [banner["text"] for banner in scene.http.json("/api/v1/status")["banners"]]
    assert "alerts: the mail server hangs" in texts
    assert "3 notifications wait for channel mail, the oldest for 2 min 30 s: they have not been delivered" in texts


def test_no_reading_from_any_device_is_a_banner(scene: Scene) -> None:
    scene.healthy("icu-01")
    scene.tick(9)
    assert scene.http.json("/api/v1/status")["banners"] == []
    scene.tick(2)
    (banner,) = scene.http.json("/api/v1/status")["banners"]
    assert (banner["text"], banner["since"]) == (
        "No reading has come from any device: watch patients at the bedside",
        "2025-11-24T16:00:00.000Z",
    )


def test_reload_answers_with_the_config_or_with_every_fault(scene: Scene) -> None:
    done = scene.http.post("/-/reload")
    assert (done.status_code, done.json()["hash"]) == (200, "3f9a51c7e0d24b68")
    scene.reloaded = ("a.yaml:1:2: unknown key", "b.yaml:3:4: low above high")
    refused = scene.http.post("/-/reload")
    assert refused.status_code == 400
    assert refused.json()["faults"] == list(scene.reloaded)
    assert "2 faults" in refused.json()["error"]
    object.__setattr__(scene.deps, "reload", None)
    assert scene.http.post("/-/reload").status_code == 501
    assert scene.http.get("/-/reload").status_code == 405


def test_mails_are_newest_first_and_without_a_mailbox_the_answer_is_404(scene: Scene, tmp_path: Path) -> None:
    scene.mail.mails += [
        ReceivedMail("1", SECOND, "first", "a"),
        ReceivedMail("2", 2 * SECOND, "second\u202e", "<b>b</b>"),
    ]
    mails = scene.http.json("/api/v1/mail")["mails"]
    assert [(m["id"], m["subject"], m["text"]) for m in mails] == [
        ("2", "second\\u202e", "<b>b</b>"),
        ("1", "first", "a"),
    ]
    (tmp_path / "other").mkdir()
    bare = Scene(tmp_path / "other", mail=False)
    assert bare.http.get("/mail").status_code == bare.http.get("/api/v1/mail").status_code == 404
    assert 'href="/mail"' not in bare.http.get("/").text
    bare.close()


def test_metrics_are_in_the_format_of_prometheus(quiet: Scene) -> None:
    answer = quiet.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "wardwatch_http_requests_total" in answer.text


def test_the_openapi_document_has_every_route_and_only_our_own_errors(quiet: Scene) -> None:
    schema = quiet.http.json("/openapi.json")
    assert {"/api/v1/beds/{bed}/readings", "/api/v1/alerts/{alert}/ack", "/api/v2/alerts", "/-/reload"} <= set(
        schema["paths"]
    )
    assert "HTTPValidationError" not in str(schema)
    assert schema["openapi"].startswith("3.0.")  # the newest version that our Swagger UI supports
    assert "'null'" not in str(schema)
    for path, operations in schema["paths"].items():
        for verb, operation in operations.items():
            assert operation.get("description"), (verb, path)


def test_an_error_has_the_schema_that_the_api_page_states(quiet: Scene) -> None:
    """Every route that changes something, with a body that is no JSON."""
    paths, seen = quiet.http.json("/openapi.json")["paths"], set()
    for path, methods in paths.items():
        for method in {"post", "delete"} & methods.keys():
            answer = quiet.http.request(method.upper(), path.replace("{", "").replace("}", ""), content=b"[",
                                        headers={"Content-Type": "application/json"})  # fmt: skip
            stated = methods[method]["responses"].get(str(answer.status_code))
            if stated is not None and answer.status_code >= 400:
                schema = stated["content"]["application/json"]["schema"]
                assert isinstance(answer.json(), str if schema == {"type": "string"} else dict), path
                seen.add(path)
    assert {"/api/v1/alerts", "/api/v2/alerts", "/api/v2/silences"} <= seen


def test_the_api_page_documents_every_route(quiet: Scene) -> None:
    reference = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    for path in quiet.http.json("/openapi.json")["paths"]:
        assert f"{path}`" in reference, path
