"""`wardwatch health`, and the sign of life that it reads."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.runtime.liveness_file import OLD, LivenessFile, liveness_problems
from tests.app.calling import call
from ward.clock import ManualClock


def sign(file: Path, clock: ManualClock, *problem: str) -> LivenessFile:
    life = LivenessFile(file, clock, ["bridge"], lambda: problem)
    life.step(0)
    return life


def test_a_program_is_well_as_long_as_it_gives_signs_and_says_of_no_problem(tmp_path: Path) -> None:
    clock, file = ManualClock(), tmp_path / "health"
    life = sign(file, clock)
    assert liveness_problems(file, clock.now()) == []
    clock.advance(OLD + 1)
    assert liveness_problems(file, clock.now()) == ["bridge: no sign of life for 21 s"]
    life.step(0)
    assert liveness_problems(file, clock.now()) == []


def test_problem_is_told_in_one_safe_line_each(tmp_path: Path) -> None:
    clock, file = ManualClock(), tmp_path / "health"
    sign(file, clock, "the log is away", "evil\x1b[31m\nline")
    first, second = liveness_problems(file, clock.now())
    assert first == "the log is away"
    assert "\n" not in second
    assert "\x1b" not in second


def test_a_sign_is_given_every_two_seconds_and_not_more_often(tmp_path: Path) -> None:
    clock, file = ManualClock(), tmp_path / "new" / "health"
    life = sign(file, clock)
    assert life.step(0) == 0
    clock.advance(2)
    assert life.step(0) == 1
    assert [path.name for path in file.parent.iterdir()] == ["health"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"programs": 1, "at": "x", "problem": []}', b"\xff"])
def test_what_is_no_sign_is_no_health(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "health").write_bytes(content)
    (told,) = liveness_problems(tmp_path / "health", 0)
    assert "no sign of life" in told


def test_the_command_exits_with_what_containers_understand(tmp_path: Path) -> None:
    file = tmp_path / "health"
    assert call("health", "--file", file).exit_code == 1
    file.write_text(json.dumps({"programs": ["web"], "at": 10**18, "problem": []}))
    assert call("health", "--file", file).output == "well\n"
    assert call("health", WARDWATCH_HEALTH=str(file)).exit_code == 0
    file.write_text(json.dumps({"programs": ["web"], "at": 10**18, "problem": ["no log"]}))
    told = call("health", "--file", file)
    assert (told.exit_code, told.stderr) == (1, "no log\n")
    assert call("health", WARDWATCH_HEALTH=None).exit_code == 2


def test_an_address_that_does_not_answer_as_it_should_is_no_health(tmp_path: Path) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/-/ready" else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    file = tmp_path / "health"
    file.write_text(json.dumps({"programs": ["web"], "at": 10**18, "problem": []}))
    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        assert call("health", "--file", file, "--url", f"{address}/-/ready").exit_code == 0
        told = call("health", "--file", file, "--url", f"{address}/other")
        assert told.exit_code == 1
        assert "503" in told.stderr
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert call("health", "--file", file, "--url", address).exit_code == 1
    assert call("health", "--file", file, "--url", "file:///etc/passwd").exit_code == 2


def test_a_program_writes_its_sign_where_the_setting_says(tmp_path: Path) -> None:
    from app.runtime.program_runner import ProgramRunner
    from app.runtime.resources import Resources
    from app.settings.settings import Settings
    from tests.app.calling import ADDRESSES, SHIPPED

    clock, file = ManualClock(), tmp_path / "health"
    house = Resources(Settings(config=SHIPPED, data=tmp_path, log_url="memory:", health=file), clock, environ=ADDRESSES)
    program = ProgramRunner(house, {"bridge": []})
    (recipe,) = [recipe for recipe in program.runner.recipes if recipe.name == "life-sign"]
    recipe.make().step(0)
    assert liveness_problems(file, clock.now()) == []
    program.runner.problem["config"] = "config: gone"
    clock.advance(2)
    recipe.make().step(0)
    assert liveness_problems(file, clock.now()) == ["config: gone"]
    house.close()
