"""SMS by a gateway: what is sent to it, and what its answers mean."""

import json
import socket
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from alerts.channels.open_channel import open_channel
from alerts.channels.sms_notifier import LONGEST_TEXT, SmsNotifier, ask_receipt
from alerts.model.channel_message import ChannelMessage
from alerts.model.delivery_result import DeliveryResult, Outcome
from alerts.model.receipt import ReceiptAnswer
from tests.adapters.scripted_http import Answer, ScriptedHttp
from tests.alerts.simulated_gateway import SimulatedGateway
from ward.alert import ReceiptState
from ward.errors import SettingsError

MESSAGE = ChannelMessage(key="key1", subject="HIGH, ICU bed 7: SpO2 84 %", body="since 14:02")
NUMBER, OTHER = "+49170555", "+49170556"


@pytest.fixture
def gateway() -> Iterator[SimulatedGateway]:
    gateway = SimulatedGateway()
    yield gateway
    gateway.close()


def address(server: ScriptedHttp, more: str = "&status=/status/{id}") -> str:
    return f"sms-gateway://127.0.0.1:{server.port}/send?to={NUMBER}{more}"


def answered(answer: Answer) -> DeliveryResult:
    server = ScriptedHttp(answer)
    try:
        notifier = SmsNotifier(address(server), "the channel", seconds=0.3)
        ((_, result),) = notifier.send(MESSAGE, notifier.recipients)
        return result
    finally:
        server.close()


def test_each_number_gets_a_text_and_each_text_has_a_reference(gateway: SimulatedGateway) -> None:
    notifier = open_channel("sms", 1, gateway.url(NUMBER, OTHER))
    results = dict(notifier.send(MESSAGE, notifier.recipients))
    assert list(results) == [f"SMS {NUMBER}", f"SMS {OTHER}"]
    assert {result.outcome for result in results.values()} == {Outcome.DELIVERED}
    assert len({result.reference for result in results.values()}) == 2
    assert [text["to"] for text in gateway.texts.values()] == [NUMBER, OTHER]
    assert gateway.texts["m/1"]["text"] == "HIGH, ICU bed 7: SpO2 84 %\r\nsince 14:02\n\nkey: key1"
    assert set(gateway.log_ins) == {"Bearer secret-1"}
    assert "secret" not in str(results)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("DELIVRD", ReceiptState.DELIVERED), ("delivered", ReceiptState.DELIVERED),
        ("Undelivered", ReceiptState.FAILED),
        ("accepted", None), ("queued at noon", None),
    ],
)  # fmt: skip
def test_the_gateway_is_asked_with_its_own_id(gateway: SimulatedGateway, word: str, state: ReceiptState | None) -> None:
    url = gateway.url(NUMBER)
    notifier = open_channel("sms", 1, url)
    ((_, result),) = notifier.send(MESSAGE, notifier.recipients)
    gateway.states["m/1"] = word
    answer = ask_receipt(url, result.reference)
    assert answer is not None
    assert (answer.state, answer.reply, answer.answered) == (state, word, True)


def test_a_gateway_with_a_form_of_its_own() -> None:
    server = ScriptedHttp(Answer(200))
    more = "&form=form&number_field=dest&text_field=msg&field.from=Ward"
    notifier = SmsNotifier(address(server, more), "the channel")
    ((_, result),) = notifier.send(MESSAGE, notifier.recipients)
    server.close()
    assert result == DeliveryResult(Outcome.DELIVERED), "without a status path no receipt is awaited"
    fields = parse_qs(server.asked[0].body.decode())
    assert (fields["dest"], fields["from"], fields["msg"][0][:4]) == ([NUMBER], ["Ward"], "HIGH")


def test_a_repeated_request_has_the_same_key_and_no_text_is_endless() -> None:
    server = ScriptedHttp(Answer(500), Answer(200))
    notifier = SmsNotifier(address(server, f"&to={OTHER}"), "the channel")
    long = ChannelMessage(key="key1", subject="HIGH", body="x" * 10_000)
    for _ in range(2):
        list(notifier.send(long, notifier.recipients))
    server.close()
    keys = [asked.headers["Idempotency-Key"] for asked in server.asked]
    assert keys[:2] == keys[2:]
    assert len(set(keys)) == 2
    assert all(len(json.loads(asked.body)["text"]) == LONGEST_TEXT for asked in server.asked)


