"""`wardwatch alert query` and `alert ack`, against a real screen and a real pipeline."""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
import pytest

import app.api_client.client
from app.api_client.client import ApiClient
from tests.app.calling import call
from tests.app.live_ward import LiveWard
from ward.alert import Alert
from ward.clock import ManualClock, SystemClock
from ward.finding import Kind, Severity
from web.server import Server, bind

Reply = Callable[..., Awaitable[None]]


@contextmanager
def other_server(status: int, body: bytes, *headers: tuple[bytes, bytes]) -> Iterator[str]:
    """Something else that answers HTTP, always the same."""

    async def reply(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    with bind("127.0.0.1", 0) as listener:
        server = Server(reply, listener)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.close()


def rows(output: str) -> list[list[str]]:
    return [[cell for cell in line.split("  ") if cell.strip()] for line in output.splitlines()]


def test_alerts_are_listed_by_priority(running: LiveWard) -> None:
    running.finds("spo2_low", "icu-2", Severity.MEDIUM)
    running.finds(
        "tachycardia", "hdu-3", Severity.HIGH, signal="heart_rate", text="Heart rate 160 /min > 150", worst=171
    )
    found = call("alert", "query", "--url", running.url)
    assert found.exit_code == 0
    head, *body = rows(found.stdout)
    assert head[0] == "severity"
    assert [[cell.strip() for cell in row[:4]] for row in (head, *body)] == [
        ["severity", "where", "alert", "worst"],
        ["HIGH", "HDU bed 3", "Heart rate 160 /min > 150", "171 /min"],
        ["MEDIUM", "ICU bed 2", "SpO2 84 % < 88", "-"],
    ]
    assert body[1][-1].strip() == "spo2_low-icu-2"


@pytest.mark.parametrize(
    ("matchers", "ids"),
    [
        (["severity=high"], ["tachycardia-hdu-3"]),
        (['ward=~"icu|theatre"'], ["spo2_low-icu-2"]),
        (["bed!=icu-2", "kind=physiological"], ["tachycardia-hdu-3"]),
        (["spo2_low"], ["spo2_low-icu-2"]),
        (["severity=low"], []),
    ],
)
def test_matchers_select_as_in_alertmanager(running: LiveWard, matchers: list[str], ids: list[str]) -> None:
    running.finds("spo2_low", "icu-2", Severity.MEDIUM)
    running.finds("tachycardia", "hdu-3", Severity.HIGH, signal="heart_rate")
    found = call("alert", "query", *matchers, "--format", "json", "--url", running.url)
    assert [alert["id"] for alert in json.loads(found.stdout)] == ids
    if not ids:
        assert (
            call("alert", "query", *matchers, "--url", running.url).stdout == "no alert that satisfies these matchers\n"
        )


def test_an_invalid_matcher_exits_with_2() -> None:
    found = call("alert", "query", 'ward=~"("')
    assert found.exit_code == 2
    assert "not a regular expression" in found.stderr


def test_ended_alerts_are_listed_on_request(running: LiveWard) -> None:
    running.finds("spo2_low", "icu-2")
    running.finds("spo2_low", "icu-2", over=True)
    assert call("alert", "query", "--url", running.url).stdout == "no alert\n"
    assert "ended (recovered)  ICU bed 2" in call("alert", "query", "--state", "ended", "--url", running.url).stdout


@pytest.mark.parametrize("by_fingerprint", [False, True])
def test_an_alert_is_acknowledged_by_its_id_or_its_fingerprint(running: LiveWard, by_fingerprint: bool) -> None:
    running.finds("spo2_low", "icu-2")
    (alert,) = json.loads(call("alert", "query", "--format", "json", "--url", running.url).stdout)
    name = alert["fingerprint" if by_fingerprint else "id"]
    found = call("alert", "ack", name, "--by", "Nurse Ada", "--note", "on my way", "--url", running.url)
    assert (found.exit_code, found.stdout) == (
        0, "ICU bed 2: spo2_low will be acknowledged by Nurse Ada; it holds once the screen shows it.\n"
    )  # fmt: skip
    running.settle()
    assert "Nurse Ada: on my way" in call("alert", "query", "--url", running.url).stdout


def test_an_acknowledged_ended_or_unknown_alert_cannot_be_acknowledged(running: LiveWard) -> None:
    id_ = running.finds("spo2_low", "icu-2")
    take = ("alert", "ack", id_, "--by", "Nurse Bo", "--url", running.url)
    assert call(*take).exit_code == 0
    running.settle()
    again = call(*take)
    assert again.exit_code == 1
    assert "acknowledged already, by Nurse Bo at" in again.stderr
    running.finds("spo2_low", "icu-2", over=True)
    assert "SpO2 84 % < 88: it has ended (recovered)" in call(*take).stderr
    nobody = call("alert", "ack", "../x", "--by", "Nurse Bo", "--url", running.url)
    assert nobody.exit_code == 1
    assert nobody.stderr.startswith(f"Error: refused by {running.url}: There is n")


def test_an_alert_is_taken_over_from_the_person_who_has_it(running: LiveWard) -> None:
    id_ = running.finds("spo2_low", "icu-2")
    take = ("alert", "take-over", id_, "--by", "Nurse Bo", "--url", running.url)
    nobody = call(*take)
    assert nobody.exit_code == 1
    assert "Nobody has acknowledged this alert: acknowledge it" in nobody.stderr
    call("alert", "ack", id_, "--by", "Nurse Ada", "--url", running.url)
    running.settle()
    assert (
        call(*take).stdout == "ICU bed 2: spo2_low will be taken over by Nurse Bo; it holds once the screen shows it.\n"
    )
    running.settle()
    (alert,) = json.loads(call("alert", "query", "--format", "json", "--url", running.url).stdout)
    assert (alert["ack"]["by"], alert["ack"]["taken_over_from"]) == ("Nurse Bo", "Nurse Ada")


def test_control_characters_of_an_alert_do_not_reach_the_terminal(running: LiveWard) -> None:
    at = running.clock.now()
    running.says(
        Alert(
            id="x\x07\x1b[2J", labels={"alertname": "a\x07", "ward": "icu\x9b", "device_id": "m\n1"}, starts_at=at,
            annotations={"summary": "\x1b]0;owned\x07"}, severity=Severity.HIGH, kind=Kind.TECHNICAL, updated_at=at,
        )
    )  # fmt: skip
    for form in ("text", "json"):
        found = call("alert", "query", "--format", form, "--url", running.url)
        assert found.exit_code == 0
        assert all(c.isprintable() or c == "\n" for c in found.output)
        assert "owned" in found.stdout


def test_a_server_that_does_not_answer_is_one_sentence() -> None:
    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    found = call("alert", "query", "--url", f"http://127.0.0.1:{port}")
    assert (found.exit_code, found.stdout) == (1, "")
    assert found.stderr == f"Error: no Wardwatch answers at http://127.0.0.1:{port}: is it running? (--url)\n"


def test_without_a_url_that_of_the_settings_is_used(running: LiveWard) -> None:
    running.finds("spo2_low", "icu-2")
    for host in ("127.0.0.1", "0.0.0.0"):
        found = call("alert", "query", WARDWATCH_HTTP_PORT=running.url.rpartition(":")[2], WARDWATCH_HTTP_HOST=host)
        assert "spo2_low-icu-2" in found.stdout


@pytest.mark.parametrize("url", ["ftp://x", "http://", "http://a:b@127.0.0.1", "http://[::1", "http://x:99999999"])
def test_an_invalid_url_exits_with_2(url: str) -> None:
    found = call("alert", "query", "--url", url)
    assert found.exit_code == 2
    assert "--url: must be an address such as http://127.0.0.1:8080" in found.stderr


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"alerts": 5}', b"null", b"\xff", b"[" * 100_000])
def test_an_answer_of_another_server_is_recognised(body: bytes) -> None:
    with other_server(200, body) as url:
        found = call("alert", "query", "--url", url)
    assert found.exit_code == 1
    assert f"the server at {url} is not a Wardwatch" in found.stderr


def test_redirects_are_not_followed(running: LiveWard) -> None:
    with other_server(302, b"", (b"location", f"{running.url}/api/v1/alerts".encode())) as url:
        found = call("alert", "query", "--url", url)
    assert found.exit_code == 1
    assert "status 302" in found.stderr


def test_control_characters_of_an_error_do_not_reach_the_terminal() -> None:
    with other_server(400, b'{"error": "\\u001b[2J"}') as url:
        assert "\\x1b[2J" in call("alert", "query", "--url", url).stderr


def test_an_answer_that_is_too_long_is_aborted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.api_client.client, "MOST_BYTES", 1000)
    with other_server(200, b" " * 5000) as url, pytest.raises(click.ClickException, match="an answer of more than"):
        ApiClient(url, SystemClock()).get("/")


def test_an_answer_that_is_too_slow_is_aborted() -> None:
    class Racing(ManualClock):
        def monotonic(self) -> float:
            self.advance(6)
            return super().monotonic()

    with (
        other_server(200, b" " * 500_000) as url,
        pytest.raises(click.ClickException, match="not answered within 10 s"),
    ):
        ApiClient(url, Racing()).get("/")
