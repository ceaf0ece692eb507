"""`wardwatch channel test`, against a real screen and a real pipeline; the senders are played."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from alerts.model.delivery_result import Outcome, RecipientState
from alerts.storage.outbox_file import OutboxFile
from app.api_client import channel_test
from tests.app.calling import call
from tests.app.live_ward import LiveWard
from ward.channel_test import NO_ALERT

CHANNELS = [
    {"name": "nurse", "urls": ["json://127.0.0.1:9"]}, {"name": "mail", "urls": ["json://127.0.0.1:9/mail"]},
    {"name": "sms"},
]  # fmt: skip
RECEIVERS = [{"name": "nurses", "channels": ["nurse", "mail"]}, {"name": "doctors", "channels": ["sms", "mail"]}]


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[LiveWard]:
    with LiveWard(tmp_path, channels=CHANNELS, receivers=RECEIVERS) as ward:
        yield ward


def plays(ward: LiveWard, path: Path, *outcomes: tuple[str, Outcome, str]) -> Callable[[float], None]:
    """While the command waits, the pipeline works and each service answers once."""

    def pause(_seconds: float) -> None:
        ward.settle()
        with closing(OutboxFile.in_folder(path, durable=False)) as outbox:
            for name in ("nurse", "mail"):
                for entry in list(outbox.waiting(name)):
                    for recipient, outcome, reply in outcomes:
                        outbox.record(entry, recipient, RecipientState(outcome, 1, reply), ward.clock.now())
                    if outcomes:
                        done = all(outcome is Outcome.DELIVERED for _, outcome, _ in outcomes)
                        outbox.finish(entry.number, "delivered" if done else "delivered to 1 of 2")
        ward.settle()

    return pause


@pytest.fixture
def run(ward: LiveWard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    def with_answers(*outcomes: tuple[str, Outcome, str]) -> None:
        bound = partial(channel_test.run_test, pause=plays(ward, tmp_path, *outcomes))
        monkeypatch.setattr(channel_test, "run_test", bound)

    return with_answers


@pytest.mark.guarantee("A test of a channel shows what each service answered about each recipient, and after how long.")
def test_what_each_service_answered_and_after_how_long_is_printed(ward: LiveWard, run: Callable[..., object]) -> None:
    run(("ada@ward.test", Outcome.DELIVERED, "250 OK"))
    found = call("channel", "test", "mail", "--by", "Nurse Ada", "--url", ward.url)

    assert found.exit_code == 0, found.output
    first, second = found.stdout.splitlines()
    assert first.startswith("mail: delivered, queued after 1.00 s")
    assert second.startswith("  ada@ward.test: delivered after 3.00 s: 250 OK")


def test_one_recipient_that_refuses_makes_it_end_with_1(ward: LiveWard, run: Callable[..., object]) -> None:
    run(("ada@ward.test", Outcome.DELIVERED, "250 OK"), ("ben@ward.test", Outcome.REFUSED, "550 no such user"))
    found = call("channel", "test", "--receiver", "nurses", "--by", "Ada", "-o", "json", "--url", ward.url)

    assert found.exit_code == 1
    test = json.loads(found.stdout)
    assert test["finished"]
    assert [(channel["channel"], channel["state"], channel["why"]) for channel in test["channels"]] == [
        ("nurse", "not delivered", "delivered to 1 of 2"), ("mail", "not delivered", "delivered to 1 of 2"),
    ]  # fmt: skip
    assert test["channels"][0]["recipients"][1]["reply"] == "550 no such user"
    assert "not every recipient has the test message" in found.stderr


def test_without_an_answer_in_time_it_is_not_known_yet(ward: LiveWard, run: Callable[..., object]) -> None:
    run()
    found = call("channel", "test", "mail", "--by", "Ada", "--timeout", 0, "--url", ward.url)

    assert (found.exit_code, found.stdout) == (1, "mail: not known yet\n")
    assert "not known yet whether it is delivered" in found.stderr


def test_a_channel_without_an_address_names_the_setting_and_the_others_are_tested(
    ward: LiveWard, run: Callable[..., object]
) -> None:
    run(("ada@ward.test", Outcome.DELIVERED, "250 OK"))
    alone = call("channel", "test", "sms", "--by", "Ada", "--url", ward.url)
    both = call("channel", "test", "--receiver", "doctors", "--by", "Ada", "--url", ward.url)

    assert (alone.exit_code, both.exit_code) == (1, 1)
    assert "sms: no address: set `urls` or `url_file` of this channel in alerts.yaml" in alone.stderr
    assert "sms: not sent: no address: set `urls`" in both.stdout
    assert "mail: delivered" in both.stdout


def test_an_unknown_channel_or_receiver_names_those_there_are(ward: LiveWard) -> None:
    channel = call("channel", "test", "fax", "--by", "Ada", "--url", ward.url)
    receiver = call("channel", "test", "--receiver", "porters", "--by", "Ada", "--url", ward.url)
    nothing = call("channel", "test", "--by", "Ada", "--url", ward.url)

    assert (channel.exit_code, receiver.exit_code, nothing.exit_code) == (1, 1, 2)
    assert "There is no channel 'fax'; there is nurse, mail, sms." in channel.stderr
    assert "There is no receiver 'porters'; there is nurses, doctors." in receiver.stderr


def test_the_message_waits_in_the_outbox_once_for_a_request_that_is_repeated(ward: LiveWard, tmp_path: Path) -> None:
    for _ in range(2):
        call("channel", "test", "mail", "--by", "Ada", "--timeout", 0, "--url", ward.url)
        ward.clock.advance(1)
    ward.settle()
    with closing(OutboxFile.in_folder(tmp_path, durable=False)) as outbox:
        waiting = list(outbox.waiting("mail"))

    assert [entry.message.subject[: len(NO_ALERT)] for entry in waiting] == [NO_ALERT]
    alerts = call("alert", "query", "-o", "json", "--url", ward.url)
    assert json.loads(alerts.stdout) == []


def test_of_a_receiver_with_a_schedule_whoever_is_on_call_is_tested(tmp_path: Path) -> None:
    on_call = {
        "people": [{"name": "bo", "channels": ["mail"]}],
        "schedules": [{"name": "doctors", "shifts": [{"people": ["bo"], "from": "00:00", "until": "00:00"}]}],
    }
    receivers = [{"name": "nurses", "channels": ["nurse"]}, {"name": "on_call", "schedule": "doctors", "channels": []}]
    with LiveWard(tmp_path, channels=CHANNELS, receivers=receivers, **on_call) as ward:
        found = call("channel", "test", "--receiver", "on_call", "--by", "Ada", "--timeout", 0, "--url", ward.url)

    assert found.stdout == "mail: not known yet\n"
