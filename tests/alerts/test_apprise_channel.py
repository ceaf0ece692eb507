"""What apprise calls success and is none; what a channel's settings may not be; the bytes of a mail."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from alerts.channels import apprise_channel
from alerts.channels.apprise_channel import AppriseChannel
from alerts.model.channel_message import ChannelMessage
from tests.adapters.scripted_http import Answer, ScriptedHttp
from tests.contracts.notifier.receivers import Smtp
from tests.engines.engine import free_port
from ward.errors import SettingsError

NOTICE = ChannelMessage(key="k-1", subject="HIGH priority, ICU bed 7: SpO₂ 84 % < 88", body="Grüße\n<b>not bold</b>")


@pytest.fixture
def server() -> Iterator[ScriptedHttp]:
    made = ScriptedHttp(Answer(200))
    yield made
    made.close()


def hook(server: ScriptedHttp, more: str = "") -> str:
    return f"json://127.0.0.1:{server.port}/hook{more}"


@pytest.mark.parametrize("status", [302, 303, 307, 400, 401, 404, 410, 429, 500, 503])
def test_only_an_answer_of_success_is_a_delivery(server: ScriptedHttp, status: int) -> None:
    server.answers = [Answer(status, b"", {"Location": "/login", "Retry-After": "3600"}), Answer(200)]
    delivery = AppriseChannel("chat", [hook(server)]).send(NOTICE)
    assert not delivery.delivered
    assert str(status) in delivery.detail
    assert len(server.asked) == 1, "no redirect was followed, nothing was tried again behind our back"


def test_a_url_cannot_ask_for_redirects(server: ScriptedHttp) -> None:
    server.answers = [Answer(302, b"", {"Location": "/login"}), Answer(200)]
    assert not AppriseChannel("chat", [hook(server, "?redirect=yes")]).send(NOTICE).delivered
    assert len(server.asked) == 1


def test_a_server_that_hangs_or_drips_is_no_delivery(server: ScriptedHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apprise_channel, "TIMEOUT", 0.6)
    for answer in (Answer(hang=True), Answer(drip=0.05)):
        server.answers = [answer]
        delivery = AppriseChannel("chat", [hook(server, "?cto=0.5&rto=0.5")]).send(NOTICE)
        assert not delivery.delivered
        assert "timeout" in delivery.detail or "failure" in delivery.detail


def test_a_refused_connection_is_a_failure_and_its_detail_has_no_secret() -> None:
    delivery = AppriseChannel("chat", [f"json://user:canary-pw@127.0.0.1:{free_port()}/canary-path"]).send(NOTICE)
    assert not delivery.delivered
    assert "canary" not in delivery.detail


def test_every_service_must_take_it(server: ScriptedHttp) -> None:
    """Half a delivery is none: the outbox sends it again, with the same key."""
    channel = AppriseChannel("both", [hook(server), f"json://127.0.0.1:{free_port()}/"])
    delivery = channel.send(NOTICE)
    assert not delivery.delivered
    assert "service 2" in delivery.detail
    assert "service 1" not in delivery.detail


def test_a_success_of_fewer_services_than_configured_is_a_failure(
    server: ScriptedHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As apprise reports when a service was left out: a success, of whoever was asked."""
    channel = AppriseChannel("both", [hook(server), hook(server)])
    one = AppriseChannel("one", [hook(server)])
    monkeypatch.setattr(channel._apprise, "notify", one._apprise.notify)
    delivery = channel.send(NOTICE)
    assert not delivery.delivered
    assert delivery.detail == "1 of 2 services were asked"


def test_apprises_default_pause_between_messages_is_removed() -> None:
    (service,) = AppriseChannel("some", ["signal://127.0.0.1:1/+15551231234/+15551231235"])._apprise
    assert type(service).request_rate_per_sec > 5, "so twelve alarms would take a minute"
    assert service.request_rate_per_sec == 0


@pytest.mark.parametrize(
    "url",
    [
        "", "nonsense", "nosuch://canary@host", "mailto://", "json://", "http://127.0.0.1", "canary", "file:///etc/passwd",
        "json://:1/canary",
    ],
)  # fmt: skip
def test_an_error_about_a_url_has_its_number_and_not_the_url(url: str) -> None:
    log = logging.StreamHandler(StringIO())
    logging.getLogger().addHandler(log)
    try:
        with pytest.raises(SettingsError, match="channel mail: URL number 2 is not one") as raised:
            AppriseChannel("mail", ["json://127.0.0.1/", url])
    finally:
        logging.getLogger().removeHandler(log)
    assert "canary" not in str(raised.value)
    assert log.stream.getvalue() == "", "apprise itself logs no URL"


def test_an_optional_service_is_refused() -> None:
    with pytest.raises(SettingsError, match="URL number 1 has optional=yes"):
        AppriseChannel("mail", ["json://127.0.0.1/?optional=yes"])


def test_a_channel_without_a_url_is_refused() -> None:
    with pytest.raises(SettingsError, match="nothing would be sent"):
        AppriseChannel("mail", [])


def test_a_url_with_a_comma_stays_one_service(server: ScriptedHttp) -> None:
    assert AppriseChannel("chat", [hook(server, "/a,json://b")]).send(NOTICE).delivered
    assert len(server.asked) == 1


def test_a_mail_is_one_plain_part_of_short_lines_and_known_headers() -> None:
    smtp = Smtp()
    body = f"Grüße\n{'ä' * 3000}\n.\n<script>alert(1)</script>"
    assert AppriseChannel("mail", [smtp.url]).send(ChannelMessage(key="k", subject=NOTICE.subject, body=body)).delivered
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
    assert raw.count(b"\r\nSubject:") == raw.count(b"\r\nTo:") == 1
    head.decode("ascii")
