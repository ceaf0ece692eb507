"""`wardwatch health`, and the liveness file that it reads."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.runtime.liveness_file import OLD, LivenessFile, liveness_problems
from tests.app.calling import call
from ward.clock import ManualClock, SystemClock


def written(file: Path, clock: ManualClock, *problems: str) -> LivenessFile:
    part = LivenessFile(file, clock, ["bridge"], lambda: problems)
    part.step(0)
    return part


def test_a_program_is_healthy_while_its_file_is_fresh_and_names_no_problem(tmp_path: Path) -> None:
    clock, file = ManualClock(), tmp_path / "health"
    part = written(file, clock)
    assert liveness_problems(file, clock.now()) == []
    clock.advance(OLD + 1)
    assert liveness_problems(file, clock.now()) == ["bridge: liveness file is 21 s old"]
    part.step(0)
    assert liveness_problems(file, clock.now()) == []


def test_a_file_from_before_the_clock_was_set_back_shows_no_running_process(tmp_path: Path) -> None:
    clock, file = ManualClock(), tmp_path / "health"
    part = written(file, clock)
    clock.step(-3600)
    assert liveness_problems(file, clock.now()) == ["bridge: liveness file is from 3600 s in the future"]
    clock.advance(2)
    part.step(0)
    assert liveness_problems(file, clock.now()) == []


def test_each_problem_is_one_line_without_control_characters(tmp_path: Path) -> None:
    clock, file = ManualClock(), tmp_path / "health"
    written(file, clock, "the log is unavailable", "evil\x1b[31m\nline")
    first, second = liveness_problems(file, clock.now())
    assert first == "the log is unavailable"
    assert "\n" not in second
    assert "\x1b" not in second


def test_the_file_is_written_every_two_seconds_and_not_more_often(tmp_path: Path) -> None:
    clock, file = ManualClock(), tmp_path / "new" / "health"
    part = written(file, clock)
    assert part.step(0) == 0
    clock.advance(2)
    assert part.step(0) == 1
    assert [path.name for path in file.parent.iterdir()] == ["health"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"programs": 1, "at": "x", "problems": []}', b"\xff"])
def test_a_file_with_other_content_is_a_problem(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "health").write_bytes(content)
    (problem,) = liveness_problems(tmp_path / "health", 0)
    assert "is not a liveness file" in problem


def test_the_command_exits_with_0_or_1_as_container_health_checks_expect(tmp_path: Path) -> None:
    file = tmp_path / "health"
    assert call("health", "--file", file).exit_code == 1
    file.write_text(json.dumps({"programs": ["web"], "at": SystemClock().now(), "problems": []}))
    assert call("health", "--file", file).output == "healthy\n"
    assert call("health", WARDWATCH_HEALTH=str(file)).exit_code == 0
    file.write_text(json.dumps({"programs": ["web"], "at": SystemClock().now(), "problems": ["no log"]}))
    result = call("health", "--file", file)
    assert (result.exit_code, result.stderr) == (1, "no log\n")
    assert call("health", WARDWATCH_HEALTH=None).exit_code == 2


def test_a_url_that_does_not_answer_200_is_a_problem(tmp_path: Path) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/-/ready" else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    file = tmp_path / "health"
    file.write_text(json.dumps({"programs": ["web"], "at": SystemClock().now(), "problems": []}))
    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        assert call("health", "--file", file, "--url", f"{address}/-/ready").exit_code == 0
        result = call("health", "--file", file, "--url", f"{address}/other")
        assert result.exit_code == 1
        assert "503" in result.stderr
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert call("health", "--file", file, "--url", address).exit_code == 1
    assert call("health", "--file", file, "--url", "file:///etc/passwd").exit_code == 2


def test_a_program_writes_the_file_that_the_setting_names(tmp_path: Path) -> None:
    from app.runtime.program_runner import ProgramRunner
    from app.runtime.resources import Resources
    from app.settings.settings import Settings
    from tests.app.calling import ADDRESSES, SHIPPED

    clock, file = ManualClock(), tmp_path / "health"
    resources = Resources(
        Settings(config=SHIPPED, data=tmp_path, log_url="memory:", health=file), clock, environ=ADDRESSES
    )
    program = ProgramRunner(resources, {"bridge": []})
    (factory,) = [factory for factory in program.runner.factories if factory.name == "liveness-file"]
    factory.make().step(0)
    assert liveness_problems(file, clock.now()) == []
    program.runner.problem["config"] = "config: gone"
    clock.advance(2)
    factory.make().step(0)
    assert liveness_problems(file, clock.now()) == ["config: gone"]
    resources.close()