@pytest.mark.parametrize(
    ("answer", "outcome", "reply"),
    [
        (Answer(200, b"<html>Log in</html>"), Outcome.REFUSED, "answered 200 without an id of the message"),
        (Answer(200, b'{"id": true}'), Outcome.REFUSED, "answered 200 without an id of the message"),
        (Answer(200, b'{"id": ".."}'), Outcome.REFUSED, "answered 200 without an id of the message"),
        (Answer(200, b'{"id": "a\\nb"}'), Outcome.REFUSED, "answered 200 without an id of the message"),
        (Answer(200, b"[" * 50_000), Outcome.REFUSED, "answered 200 without an id of the message"),
        (Answer(200, b'{"id": "%s"}' % (b"x" * 10_000_000)), Outcome.REFUSED, "its answer is longer than 64 KiB"),
        # Of 100 MB only the beginning comes, and no more of it is waited for than is read.
        (
            Answer(200, b"x" * 70_000, {"Content-Length": "100000000"}),
            Outcome.REFUSED,
            "its answer is longer than 64 KiB",
        ),
        (Answer(302, headers={"Location": "/"}), Outcome.DEFERRED, "answered 302, a redirect, which is not followed"),
        (Answer(429), Outcome.NO_ANSWER, "answered 429"),
        (Answer(401), Outcome.REFUSED, "answered 401"),
        (Answer(500), Outcome.DEFERRED, "answered 500"),
        (Answer(hang=True), Outcome.NO_ANSWER, "no answer"),
        (Answer(drip=0.02), Outcome.NO_ANSWER, "no answer"),
    ],
)
def test_every_answer_is_bounded_and_said(answer: Answer, outcome: Outcome, reply: str) -> None:
    result = answered(answer)
    assert result.outcome is outcome
    assert result.reply.startswith(reply)
    assert not result.reference


@pytest.mark.parametrize(
    ("answer", "reply", "works"),
    [
        (Answer(200, b"<html>"), "the gateway's answer has no status", True),
        (Answer(200, b'{"id": "m2", "status": "delivered"}'), "the gateway's answer is about another message", True),
        (Answer(404), "the gateway answered 404", True),
        (Answer(429), "the gateway answered 429", False),
        (Answer(302, headers={"Location": "/"}), "the gateway answered 302", False),
        (Answer(200, b'{"status": "%s"}' % (b"x" * 10_000_000)), "its answer is longer than 64 KiB", False),
        (Answer(hang=True), "no answer", False),
        (Answer(drip=0.02), "no answer", False),
    ],
)
def test_no_bad_answer_about_a_message_counts_as_a_receipt(answer: Answer, reply: str, works: bool) -> None:
    server = ScriptedHttp(answer)
    found = ask_receipt(address(server), f"http://127.0.0.1:{server.port} m1", seconds=0.3)
    server.close()
    assert found is not None
    assert found.state is None
    assert found.reply.startswith(reply)
    assert found.answered is works


def test_another_gateway_is_not_asked_about_a_message_that_it_did_not_accept() -> None:
    server = ScriptedHttp(Answer(200, json.dumps({"status": "delivered"}).encode()))
    assert ask_receipt(address(server), "http://127.0.0.2:99 m1") is None
    assert ask_receipt("mailto://a:b@ward.test", "http://127.0.0.2:99 m1") is None
    server.close()
    assert server.asked == []


def test_an_id_cannot_leave_its_place_in_the_path() -> None:
    server = ScriptedHttp(Answer(404))
    ask_receipt(address(server), f"http://127.0.0.1:{server.port} ../send?to=1 #x")
    server.close()
    assert server.asked[0].path == "/status/..%2Fsend%3Fto%3D1%20%23x"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("", "is not of the form"), ("to=hello", "a number that is not of digits"), ("to=1&stats=/a", "is unknown"),
        ("to=1&status=/a", "status is a path"), ("to=1&form=xml", "form is json or form"),
        ("to=١", "a number that is not of digits"), ("to=1&secret-2", "option number 3 is unknown; &"),
        ("to=1&field.a=1#secret-2", "has a # .* is written %23"), ("to=1&token=secret%0A", "of ASCII characters"),
        ("to=1&status=/ü/{id}", "of ASCII characters"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_work_is_refused_without_its_secret(more: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words) as raised:
        open_channel("sms", 1, f"sms-gateways://sms.test/send?token=secret-1&{more}")
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("host", ["sms.test:port", "sms.test:0", "sms.test:99999", "[::1", "u:secret-1@[secret-1]", ""])
def test_a_host_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(SettingsError, match=r"is not of the form|is no URL") as raised:
        open_channel("sms", 1, f"sms-gateways://{host}/send?to=1")
    assert "secret" not in str(raised.value)
    assert ask_receipt(f"sms-gateways://{host}/send?to=1&status=/{{id}}", f"https://{host} m1") is None


def test_a_host_that_cannot_be_looked_up_is_no_answer() -> None:
    url = "sms-gateway://sms..test/send?to=1&status=/{id}"
    notifier = open_channel("sms", 1, url)
    ((_, result),) = notifier.send(MESSAGE, notifier.recipients)
    assert (result.outcome, result.reply[:9]) == (Outcome.NO_ANSWER, "no answer")
    found = ask_receipt(url, "http://sms..test m1")
    assert found is not None
    assert found.answered is False


def test_a_look_up_that_hangs_is_no_answer_and_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def hanging(*_: object, **__: object) -> None:
        over.wait(5)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    try:
        answer = ask_receipt("sms-gateway://gateway.test/send?to=+49170&status=/{id}", "http://gateway.test 1", 0.05)
    finally:
        over.set()
    assert answer == ReceiptAnswer(None, "no answer (its name is not found in time)", answered=False)
