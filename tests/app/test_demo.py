"""`wardwatch demo` as people start it: a process of its own, on ports and a folder of its own."""

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
from tests.engines.engine import free_port
from ward.clock import SECOND, SystemClock, format_instant, parse_instant

ROOT = Path(__file__).parents[2]
Ended = tuple[int, list[str], list[str]]
Lived = tuple[Path, str, str, Ended]
PATIENCE = 60.0  # for a machine that has much else to do
# One who does not settle is given up at once: these wards are small.
HASTY = "import app.commands.demo as d; d.SETTLE = 1; from app.cli import main; main()"


class Demo:
    """A demo under way."""

    def __init__(self, data: Path, *flags: str, hasty: bool = False, **ports: int) -> None:
        self.http = ports.get("http", 0) or free_port()
        self.mqtt = ports.get("mqtt", 0) or free_port()
        start = ["-c", HASTY] if hasty else ["-m", "app"]
        given = [f"--http-port={self.http}", f"--mqtt-port={self.mqtt}", f"--data={data}", *flags]
        self._process = subprocess.Popen(
            [sys.executable, *start, "demo", *given], cwd=ROOT, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing stays behind when a test fails."""
        self._process.kill()
        self._process.communicate()

    def hello(self) -> str:
        """The first line it says."""
        assert self._process.stdout is not None
        assert select.select([self._process.stdout], [], [], PATIENCE)[0], "it says nothing"
        return self._process.stdout.readline().strip()

    def ask(self, path: str, body: object = None) -> Any:
        """What the API answers."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if data else {}
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", data, headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read()
            return json.loads(text) if text.startswith((b"{", b"[")) else text.decode()

    def until(self, done: Callable[[], Any]) -> Any:
        """Ask until there is something. It is a real program: it takes the time it takes."""
        clock = SystemClock()
        end = clock.monotonic() + PATIENCE
        while clock.monotonic() < end:
            try:
                if found := done():
                    return found
            except urllib.error.URLError:
                assert self._process.poll() is None, self._process.communicate()
            clock.wait(0.1)
        raise AssertionError("waited in vain")

    def interrupt(self) -> None:
        """Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    def end(self) -> Ended:
        """How it ended: exit code, and the lines it said on both sides."""
        out, err = self._process.communicate(timeout=PATIENCE)
        return self._process.returncode, out.splitlines(), err.splitlines()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """A demo in which an alert came, was mailed and was taken, ended by Ctrl-C: its folder, what it said first, the
    alert's id, and how it ended."""
    data = tmp_path_factory.mktemp("demo")
    with Demo(data) as demo:
        said = demo.hello()
        demo.until(lambda: demo.ask("/-/ready"))
        alert = {"labels": {"alertname": "DiskFull", "severity": "high"}, "annotations": {"summary": "disk full"}}
        demo.ask("/api/v2/alerts", [alert])
        id_ = demo.until(lambda: [a["id"] for a in demo.ask("/api/v1/alerts")["alerts"] if "disk full" in a["text"]])[0]
        demo.until(lambda: [m for m in demo.ask("/api/v1/mail")["mails"] if "disk full" in m["subject"]])
        demo.ask(f"/api/v1/alerts/{id_}/ack", {"by": "Nurse Ada"})
        demo.until(lambda: demo.ask(f"/api/v1/alerts/{id_}")["alert"]["ack"])
        demo.until(lambda: demo.ask("/api/v1/beds/icu-01/readings?last=3")["readings"])
        demo.interrupt()
        return data, said, id_, demo.end()


def test_it_says_in_one_line_where_to_look_and_what_will_happen(lived: Lived) -> None:
    _, said, _, (_, out, err) = lived
    assert said.startswith("Wardwatch: http://127.0.0.1:")
    assert "ICU bed 7 deteriorates in 12 s" in said
    assert (out, err) == ([], [])


def test_ctrl_c_ends_it_whole(lived: Lived) -> None:
    _, _, _, (code, _, _) = lived
    assert code == 0, "a part did not end within four seconds"


def test_a_second_start_has_history_alerts_and_mails_as_they_were_and_ends_by_itself_with_a_balance(
    lived: Lived,
) -> None:
    data, _, id_, _ = lived
    began = format_instant(SystemClock().now() // SECOND * SECOND)
    with Demo(data, "--seconds=4") as demo:
        demo.hello()
        ack = demo.until(lambda: demo.ask(f"/api/v1/alerts/{id_}")["alert"]["ack"])
        assert ack["by"] == "Nurse Ada"
        assert any("disk full" in mail["subject"] for mail in demo.ask("/api/v1/mail")["mails"])
        stored = demo.ask("/api/v1/beds/icu-01/readings?last=1000")["readings"]
        assert stored[-1]["at"] < began
        code, out, err = demo.end()
    assert (code, err) == (0, [])
    told = [line.split()[0] for line in out]
    assert [word for word in told if word != "latency"] == [
        "readings", "bridge", "store", "findings", "alerts", "notifications"
    ]  # fmt: skip
    assert "all acknowledged" in out[0]
    assert all(" p50 " in line and " p99 " in line for line in out if line.startswith("latency"))


def test_a_taken_port_is_one_line_that_names_it_and_the_setting(tmp_path: Path) -> None:
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


def test_the_first_start_writes_a_simulated_past_and_says_so(tmp_path: Path) -> None:
    """Ended after the first pieces of it, the next start goes on. Nothing of it is an active alert, or mailed."""
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
        assert not re.search("SpO2|rate|pressure|Temperature", subjects)  # live, all patients are well
        assert demo.end()[::2] == (0, []), "it balances as without a past"


def test_without_a_past_there_is_none_then_or_later(tmp_path: Path) -> None:
    with Demo(tmp_path, "--no-past", "--seconds=3") as demo:
        assert "simulated" not in demo.hello()
        demo.until(lambda: demo.ask("/api/v1/beds/icu-01/readings?last=1")["readings"])
        assert demo.ask("/api/v1/status")["simulated_past"] is None
        assert demo.end()[0] == 0
    with Demo(tmp_path, "--seconds=1") as demo:
        assert "simulated" not in demo.hello()
        assert demo.end()[0] == 0


def test_counts_that_do_not_add_up_are_printed_and_exit_with_1(tmp_path: Path) -> None:
    kept = SqliteDeviceBuffer(tmp_path / "devices.db")
    kept.add("mon-icu-01", "b1", 1, b"of a device gone mad: nobody can thank for it")
    kept.close()
    with Demo(tmp_path, "--seconds=1", hasty=True) as demo:
        code, _, err = demo.end()
    assert code == 1
    assert any(line.startswith("does not add up: ") and "never acknowledged" in line for line in err)
