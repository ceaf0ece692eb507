"""Outages of the log and the store: banners, errors, and the age of the data."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from tests.web.scene import NoStore, Scene
from ward.adapters.sqlite.store import SqliteStore
from ward.errors import LogUnavailable, QueryRefused, StoreUnavailable
from ward.ports import Curve, Partition, Store
from web.model.log_follower import LogFollower
from web.model.read_model import ReadModel
from web.model.store_warmup import StoreWarmup


@pytest.fixture
def storeless(tmp_path: Path) -> Iterator[Scene]:
    """A hospital whose store does not answer."""
    made = Scene(tmp_path, store=cast("Store", NoStore(StoreUnavailable("connection refused"))))
    yield made
    made.close()


def test_without_the_store_live_values_go_on_and_every_page_says_what_is_missing(storeless: Scene) -> None:
    storeless.healthy("icu-01")
    storeless.alert("icu-03")
    storeless.tick()
    board = storeless.http.json("/api/v1/board")
    assert [tile["id"] for tile in board["beds"] if tile["priority"] in ("high", "no alert")] == ["icu-03", "icu-01"]
    (banner,) = board["status"]["banners"]
    assert (banner["level"], banner["since"]) == ("warn", "2025-11-24T16:00:00.000Z")
    assert banner["text"] == (
        "The store does not answer: no curves and no history; live values and alerts go on (connection refused)"
    )
    for name in ("bridge", "detectors", "alerts"):
        storeless.health(name)
    storeless.tick()
    assert storeless.http.get("/-/ready").status_code == 200


def test_history_without_the_store_is_a_503_with_one_sentence(storeless: Scene) -> None:
    answer = storeless.http.get("/api/v1/beds/icu-01/readings?signal=spo2")
    assert (answer.status_code, list(answer.json())) == (503, ["error"])
    assert answer.json()["error"] == (
        "There are no curves and no history now: the store does not answer (connection refused). "
        "Live values and alerts go on. Try again."
    )


def test_without_the_store_only_ended_alerts_of_the_log_are_listed(storeless: Scene) -> None:
    storeless.ended(storeless.alert("icu-03"))
    storeless.tick()
    found = storeless.http.json("/api/v1/alerts?state=ended")
    assert [alert["id"] for alert in found["alerts"]] == ["hypoxia-icu-03"]
    assert "store does not answer" in found["store"]


def test_the_warmup_reads_the_store_when_it_answers_again(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    away = NoStore(StoreUnavailable("down"))
    model = ReadModel(scene.live, scene.clock)
    warmup = StoreWarmup(cast("Store", away), model, scene.clock)
    warmup.step(0)
    assert (model.warmed_up, "store" in model.problems) == (True, True)
    scene.healthy("icu-01", heart_rate=77)
    warmup._store = scene.own
    assert warmup.step(0) == 0  # not before the retry interval
    scene.clock.advance(5)
    assert warmup.step(0) == 1
    held = model.values.get("mon-icu-01")
    assert held is not None
    assert held.values["heart_rate"].value == 77
    assert model.problems == {}
    warmup.close()
    scene.close()


def test_after_a_restart_the_time_of_the_last_value_comes_from_the_store(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.healthy("icu-01", ago=3 * 3600)
    scene.healthy("icu-02", ago=600)
    fresh = ReadModel(scene.live, scene.clock)  # the tail of the log has no value of either
    StoreWarmup(scene.own, fresh, scene.clock).step(0)
    held = [fresh.values.get(f"mon-{bed}") for bed in ("icu-01", "icu-02")]
    assert [h.values["heart_rate"].at for h in held if h] == [
        scene.clock.now() - seconds * 1_000_000 for seconds in (3 * 3600, 600)
    ]
    scene.close()


def test_a_store_that_hangs_is_a_503_for_history_and_does_not_delay_the_board(tmp_path: Path) -> None:
    free = threading.Event()

    class Hangs(SqliteStore):
        def query_range(self, *_: object, **__: object) -> Curve:
            free.wait()
            raise StoreUnavailable("too late")

    store = Hangs(tmp_path / "slow.db")
    scene = Scene(tmp_path, store=store, timeout=0.05)
    try:
        for _ in range(6):  # more calls than threads
            answer = scene.http.get("/api/v1/beds/icu-01/readings?signal=spo2")
            assert (answer.status_code, "no answer in 0.05 s" in answer.json()["error"]) == (503, True)
        assert scene.http.get("/api/v1/board").status_code == 200
        assert "store" in scene.model.problems
    finally:
        free.set()
        scene.close()
        store.close()


def test_an_internal_error_is_a_500_with_one_sentence_without_a_traceback(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    object.__setattr__(scene.deps.board, "all", None)
    answer = scene.http.get("/api/v1/board")
    assert (answer.status_code, list(answer.json())) == (500, ["error"])
    assert "Traceback" not in answer.text
    scene.close()


def test_a_query_that_the_store_refuses_is_a_400(tmp_path: Path) -> None:
    scene = Scene(tmp_path, store=cast("Store", NoStore(QueryRefused("more than 20000 rows: ask for less"))))
    answer = scene.http.get("/api/v1/beds/icu-01/readings?signal=spo2")
    assert (answer.status_code, answer.json()["error"]) == (400, "more than 20000 rows: ask for less.")
    scene.close()


class FailingLog:
    """A log whose consumers raise and whose receipts are never acknowledged."""

    def follow(self, *_: object) -> "FailingLog":
        return self

    def send(self, *_: object) -> "FailingLog":
        return self

    def poll(self, *_: object) -> None:
        raise LogUnavailable("no broker answers")

    def partition(self, topic: str, _: str) -> Partition:
        return Partition(topic, 0)

    def acked(self, _: float) -> bool:
        return False

    def close(self) -> None: ...


def test_a_log_that_does_not_answer_is_a_banner_and_the_age_of_the_data_grows(scene: Scene) -> None:
    scene.healthy("icu-01")
    scene.tick()
    follower = LogFollower(cast("Any", FailingLog()), scene.model, scene.clock, scene.metrics)
    for _ in range(12):
        scene.clock.advance(1)
        with pytest.raises(LogUnavailable):
            follower.step(0)
    status = scene.http.json("/api/v1/status")
    assert status["age"] == 12
    assert status["banners"][0]["text"].startswith(
        "The log does not answer: values and alerts on this screen are old, watch patients"
    )
    assert status["banners"][0]["since"] == "2025-11-24T16:00:02.000Z"
    assert scene.http.json("/api/v1/beds/icu-01")["bed"]["values"][0]["age"] == 13
    assert scene.http.get("/-/ready").status_code == 503
    scene.settle()  # the log answers again
    status = scene.http.json("/api/v1/status")
    assert status["age"] == 0
    assert not any("log" in banner["text"] for banner in status["banners"])


def test_a_log_that_reports_a_problem_without_raising_is_a_banner(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene.log, "problem", lambda: "no broker answers", raising=False)
    scene.tick(12)
    status = scene.http.json("/api/v1/status")
    assert (status["age"], "no broker answers" in status["banners"][0]["text"]) == (12, True)
    monkeypatch.setattr(scene.log, "problem", str, raising=False)
    scene.tick(1)
    assert scene.http.json("/api/v1/status")["age"] == 0


def test_the_age_of_the_data_grows_while_the_follower_hangs(scene: Scene) -> None:
    scene.clock.advance(11)
    assert scene.http.json("/api/v1/board")["status"]["age"] == 11


def test_an_action_that_the_log_does_not_confirm_is_refused_as_not_known_to_be_saved(scene: Scene) -> None:
    alert = scene.alert("icu-03")
    scene.tick()
    object.__setattr__(scene.deps, "log", FailingLog())
    answer = scene.http.post(f"/api/v1/alerts/{alert.id}/ack", json={"by": "Nurse Ada"})
    assert answer.status_code == 503
    assert answer.json()["error"].startswith("It is not known whether this was saved: the log does not answer (")


def test_a_new_follower_that_reads_the_log_again_changes_nothing(scene: Scene) -> None:
    scene.healthy("icu-01")
    scene.alert("icu-03")
    scene.acknowledged(scene.alert("icu-04"), "Nurse Ada")
    scene.imaging("MRI-1", "0", 700.0, 10, "d")
    scene.tick()
    before = {path: scene.http.json(f"/api/v1/{path}") for path in ("board", "imaging", "alerts")}
    again = LogFollower(scene.log, scene.model, scene.clock, scene.metrics)
    while again.step(0, limit=1):  # at no step does an older state of an alert appear
        scene.deps.board.invalidate()
        assert {path: scene.http.json(f"/api/v1/{path}") for path in before} == before
    again.close()


def test_not_ready_until_the_log_has_been_read_and_the_store_queried(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    for name in ("bridge", "detectors", "alerts"):
        scene.health(name)
    scene.model.caught_up = scene.model.warmed_up = False
    for _ in range(40):
        scene.healthy("icu-01")
    assert scene.http.get("/-/ready").status_code == 503
    scene.follower.step(0, limit=10)
    assert scene.http.get("/-/ready").status_code == 503
    scene.settle()
    scene.warmup._filled = False
    scene.warmup.step(0)
    assert scene.http.get("/-/ready").text == "ready\n"
    assert scene.http.get("/-/healthy").status_code == 200
    scene.close()


def test_an_unreadable_record_is_counted_and_skipped(scene: Scene) -> None:
    scene.log.send("ward.alerts", [("x", b"not json"), ("y", b'{"v": 99}')])
    scene.alert("icu-03")
    scene.tick()
    assert scene.metrics.samples()['wardwatch_web_records_unreadable_total{topic="ward.alerts"}'] == 2
    assert scene.http.json("/api/v1/status")["counts"]["high"] == 1
