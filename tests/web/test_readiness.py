"""`/-/ready` is 200 only while an alert about a patient would reach people, and says which program is missing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.scene import Scene

NEEDED = ("bridge", "detectors", "alerts")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A ward on which all programs are up."""
    scene = Scene(tmp_path)
    for name in (*NEEDED, "rollups"):
        scene.health(name)
    scene.tick()
    yield scene
    scene.close()


def _later(scene: Scene, silent: str) -> None:
    """Thirty seconds in which one program sends no heartbeat."""
    for _ in range(6):
        for name in (*NEEDED, "rollups"):
            if name != silent:
                scene.health(name)
        scene.healthy("icu-01")
        scene.tick(5)


def test_ready_while_all_needed_programs_are_up(scene: Scene) -> None:
    _later(scene, silent="rollups")
    answer = scene.http.get("/-/ready")
    assert (answer.status_code, answer.text) == (200, "ready\n"), "history is not needed for an alert"


@pytest.mark.guarantee(
    "`/-/ready` is false, with the reason, while a program is silent without which no alert reaches people."
)
@pytest.mark.parametrize(
    ("program", "effect"),
    [
        ("bridge", "no readings are received"), ("detectors", "readings are not checked"),
        ("alerts", "no new alert is shown or sent"),
    ],
)  # fmt: skip
def test_not_ready_while_a_needed_program_is_silent(scene: Scene, program: str, effect: str) -> None:
    _later(scene, silent=program)
    answer = scene.http.get("/-/ready")
    assert answer.status_code == 503
    assert answer.text == f"not ready: {program}: no heartbeat for 31 s, so {effect}\n"
    assert scene.http.get("/-/healthy").status_code == 200, "a load balancer goes on sending requests to the screen"
    scene.health(program)
    scene.tick()
    assert scene.http.get("/-/ready").status_code == 200


@pytest.mark.parametrize(("silent", "ready"), [("rollups", 1), ("bridge", 0), ("alerts", 0)])
def test_the_metric_for_prometheus_says_the_same(scene: Scene, silent: str, ready: int) -> None:
    """A Prometheus on another machine sees it, although it reads the metrics of `web` alone."""
    _later(scene, silent=silent)
    assert f"\nwardwatch_ready {ready}.0\n" in scene.http.get("/metrics").text


def test_not_ready_before_the_first_heartbeat_of_a_needed_program(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.health("bridge")
    scene.health("alerts")
    scene.tick()
    assert scene.http.get("/-/ready").text == "not ready: detectors: no heartbeat yet, so readings are not checked\n"
    scene.close()


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ("bridge", "intake failed: OSError: no space left"), ("detectors", "detectors failed: MemoryError: "),
        ("alerts", "alerts: has not finished a step for 75 s"), ("alerts", "senders failed: OSError: no space left"),
        ("alerts", "the log cannot be written: database or disk is full"),
    ],
)  # fmt: skip
def test_not_ready_while_a_needed_part_does_no_work(scene: Scene, program: str, problem: str) -> None:
    scene.health(program, problem=[problem])
    scene.tick()
    answer = scene.http.get("/-/ready")
    assert answer.status_code == 503
    assert f"{program}: {problem.strip()}" in answer.text


def test_ready_while_one_of_two_instances_works_and_while_only_history_fails(scene: Scene) -> None:
    scene.health("detectors", problem=["detectors failed: MemoryError"], instance="detectors-2")
    scene.health("bridge", problem=["archive: the store accepts no points: it is full"])
    scene.tick()
    assert scene.http.get("/-/ready").status_code == 200


def test_not_ready_while_one_of_two_bridges_does_not_receive_its_devices(scene: Scene) -> None:
    scene.health("bridge", role="share 1 of 2")
    scene.health("bridge", role="share 2 of 2", instance="bridge-2")
    scene.tick()
    assert scene.http.get("/-/ready").status_code == 200
    scene.health("bridge", role="share 2 of 2", instance="bridge-2", problem=["intake: no connection to the broker"])
    scene.tick()
    assert "intake: no connection to the broker" in scene.http.get("/-/ready").text
    scene.health("bridge", role="standby", instance="bridge-2", problem=["intake: no connection to the broker"])
    scene.tick()
    assert "no process has share 2 of the devices" in scene.http.get("/-/ready").text
    scene.health("bridge", role="shares 1, 2 of 2")
    scene.tick()
    assert scene.http.get("/-/ready").status_code == 200


def test_a_standby_without_a_problem_does_not_stand_for_the_active_one(scene: Scene) -> None:
    scene.health("alerts", role="active", problem=["alerts failed: OSError: no space left"])
    scene.health("alerts", role="standby", instance="alerts-2")
    scene.tick()
    assert "alerts failed" in scene.http.get("/-/ready").text
    scene.health("alerts", role="standby")
    scene.tick()
    assert "each process is a standby, none is active yet" in scene.http.get("/-/ready").text
    scene.health("alerts", role="active")
    scene.tick()
    assert scene.http.get("/-/ready").status_code == 200


def test_the_pipeline_page_shows_which_process_is_a_standby(scene: Scene) -> None:
    scene.health("alerts", role="active")
    scene.health("alerts", role="standby", instance="alerts-2")
    scene.tick()
    programs = scene.http.get("/api/v1/pipeline").json()["programs"]
    roles = {one["instance"]: one["role"] for one in programs if one["program"] == "alerts"}
    assert roles == {"alerts-1": "active", "alerts-2": "standby"}
