"""The senders: real processes, a real SMTP and a real HTTP server, and every way in which they can fail."""

import email
import email.policy
import json
import os
import signal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from alerts.channels.open_channel import open_channel
from alerts.delivery.senders import Senders
from alerts.model.state_changes import StateChanges
from alerts.storage.outbox_file import OutboxFile
from alerts.storage.schema import FILE
from alerts.storage.state_file import StateFile
from tests.alerts.senders_on_file import SendersOnFile, entry, senders_on_file
from tests.alerts.targets import FileChannel, HangingChannel, RaisingChannel, smtp, until, web
from tests.kit.alert_timeline import AlertTimeline, Replaceable, ward_config
from tests.kit.kill_switch import Killed
from ward.clock import ManualClock
from ward.config.alerting import Channel
from ward.metrics import Metrics
from ward.wakeup import Wakeup


def test_a_mail_arrives_as_it_was_written_byte_by_byte(tmp_path: Path) -> None:
    with smtp() as mails, senders_on_file(tmp_path, entry(7), nurse=[mails.url]) as running:
        running.until_done("key7/nurse")
    ((sender, receivers, data),) = mails.got
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert (sender, receivers) == ("ward@ward.test", ["nurse@ward.test"])
    assert message["subject"] == "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s"
    assert message.get_content_type() == "text/plain"
    lines = message.get_content().splitlines()
    assert lines[:4] == ["line one of 7", "über 38 °C <script>", "", "key: key7"]
    assert running.attempts("nurse", "delivered") == 1


def test_a_chat_message_arrives_as_it_was_written(tmp_path: Path) -> None:
    with web() as posts, senders_on_file(tmp_path, entry(7), nurse=[posts.url]) as running:
        running.until_done("key7/nurse")
    (body,) = (json.loads(body) for body in posts.got)
    assert body["title"] == "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s"
    assert body["message"].startswith("line one of 7\nüber 38 °C <script>\n\nkey: key7")


def test_redirects_and_errors_are_failures_and_the_message_is_retried(tmp_path: Path) -> None:
    with web(302, 408, 500) as posts, senders_on_file(tmp_path, entry(7), nurse=[posts.url]) as running:
        for attempts, pause in ((1, 1), (2, 2), (3, 4)):
            running.until_failed("key7/nurse", attempts)
            running.clock.advance(pause - 0.01)
            running.step()
            assert running.rows()["key7/nurse"][1] == attempts  # not before its time
            running.clock.advance(0.02)
        running.until_done("key7/nurse")
    assert running.rows()["key7/nurse"][1] == 4
    assert posts.paths == ["/hook"] * 4
    assert len(set(posts.got)) == 1
    assert (running.attempts("nurse", "failed"), running.attempts("nurse", "delivered")) == (3, 1)


def test_the_pause_grows_to_a_minute_and_never_ends(tmp_path: Path) -> None:
    with web(*[500] * 9) as posts, senders_on_file(tmp_path, entry(7), nurse=[posts.url]) as running:
        for attempts, pause in enumerate((1, 2, 4, 8, 16, 32, 60, 60, 60), 1):
            running.until_failed("key7/nurse", attempts)
            running.clock.advance(pause)
        running.until_done("key7/nurse")


@pytest.mark.guarantee("A target that hangs is given up after 15 s and delays no other.")
@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_a_target_that_hangs_is_given_up_after_15_s_and_delays_no_other(tmp_path: Path, fault: str) -> None:
    entries = [entry(1, "slow"), entry(2), entry(3)]
    with web(fault) as slow, web() as posts:
        with senders_on_file(tmp_path, *entries, slow=[slow.url], nurse=[posts.url]) as running:
            until(lambda: len(slow.got) == 1, running.step)
            running.until_done("key2/nurse", "key3/nurse")
            sender = running.senders.lanes["slow", 1].sender
            running.clock.advance(14.9)
            running.step()
            assert sender.restarts == 0 or fault == "drip"
            running.clock.advance(0.2)
            running.until_failed("key1/slow", 1)
            running.clock.advance(1)
            running.until_done("key1/slow")
        assert len(slow.got) == 2


def test_a_sender_that_dies_is_restarted_and_its_message_sent_again_with_its_key(tmp_path: Path) -> None:
    delivered_file = tmp_path / "delivered"
    gate = delivered_file.with_suffix(".gate")
    with senders_on_file(tmp_path, entry(1), make=HangingChannel, nurse=[str(delivered_file)]) as running:
        running.step()
        sender = running.senders.lanes["nurse", 1].sender
        os.kill(sender.pid, signal.SIGKILL)
        assert running.until_failed("key1/nurse", 1) == "URL 1: the sender process exited"
        gate.touch()
        running.clock.advance(1)
        running.until_done("key1/nurse")
    assert delivered_file.read_text().split()[0] == "key1"
    assert delivered_file.read_text().count("\n") == 1


