"""Each recipient of a channel on its own: what one refuses, the others have, and have once."""

import json
import os
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.alerts.senders_on_file import SendersOnFile, entry, senders_on_file
from tests.alerts.targets import free_port, smtp, until, web
from tests.kit.guarantees import Figure

GONE, FULL = "550 5.1.1 no such user", "452 4.2.2 mailbox full"
ANN, BEN, CLEO = THREE = ("ann@ward.test", "ben@ward.test", "cleo@ward.test")


def _minutes(running: SendersOnFile, count: int) -> None:
    """So many minutes, with all attempts that are due in them."""
    for _ in range(count):
        running.until_idle()
        running.clock.advance(60)


@pytest.mark.guarantee("A recipient whose mail server refuses costs no other one a repeated or a late notification.")
def test_a_refused_recipient_costs_the_others_no_second_mail(
    tmp_path: Path, figure: Figure, caplog: pytest.LogCaptureFixture
) -> None:
    with smtp(ben=GONE) as mails, senders_on_file(tmp_path, entry(7), nurse=[mails.url_to(*THREE)]) as running:
        _minutes(running, 20)
        assert len(mails.received_by(ANN)) == len(mails.received_by(CLEO)) == 1
        assert mails.received_by(BEN) == []
        assert mails.asked.count(BEN) == 3, "a refusal for good is not repeated for ever"
        assert running.rows()["key7/nurse"] == ("delivered to 2 of 3", 3, f"{BEN}: {GONE}")
    assert f"channel nurse: {BEN} does not have message key7, attempt 3, given up: {GONE}" in caplog.text
    figure("2 of 3 recipients have 1 mail each, the third was asked 3 times in 20 minutes")


def test_a_recipient_who_is_refused_for_now_is_asked_alone_until_the_mail_is_accepted(tmp_path: Path) -> None:
    with smtp(ben=FULL) as mails, senders_on_file(tmp_path, entry(7), nurse=[mails.url_to(*THREE)]) as running:
        _minutes(running, 5)
        assert running.rows()["key7/nurse"][0] == "waiting"
        mails.replies.clear()
        _minutes(running, 2)
        assert running.rows()["key7/nurse"][0] == "delivered"
        assert [len(mails.received_by(name)) for name in THREE] == [1, 1, 1]


def test_a_recipient_who_is_refused_for_now_delays_no_later_message_to_the_others(tmp_path: Path) -> None:
    entries = [entry(n, places=("icu-7",)) for n in (1, 2, 3)]
    with smtp(ben=FULL) as mails, senders_on_file(tmp_path, *entries, nurse=[mails.url_to(*THREE)]) as running:
        until(lambda: len(mails.received_by(ANN)) == 3, running.step)
        assert [len(mails.received_by(name)) for name in THREE] == [3, 0, 3]


@pytest.mark.guarantee("What each recipient has is kept through a kill: a restart repeats it to none of them.")
def test_a_restart_sends_only_to_those_who_do_not_have_it(tmp_path: Path) -> None:
    with smtp(ben=FULL) as mails, senders_on_file(tmp_path, entry(7), nurse=[mails.url_to(*THREE)]) as running:
        running.until_failed("key7/nurse", 1)
        running.senders.close()
        running.senders = running.open()
        mails.replies.clear()
        running.until_done("key7/nurse")
        assert [len(mails.received_by(name)) for name in THREE] == [1, 1, 1]


def test_a_killed_sender_process_repeats_nothing_to_those_who_have_it(tmp_path: Path) -> None:
    with smtp(ben=FULL) as mails, senders_on_file(tmp_path, entry(7), nurse=[mails.url_to(*THREE)]) as running:
        running.until_failed("key7/nurse", 1)
        os.kill(running.senders.lanes["nurse", 1].sender.pid, signal.SIGKILL)
        mails.replies.clear()
        _minutes(running, 3)
        assert [len(mails.received_by(name)) for name in THREE] == [1, 1, 1]


def test_of_two_webhooks_one_that_fails_costs_the_other_no_second_message(tmp_path: Path) -> None:
    with ExitStack() as stack:
        bad, good = stack.enter_context(web(500, 500)), stack.enter_context(web())
        running = stack.enter_context(senders_on_file(tmp_path, entry(1), nurse=[bad.url, good.url]))
        _minutes(running, 3)
        assert running.rows()["key1/nurse"][0] == "delivered"
        assert (len(bad.got), len(good.got)) == (3, 1)


def test_of_two_webhooks_one_that_hangs_delays_the_other_by_nothing(tmp_path: Path) -> None:
    entries = [entry(n) for n in range(1, 31)]
    with ExitStack() as stack:
        slow, good = stack.enter_context(web(*["hang"] * 30)), stack.enter_context(web())
        running = stack.enter_context(senders_on_file(tmp_path, *entries, nurse=[slow.url, good.url]))
        until(lambda: len(good.got) == 30, running.step)
        assert running.senders.lanes["nurse", 1].sender.restarts == 0


def test_of_two_telephone_numbers_of_one_gateway_each_is_asked_on_its_own(tmp_path: Path) -> None:
    with web(200, 400, 400, 400) as gateway:
        url = f"signal://127.0.0.1:{gateway.port}/+15551230000/+15551230001/+15551230002"
        with senders_on_file(tmp_path, entry(2, "pager"), pager=[url]) as running:
            _minutes(running, 6)
            assert running.recipients("key2") == {
                "Signal API +15551230001": ("delivered", 1), "Signal API +15551230002": ("refused", 3),
            }  # fmt: skip
        numbers = [json.loads(body)["recipients"] for body in gateway.got]
        assert numbers == [["+15551230001"]] + [["+15551230002"]] * 3


def test_a_refused_log_in_is_the_state_of_the_server_and_is_tried_without_end(tmp_path: Path) -> None:
    """It is no answer about a recipient: nobody is given up."""
    with smtp() as mails:
        url = mails.url.replace("mailto://", "mailto://ward:wrong@")
        with senders_on_file(tmp_path, entry(7), nurse=[url]) as running:
            _minutes(running, 6)
            assert running.rows()["key7/nurse"][0] == "waiting"
            assert "wrong" not in running.rows()["key7/nurse"][2]


def test_a_server_that_is_away_is_no_refusal(tmp_path: Path) -> None:
    port = free_port()
    url = f"mailto://127.0.0.1:{port}/?from=ward@ward.test&to={ANN},{BEN}&mode=insecure"
    with senders_on_file(tmp_path, entry(7), nurse=[url]) as running:
        _minutes(running, 5)
        with smtp(port) as mails:
            _minutes(running, 2)
            assert [len(mails.received_by(name)) for name in (ANN, BEN)] == [1, 1]
