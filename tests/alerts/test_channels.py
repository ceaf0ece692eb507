"""What apprise calls success and is none; what a channel's settings may not be; the bytes of a mail."""

import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from alerts.channels import apprise_notifier
from alerts.channels.open_channel import open_channel
from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import DeliveryResult, Outcome
from tests.adapters.scripted_http import Answer, ScriptedHttp
from tests.contracts.notifier.receivers import Smtp, only_result
from tests.engines.engine import free_port
from ward.errors import SettingsError

NOTICE = ChannelMessage(key="k-1", subject="HIGH priority, ICU bed 7: SpO₂ 84 % < 88", body="Grüße\n<b>not bold</b>")


@pytest.fixture
def server() -> Iterator[ScriptedHttp]:
    made = ScriptedHttp(Answer(200))
    yield made
    made.close()


def send(url: str) -> DeliveryResult:
    return only_result(open_channel("chat", 1, url), NOTICE)


def hook(server: ScriptedHttp, more: str = "") -> str:
    return f"json://127.0.0.1:{server.port}/hook{more}"


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        *((Outcome.DEFERRED, status) for status in (302, 303, 307, 408, 500)),
        *((Outcome.REFUSED, status) for status in (400, 401, 404, 410)),
        *((Outcome.NO_ANSWER, status) for status in (429, 502, 503)),
    ],
)
def test_only_an_answer_of_success_is_a_delivery(server: ScriptedHttp, outcome: Outcome, status: int) -> None:
    server.answers = [Answer(status, b"", {"Location": "/login", "Retry-After": "3600"}), Answer(200)]
    delivery = send(hook(server))
    assert delivery.outcome is outcome
    assert delivery.reply == f"answered {status}"
    assert len(server.asked) == 1, "no redirect was followed, nothing was tried again behind our back"


def test_a_url_cannot_ask_for_redirects(server: ScriptedHttp) -> None:
    server.answers = [Answer(302, b"", {"Location": "/login"}), Answer(200)]
    assert send(hook(server, "?redirect=yes")).outcome is not Outcome.DELIVERED
    assert len(server.asked) == 1


def test_a_server_that_hangs_or_drips_is_no_delivery(server: ScriptedHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apprise_notifier, "TIMEOUT", 0.6)
    for answer in (Answer(hang=True), Answer(drip=0.05)):
        server.answers = [answer]
        delivery = send(hook(server, "?cto=0.5&rto=0.5"))
        assert delivery.outcome is Outcome.NO_ANSWER
        assert delivery.reply in ("no answer (timeout)", "no answer (failure)")


def test_a_refused_connection_is_a_failure_and_its_detail_has_no_secret() -> None:
    notifier = open_channel("chat", 2, f"json://user:canary-pw@127.0.0.1:{(port := free_port())}/canary-path")
    assert notifier.recipients == (f"JSON 127.0.0.1:{port} (URL 2)",)
    delivery = only_result(notifier, NOTICE)
    assert delivery.outcome is Outcome.NO_ANSWER
    assert "canary" not in delivery.reply


def test_apprises_default_pause_between_messages_is_removed() -> None:
    notifier: Any = open_channel("some", 1, "signal://127.0.0.1:1/+15551231234/+15551231235/+15551231236")
    assert notifier.recipients == ("Signal API +15551231235", "Signal API +15551231236")
    ((service,), _) = notifier._services.values()
    assert type(service).request_rate_per_sec > 5, "so twelve alarms would take a minute"
    assert service.request_rate_per_sec == 0


@pytest.mark.parametrize(
    "url",
    [
        "nonsense", "nosuch://canary@host", "mailto://", "json://", "http://127.0.0.1", "canary", "file:///etc/passwd",
        "json://:1/canary",
    ],
)  # fmt: skip
def test_an_error_about_a_url_has_its_number_and_not_the_url(url: str) -> None:
    log = logging.StreamHandler(StringIO())
    logging.getLogger().addHandler(log)
    try:
        with pytest.raises(SettingsError, match="channel mail: URL number 2 is not one") as raised:
            open_channel("mail", 2, url)
    finally:
        logging.getLogger().removeHandler(log)
    assert "canary" not in str(raised.value)
    assert log.stream.getvalue() == "", "apprise itself logs no URL"


def test_an_optional_service_is_refused() -> None:
    with pytest.raises(SettingsError, match="URL number 1 has optional=yes"):
        open_channel("mail", 1, "json://127.0.0.1/?optional=yes")


def test_a_channel_without_a_url_is_refused() -> None:
    with pytest.raises(SettingsError, match="URL number 1 is missing"):
        open_channel("mail", 1, "")


def test_a_url_with_a_comma_stays_one_service(server: ScriptedHttp) -> None:
    assert send(hook(server, "/a,json://b")).outcome is Outcome.DELIVERED
    assert len(server.asked) == 1


def test_a_mail_is_one_plain_part_of_short_lines_and_known_headers() -> None:
    smtp = Smtp()
    body = f"Grüße\n{'ä' * 3000}\n.\n<script>alert(1)</script>"
    message = ChannelMessage(key="k", subject=NOTICE.subject, body=body)
    assert only_result(open_channel("mail", 1, smtp.url), message).outcome is Outcome.DELIVERED
    (raw,) = smtp.raw
    smtp.close()
    head, _, content = raw.partition(b"\r\n\r\n")
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 998, "longer lines may be torn on the way"
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"text/plain" in head
    assert b"text/html" not in raw
    assert b"multipart" not in raw
    assert b"<script>" not in raw.replace(content, b"")
    assert head.count(b"Subject:") == head.count(b"\r\nTo:") == 1
    head.decode("ascii")
