"""`wardwatch demo` as a user starts it: a process, on ports and a folder of its own.

A start costs seconds of CPU, most of them for the simulated past: only the test of the past writes one.
"""

import json
import re
import select
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest

from simulators.device_client.sqlite_buffer import SqliteDeviceBuffer
from tests.app.calling import call
from tests.engines.engine import free_port
from ward.clock import SECOND, SystemClock, parse_instant

ROOT = Path(__file__).parents[2]
Ended = tuple[int, list[str], list[str]]
FirstRun = tuple[Path, str, str, str, Ended]
PATIENCE = 60.0  # for a machine under load
# The demo waits one second instead of many for what is never processed.
IMPATIENT = "import app.commands.demo as d; d.MAX_WAIT = 1.0; from app.cli import main; main()"


class Demo:
    """A running demo."""

    def __init__(self, data: Path, *flags: str, impatient: bool = False, **ports: int) -> None:
        self.http = ports.get("http", 0) or free_port()
        self.mqtt = ports.get("mqtt", 0) or free_port()
        start = ["-c", IMPATIENT] if impatient else ["-m", "app"]
        options = [f"--http-port={self.http}", f"--mqtt-port={self.mqtt}", f"--data={data}", *flags]
        self._process = subprocess.Popen(
            [sys.executable, *start, "demo", *options], cwd=ROOT, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Kill the process, also when a test fails."""
        self._process.kill()
        self._process.communicate()

    def hello(self) -> str:
        """The first line that it prints."""
        assert self._process.stdout is not None
        assert select.select([self._process.stdout], [], [], PATIENCE)[0], "it prints nothing"
        return self._process.stdout.readline().strip()

    def ask(self, path: str, body: object = None) -> Any:
        """The answer of the API."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if data else {}
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", data, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read()
            return json.loads(text) if text.startswith((b"{", b"[")) else text.decode()

    def until(self, done: Callable[[], Any]) -> Any:
        """Call `done` until it returns something."""
        clock = SystemClock()
        end = clock.monotonic() + PATIENCE
        while clock.monotonic() < end:
            try:
                if found := done():
                    return found
            except urllib.error.URLError:
                assert self._process.poll() is None, self._process.communicate()
            clock.wait(0.1)
        raise AssertionError(f"nothing within {PATIENCE:.0f} s")

    def interrupt(self) -> None:
        """Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def end(self) -> Ended:
        """Wait for the end. Returns the exit code and the lines of stdout and stderr."""
        out, err = self._process.communicate(timeout=PATIENCE)
        return self._process.returncode, out.splitlines(), err.splitlines()


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> FirstRun:
    """A demo without a past, in which an alert is mailed and acknowledged, ended by Ctrl-C.

    Its folder, its first line, the alert's id, the time of its first reading of ICU bed 1, and its end.
    """
    data = tmp_path_factory.mktemp("demo")
    with Demo(data, "--no-past") as demo:
        line = demo.hello()
        demo.until(lambda: demo.ask("/-/ready"))
        alert = {"labels": {"alertname": "DiskFull", "severity": "high"}, "annotations": {"summary": "disk full"}}
        demo.ask("/api/v2/alerts", [alert])
        id_ = demo.until(lambda: [a["id"] for a in demo.ask("/api/v1/alerts")["alerts"] if "disk full" in a["text"]])[0]
        demo.until(lambda: [m for m in demo.ask("/api/v1/mail")["mails"] if "disk full" in m["subject"]])
        demo.ask(f"/api/v1/alerts/{id_}/ack", {"by": "Nurse Ada"})
        demo.until(lambda: demo.ask(f"/api/v1/alerts/{id_}")["alert"]["ack"])
        first = demo.until(lambda: demo.ask("/api/v1/beds/icu-01/readings?last=1000")["readings"])[-1]["at"]
        assert demo.ask("/api/v1/status")["simulated_past"] is None
        demo.interrupt()
        return data, line, id_, first, demo.end()


def test_it_prints_one_line_with_the_address_and_what_will_happen(first_run: FirstRun) -> None:
    _, line, _, _, (_, out, err) = first_run
    assert line.startswith("Wardwatch: http://127.0.0.1:")
    assert "ICU bed 7 deteriorates in 12 s" in line
    assert (out, err) == ([], [])


def test_ctrl_c_ends_all_parts(first_run: FirstRun) -> None:
    _, _, _, _, (code, _, _) = first_run
    assert code == 0, "a part did not end within four seconds"


def test_a_second_start_has_the_history_alerts_and_mails_of_the_first_and_ends_with_a_balance(
    first_run: FirstRun,
) -> None:
    data, line, id_, first, _ = first_run
    assert "simulated" not in line
    with Demo(data, "--seconds=4") as demo:
        assert "simulated" not in demo.hello()
        ack = demo.until(lambda: demo.ask(f"/api/v1/alerts/{id_}")["alert"]["ack"])
        assert demo.ask("/api/v1/status")["simulated_past"] is None, "without a past at the first start there is none"
        assert ack["by"] == "Nurse Ada"
        assert any("disk full" in mail["subject"] for mail in demo.ask("/api/v1/mail")["mails"])
        stored = demo.ask("/api/v1/beds/icu-01/readings?last=1000")["readings"]
        assert stored[-1]["at"] == first, "newest first"
        code, out, err = demo.end()
    assert (code, err) == (0, [])
    counts = [line.split()[0] for line in out]
    assert [word for word in counts if word != "latency"] == [
        "readings", "bridge", "store", "findings", "alerts", "notifications"
    ]  # fmt: skip
    assert "all acknowledged" in out[0]
    assert all(" p50 " in line and " p99 " in line for line in out if line.startswith("latency"))


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("WARDWATCH_STORE_URL", "influx://127.0.0.1:8086?org=hospital&bucket=ward"),
        ("WARDWATCH_LOG_URL", "kafka://127.0.0.1:9092"),
        ("WARDWATCH_MQTT_URL", "mqtt://10.0.0.1:1883"),
    ],
)
def test_a_demo_refuses_an_engine_that_it_would_not_use(tmp_path: Path, name: str, url: str) -> None:
    found = call("demo", "--data", tmp_path / "data", **{name: url})
    assert found.exit_code == 1
    assert found.stderr == (
        f"{name}: a demo has its own broker, log and store; unset this, or use `wardwatch run` for a ward on engines\n"
    )
    assert not (tmp_path / "data").exists()


def test_a_port_in_use_is_one_line_with_the_port_and_the_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        with Demo(tmp_path / "a", http=port) as one, Demo(tmp_path / "b", mqtt=port) as other:
            ends = [one.end(), other.end()]
    for (code, out, err), variable, flag in zip(
        ends, ("WARDWATCH_HTTP_PORT", "WARDWATCH_MQTT_PORT"), ("--http-port", "--mqtt-port"), strict=True
    ):
        assert (code, out) == (1, [])
        (line,) = err
        assert all(word in line for word in (f"port {port}", variable, flag))


def test_the_first_start_writes_a_simulated_past_and_prints_it(tmp_path: Path) -> None:
    """Ended after the first pieces of it, the next start goes on. No alert of the past is active or mailed."""
    calm = tmp_path / "calm.yaml"
    calm.write_text("every: 2.5s\n")
    with Demo(tmp_path, f"--script={calm}") as demo:
        assert "a simulated past of 7 days is being written" in demo.hello()
        demo.until(lambda: demo.ask("/-/ready"))
        past = demo.until(lambda: (demo.ask("/api/v1/status")["simulated_past"] or {"written": 0})["written"] > 0
                          and demo.ask("/api/v1/status")["simulated_past"])  # fmt: skip
        assert parse_instant(past["end"]) - parse_instant(past["start"]) == 7 * 86_400 * SECOND
        day = demo.ask(f"/api/v1/beds/icu-01/readings?signal=heart_rate&from={past['start']}&every=1h")
        assert day["readings"]["at"][-1] >= past["end"][:13]
        demo.interrupt()
        assert demo.end()[::2] == (0, [])
    with Demo(tmp_path, f"--script={calm}", "--seconds=3") as demo:
        assert "a simulated past of 7 days is being written" in demo.hello()
        again = demo.until(lambda: demo.ask("/api/v1/status")["simulated_past"])
        assert (again["start"], again["end"]) == (past["start"], past["end"])
        assert [a["text"] for a in demo.ask("/api/v1/alerts")["alerts"] if a["since"] < past["end"]] == []
        subjects = " ".join(mail["subject"] for mail in demo.ask("/api/v1/mail")["mails"])
        assert not re.search("SpO2|rate|pressure|Temperature", subjects)  # all live patients are healthy
        assert demo.end()[::2] == (0, []), "it balances as without a past"


def test_counts_that_do_not_add_up_are_printed_and_exit_with_1(tmp_path: Path) -> None:
    buffer = SqliteDeviceBuffer(tmp_path / "devices.db")
    buffer.add("mon-icu-01", "b1", 1, b"a message that is never acknowledged")
    buffer.close()
    with Demo(tmp_path, "--no-past", "--seconds=1", impatient=True) as demo:
        code, _, err = demo.end()
    assert code == 1
    assert any(line.startswith("does not add up: ") and "never acknowledged" in line for line in err)