def test_a_sender_that_died_while_idle_costs_no_attempt(tmp_path: Path) -> None:
    delivered_file = tmp_path / "delivered"
    with senders_on_file(tmp_path, entry(1), make=FileChannel, nurse=[str(delivered_file)]) as running:
        running.until_done("key1/nurse")
        process = running.senders.lanes["nurse", 1].sender._process
        os.kill(int(process.pid or 0), signal.SIGKILL)
        process.join()
        running.file.write(StateChanges(outbox=[entry(2)]))
        running.until_done("key2/nurse")
        assert running.rows()["key2/nurse"] == ("delivered", 1, "")


@pytest.mark.guarantee("A sender killed between sending and storing sends again with the same key.")
def test_a_kill_between_sending_and_storing_sends_once_more_with_the_same_key(tmp_path: Path) -> None:
    delivered_file = tmp_path / "delivered"
    with senders_on_file(tmp_path, entry(1), make=FileChannel, nurse=[str(delivered_file)]) as running:
        running.step()
        file: Any = running.senders._outbox
        file.record = _die
        with pytest.raises(Killed):
            until(lambda: False, running.step)
        running.senders.close()
        running.senders = running.open()
        running.until_done("key1/nurse")
        assert [line.split()[0] for line in delivered_file.read_text().splitlines()] == ["key1", "key1"]


def _die(*_: object) -> None:
    raise Killed


def test_the_most_urgent_message_is_sent_first_then_the_oldest(tmp_path: Path) -> None:
    delivered_file = tmp_path / "delivered"
    entries = [entry(1, priority=1), entry(2, priority=3), entry(3, priority=0), entry(4, priority=3)]
    with senders_on_file(tmp_path, *entries, make=FileChannel, at_once=1, nurse=[str(delivered_file)]) as running:
        running.until_done(*(f"key{n}/nurse" for n in (1, 2, 3, 4)))
    assert [line.split()[0] for line in delivered_file.read_text().splitlines()] == ["key2", "key4", "key1", "key3"]


def test_a_message_that_fails_does_not_delay_the_next(tmp_path: Path) -> None:
    entries = [entry(1), entry(2)]
    with web(500) as posts, senders_on_file(tmp_path, *entries, at_once=1, nurse=[posts.url]) as running:
        running.until_done("key2/nurse")
        assert not running.done("key1/nurse")
        running.clock.advance(1)
        running.until_done("key1/nurse")


def test_an_error_in_a_sender_is_a_result_with_one_printable_line(tmp_path: Path) -> None:
    with senders_on_file(tmp_path, entry(1), make=RaisingChannel, nurse=["x"]) as running:
        detail = running.until_failed("key1/nurse", 1)
        assert detail == "URL 1: RuntimeError: no such\\nthing \\u202e"
        assert running.senders.lanes["nurse", 1].sender.restarts == 0


def test_a_channel_without_a_usable_service_never_counts_as_delivered(tmp_path: Path) -> None:
    with senders_on_file(tmp_path, entry(1), nurse=["nosuchscheme://x"]) as running:
        assert running.until_failed("key1/nurse", 1)
        assert not running.done("key1/nurse")


def test_a_channel_without_an_address_has_no_sender(tmp_path: Path) -> None:
    with senders_on_file(tmp_path, entry(1), nurse=[""]) as running:
        running.step()
        assert running.senders.lanes == {}


def test_a_reload_changes_the_channels_without_losing_a_message(tmp_path: Path) -> None:
    first, second, other = tmp_path / "first", tmp_path / "second", tmp_path / "other"
    entries = [entry(1), entry(2, "other")]
    with senders_on_file(tmp_path, *entries, make=FileChannel, nurse=[str(first)]) as running:
        running.until_done("key1/nurse")
        running.live.config = ward_config(channels=running.channels(8, nurse=[str(second)], other=[str(other)]))
        running.until_done("key2/other")
        running.file.write(StateChanges(outbox=[entry(3)]))
        running.until_done("key3/nurse")
        running.live.config = ward_config(channels=running.channels(8, other=[str(other)]))
        running.step()
        assert list(running.senders.lanes) == [("other", 1)]
    assert (first.read_text()[:4], second.read_text()[:4]) == ("key1", "key3")


def test_urls_come_from_a_file_too_and_a_missing_file_is_a_failure_not_a_success(tmp_path: Path) -> None:
    delivered_file, urls = tmp_path / "delivered", tmp_path / "urls"
    with senders_on_file(tmp_path, entry(1), make=FileChannel) as running:
        channel = Channel(name="nurse", url_file=str(urls))
        running.live.config = _with(running, channel)
        assert "SettingsError" in running.until_failed("key1/nurse", 1)
        urls.write_text(f"# where\n\n{delivered_file}\n")
        running.live.config = _with(running, channel)
        running.clock.advance(1)
        running.until_done("key1/nurse")


def _with(running: SendersOnFile, channel: Channel) -> Any:
    import dataclasses

    alerting = running.live.config.alerting.model_copy(update={"channels": (channel,)})
    return dataclasses.replace(running.live.config, alerting=alerting)


