"""Messages to other systems: Alertmanager's webhook, signed, in order, and bounded."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from alerts.channels.open_channel import open_channel
from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import DeliveryResult, Outcome
from alerts.text.webhook import MOST_BYTES
from tests.adapters.scripted_http import Answer, ScriptedHttp
from tests.alerts.senders_on_file import entry, senders_on_file
from tests.kit.alert_timeline import AlertTimeline, Notified, between, immediately, ward_config
from ward.errors import SettingsError

SECRET = "a-secret-of-the-other-system"
ROUTE = {"receiver": "nurses", "group_wait": "5s", "repeat_interval": "1h"}
MESSAGE = ChannelMessage(key="key1", subject="HIGH", body='{"version": "4", "text": "38 °C"}')


def webhook(**alerting: Any) -> dict[str, Any]:
    url = f"webhook://127.0.0.1:9/hook?secret={SECRET}"
    return {"route": ROUTE, "channels": [{"name": "nurse", "urls": [url]}], **alerting}


def address(server: ScriptedHttp, more: str = "") -> str:
    return f"webhook://{server.url.partition('://')[2].rstrip('/')}/hook?site=a{more}&secret={SECRET}"


def sent(server: ScriptedHttp, message: ChannelMessage = MESSAGE) -> DeliveryResult:
    notifier = open_channel("other", 1, address(server))
    ((_, result),) = notifier.send(message, notifier.recipients)
    notifier.close()
    return result


def payload(notified: Notified) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(notified.message.body)
    return found


def test_a_message_is_what_alertmanager_sends(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(**webhook(external_url="https://ward.test")))
    timeline.at(1).raises("spo2_low")
    timeline.at(10).clears("spo2_low")
    timeline.want(immediately(1), "1 alert of nurses{")
    timeline.want(between(10, 16), "1 alert of nurses{")
    timeline.run(20)
    began, ended = map(payload, timeline.notified)
    assert {name: began[name] for name in ("version", "status", "receiver", "truncatedAlerts", "externalURL")} == {
        "version": "4", "status": "firing", "receiver": "nurses", "truncatedAlerts": 0,
        "externalURL": "https://ward.test",
    }  # fmt: skip
    assert began["groupKey"] == 'nurses{bed="icu-7",ward="icu"}'
    assert began["groupLabels"] == {"bed": "icu-7", "ward": "icu"}
    (alert,) = began["alerts"]
    assert (alert["status"], alert["endsAt"]) == ("firing", "0001-01-01T00:00:00Z")
    assert alert["labels"] == began["commonLabels"]
    assert alert["labels"]["severity"] == "high"
    assert alert["annotations"]["notification"] == "sent immediately: HIGH priority"
    (alert,) = ended["alerts"]
    assert (ended["status"], alert["status"], alert["fingerprint"]) == (
        "resolved",
        "resolved",
        began["alerts"][0]["fingerprint"],
    )
    assert alert["endsAt"].startswith("20")


def test_a_message_is_bounded_and_counts_what_it_leaves_out(tmp_path: Path) -> None:
    route = {**ROUTE, "group_by": ["ward"], "group_wait": "30s"}
    timeline = AlertTimeline(tmp_path, ward_config(beds=60, **webhook(route=route)))
    for bed in range(1, 61):
        timeline.at(1).raises("probe_off", bed, "medium", annotations={str(n): "y" * 1200 for n in range(9)})
    timeline.want(between(30, 33), "60 alerts of nurses{")
    timeline.run(40)
    body = timeline.notified[0].message.body
    assert len(body) < 1.1 * MOST_BYTES
    found = json.loads(body)
    assert found["truncatedAlerts"] > 0
    assert len(found["alerts"]) + found["truncatedAlerts"] == 60


@pytest.mark.guarantee("A message to another system is signed, and its secret is not sent.")
def test_a_message_is_signed_and_the_secret_stays_here() -> None:
    server = ScriptedHttp()
    assert sent(server) == DeliveryResult(Outcome.DELIVERED)
    (asked,) = server.asked
    server.close()
    headers = {name.lower(): text for name, text in asked.headers.items()}
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + asked.body
    made = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{made}"
    assert (headers["webhook-id"], headers["content-type"]) == ("key1", "application/json")
    assert asked.path == "/hook?site=a"
    assert SECRET not in str(asked)
    assert json.loads(asked.body) == json.loads(MESSAGE.body)


def test_a_redirect_is_not_followed() -> None:
    other = ScriptedHttp()
    server = ScriptedHttp(Answer(302, headers={"Location": other.url}))
    result = sent(server)
    assert (result.outcome, result.reply) == (Outcome.DEFERRED, "answered 302, a redirect, which is not followed")
    assert other.asked == []
    server.close()
    other.close()


@pytest.mark.parametrize(
    ("code", "outcome"), [(400, Outcome.REFUSED), (500, Outcome.DEFERRED), (503, Outcome.NO_ANSWER)]
)
def test_what_an_answer_means(code: int, outcome: Outcome) -> None:
    server = ScriptedHttp(Answer(code))
    assert sent(server) == DeliveryResult(outcome, f"answered {code}")
    server.close()


def test_a_message_in_words_becomes_one_alert() -> None:
    server = ScriptedHttp()
    sent(server, ChannelMessage(key="k", subject="Wardwatch: alerts does not work", body="since 14:02"))
    (alert,) = json.loads(server.asked[0].body)["alerts"]
    assert alert["annotations"] == {"summary": "Wardwatch: alerts does not work", "description": "since 14:02"}
    server.close()


@pytest.mark.guarantee("Another system gets the messages about one bed in order, also when one is tried again.")
def test_a_later_message_about_a_bed_waits_for_one_that_failed(tmp_path: Path) -> None:
    server = ScriptedHttp(Answer(500), Answer(200))
    entries = [entry(1, places=("icu-1",)), entry(2, places=("icu-2",)), entry(3, places=("icu-1",), priority=9)]
    with senders_on_file(tmp_path, *entries, nurse=[address(server)], at_once=1) as running:
        running.until_done("key2/nurse")
        assert not running.done("key3/nurse"), "it is more urgent, but the older one about this bed is still to be sent"
        running.clock.advance(5)
        running.until_done("key1/nurse", "key3/nurse")
    ids = [{n.lower(): t for n, t in asked.headers.items()}["webhook-id"] for asked in server.asked]
    server.close()
    assert ids == ["key1", "key2", "key1", "key3"]


@pytest.mark.parametrize(
    "url", ["webhooks://host/x", "webhooks://host/x?secret=short", "webhook:///x", f"webhook://u:p@h/?secret={SECRET}"]
)
def test_an_address_that_cannot_be_used_is_a_fault_without_the_secret(url: str) -> None:
    with pytest.raises(SettingsError) as error:
        open_channel("other", 2, url)
    assert str(error.value).startswith("channel other: URL number 2 ")
    assert "short" not in str(error.value)