def test_a_secret_of_a_url_is_never_shown() -> None:
    channel = Channel(name="nurse", urls=(SecretStr("json://user:secret@127.0.0.1"),))
    assert "secret" not in repr(channel)


def _contains(file: Path, text: str) -> bool:
    return file.exists() and text in file.read_text()


def test_senders_wait_for_the_file_and_open_a_replaced_one_again(tmp_path: Path) -> None:
    delivered_file = tmp_path / "delivered"
    live = Replaceable(ward_config(channels=SendersOnFile.channels(8, nurse=[str(delivered_file)])))
    senders = Senders(live, partial(OutboxFile.in_folder, tmp_path), FileChannel, ManualClock(), Metrics())
    assert senders.step(0) == 0
    file = StateFile(tmp_path / FILE)
    for n in (1, 2):
        file.start_over()
        file.write(StateChanges(outbox=[entry(n)]))
        key = f"key{n}"
        until(lambda key=key: _contains(delivered_file, key), lambda: senders.step(0.02))  # type: ignore[misc]
    file.close()
    senders.close()


def test_a_wakeup_ends_the_wait_of_the_senders(tmp_path: Path) -> None:
    delivered_file, wakeup = tmp_path / "delivered", Wakeup()
    live = Replaceable(ward_config(channels=SendersOnFile.channels(8, nurse=[str(delivered_file)])))
    senders = Senders(live, partial(OutboxFile.in_folder, tmp_path), FileChannel, ManualClock(), Metrics(), wakeup)
    for _ in range(100_000):
        wakeup.wake()
    senders.step(3600)  # does not wait an hour
    senders.step(0)
    senders.close()
    wakeup.close()


def test_an_hour_without_any_channel_loses_no_message_and_keeps_the_order_of_urgency(tmp_path: Path) -> None:
    delivered_file = tmp_path / "delivered"
    gate = delivered_file.with_suffix(".gate")
    route = {"receiver": "nurses", "group_wait": "5s", "repeat_interval": "10m"}
    config = ward_config(channels=SendersOnFile.channels(1, nurse=[str(delivered_file)]), route=route)
    timeline = AlertTimeline(tmp_path, config)
    timeline.unavailable_channels = {"nurse"}
    timeline.at(1).raises("spo2_low", bed=1, severity="low")
    timeline.at(2).raises("spo2_low", bed=2, severity="medium")
    timeline.at(60).clears("spo2_low", bed=1)
    timeline.at(3000).raises("spo2_low", bed=3, severity="high")
    timeline.advance_to(3600, every=2)
    senders = Senders(
        timeline.live, partial(OutboxFile.in_folder, tmp_path), HangingChannel, timeline.clock, timeline.metrics
    )
    gate.touch()
    outbox = OutboxFile(tmp_path / FILE)
    until(lambda: not list(outbox.waiting("nurse")), lambda: senders.step(0.02))
    senders.close()
    outbox.close()
    timeline.pipeline.close()
    lines = [line.split(" ", 1)[1] for line in delivered_file.read_text().splitlines()]
    # The first of each bed, the newest of the repeats that piled up, and what is over says so.
    assert [line[:40] for line in lines] == [
        "HIGH priority, ICU bed 3: SpO2 84 % < 88",
        "HIGH priority, ICU bed 3: SpO2 84 % < 88",
        "MEDIUM priority, ICU bed 2: SpO2 84 % < ",
        "MEDIUM priority, ICU bed 2: SpO2 84 % < ",
        "ALERT ENDED at 16:01:00 UTC (delayed mes",
        "ALERT ENDED, ICU bed 1: was LOW priority",
    ]
    assert ["; not acknowledged for 10 min)" in line for line in lines[:2]] == [False, True]
    assert lines[3].endswith("; not acknowledged for 50 min) (delayed message of 16:50:02 UTC)")


def test_two_hundred_beds_in_a_second_are_each_sent_immediately(tmp_path: Path) -> None:
    with web() as posts:
        config = ward_config(
            beds=200, channels=[{"name": "nurse", "urls": [posts.url]}],
            route={"receiver": "nurses", "group_by": ["bed"], "group_wait": "10s"},
        )  # fmt: skip
        timeline = AlertTimeline(tmp_path, config)
        timeline.unavailable_channels = {"nurse"}
        for bed in range(1, 201):
            timeline.at(bed / 200).raises("spo2_low", bed=bed, severity="medium")
            timeline.at(bed / 200).raises("tachycardia", bed=bed, severity="medium")
        timeline.advance_to(1.5, every=0.1)
        senders = Senders(
            timeline.live, partial(OutboxFile.in_folder, tmp_path), open_channel, timeline.clock, timeline.metrics
        )
        until(lambda: len(posts.got) == 200, lambda: senders.step(0.02))
        until(lambda: not any(lane.deliveries for lane in senders.lanes.values()), lambda: senders.step(0.02))
        titles = {json.loads(body)["title"].split(":")[0] for body in posts.got}
        assert titles == {f"MEDIUM priority, ICU bed {bed}" for bed in range(1, 201)}
        senders.close()
        timeline.pipeline.close()
