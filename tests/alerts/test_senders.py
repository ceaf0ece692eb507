"""The senders: real processes, a real SMTP and a real HTTP server, and every way in which they can fail."""

import email
import email.policy
import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from alerts.channels.apprise_channel import AppriseChannel
from alerts.delivery.senders import Senders
from alerts.model.channel_message import ChannelMessage
from alerts.model.outbox_entry import OutboxEntry
from alerts.model.state_changes import StateChanges
from alerts.ports.notifier import MakeNotifier
from alerts.storage.outbox_file import OutboxFile
from alerts.storage.schema import FILE
from alerts.storage.state_file import StateFile
from tests.alerts.targets import DeafChannel, FileChannel, RaisingChannel, smtp, until, web
from tests.kit.alert_timeline import AlertTimeline, Replaceable, ward_config
from tests.kit.kill_switch import Killed
from ward.clock import ManualClock
from ward.config.alerting import Channel
from ward.metrics import Metrics
from ward.wakeup import Wakeup


def _letter(n: int, channel: str = "nurse", priority: int = 3, **changes: Any) -> OutboxEntry:
    subject = f"HIGH priority, ICU bed {n}: SpO2 84 % < 88 for 15 s"
    message = ChannelMessage(key=f"key{n}", subject=subject, body=f"line one of {n}\nüber 38 °C <script>")
    fields = {"priority": priority, "queued_at": n, "queued_wall": n, "group": f"g{n}"}
    return OutboxEntry(message=message, channel=channel, **{**fields, **changes})


class Office:
    """An outbox with letters, and the senders that empty it."""

    def __init__(self, path: Path, letters: list[OutboxEntry], make: MakeNotifier, **channels: list[str]) -> None:
        self.path = path
        self.file = StateFile(path / FILE)
        self.file.write(StateChanges(outbox=letters))
        self.clock = ManualClock()
        self.metrics = Metrics()
        self.live = Replaceable(ward_config(channels=self.channels(**channels)))
        self.make = make
        self.senders = self.open()

    @staticmethod
    def channels(**channels: list[str]) -> list[dict[str, Any]]:
        return [{"name": name, "urls": urls} for name, urls in channels.items()]

    def open(self) -> Senders:
        return Senders(self.live, partial(OutboxFile.in_folder, self.path), self.make, self.clock, self.metrics)

    def step(self) -> int:
        return self.senders.step(0.02)

    def rows(self) -> dict[str, tuple[str, int, str]]:
        db = sqlite3.connect(self.path / FILE)
        rows = db.execute("SELECT key || '/' || channel, status, attempts, error FROM outbox").fetchall()
        db.close()
        return {key: (done, attempts, detail) for key, done, attempts, detail in rows}

    def done(self, *keys: str) -> bool:
        rows = self.rows()
        return all(rows[key][0] == "delivered" for key in keys)

    def until_done(self, *keys: str) -> None:
        until(lambda: self.done(*keys), self.step)

    def until_failed(self, key: str, attempts: int) -> str:
        until(lambda: self.rows()[key][1] == attempts, self.step)
        return self.rows()[key][2]

    def attempts(self, channel: str, result: str) -> float:
        return self.metrics.numbers().get(
            f'wardwatch_notification_attempts_total{{channel="{channel}",result="{result}"}}', 0.0
        )


@contextmanager
def office(
    path: Path, *letters: OutboxEntry, make: MakeNotifier = AppriseChannel, **channels: list[str]
) -> Iterator[Office]:
    opened = Office(path, list(letters), make, **channels)
    try:
        yield opened
    finally:
        opened.senders.close()
        opened.file.close()


def test_a_mail_arrives_as_it_was_written_byte_by_byte(tmp_path: Path) -> None:
    with smtp() as mails, office(tmp_path, _letter(7), nurse=[mails.url]) as post:
        post.until_done("key7/nurse")
    ((sender, receivers, data),) = mails.got
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert (sender, receivers) == ("ward@ward.test", ["nurse@ward.test"])
    assert message["subject"] == "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s"
    assert message.get_content_type() == "text/plain"
    lines = message.get_content().splitlines()
    assert lines[:4] == ["line one of 7", "über 38 °C <script>", "", "key: key7"]
    assert post.attempts("nurse", "delivered") == 1


def test_a_chat_message_arrives_as_it_was_written(tmp_path: Path) -> None:
    with web() as posts, office(tmp_path, _letter(7), nurse=[posts.url]) as post:
        post.until_done("key7/nurse")
    (body,) = (json.loads(body) for body in posts.got)
    assert body["title"] == "HIGH priority, ICU bed 7: SpO2 84 % < 88 for 15 s"
    assert body["message"].startswith("line one of 7\nüber 38 °C <script>\n\nkey: key7")


def test_a_redirect_too_many_and_an_error_are_no_deliveries_and_it_is_tried_until_one_is(tmp_path: Path) -> None:
    with web(302, 429, 500) as posts, office(tmp_path, _letter(7), nurse=[posts.url]) as post:
        for attempts, pause in ((1, 1), (2, 2), (3, 4)):
            post.until_failed("key7/nurse", attempts)
            post.clock.advance(pause - 0.01)
            post.step()
            assert post.rows()["key7/nurse"][1] == attempts  # not before its time
            post.clock.advance(0.02)
        post.until_done("key7/nurse")
    assert post.rows()["key7/nurse"][1] == 4
    assert posts.paths == ["/hook"] * 4
    assert len(set(posts.got)) == 1
    assert (post.attempts("nurse", "failed"), post.attempts("nurse", "delivered")) == (3, 1)


def test_the_pause_grows_to_a_minute_and_never_ends(tmp_path: Path) -> None:
    with web(*[500] * 9) as posts, office(tmp_path, _letter(7), nurse=[posts.url]) as post:
        for attempts, pause in enumerate((1, 2, 4, 8, 16, 32, 60, 60, 60), 1):
            post.until_failed("key7/nurse", attempts)
            post.clock.advance(pause)
        post.until_done("key7/nurse")


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_a_target_that_hangs_or_drips_is_given_up_after_15_s_and_holds_up_no_other(tmp_path: Path, fault: str) -> None:
    letters = [_letter(1, "slow"), _letter(2), _letter(3)]
    with web(fault) as slow, web() as posts:
        with office(tmp_path, *letters, slow=[slow.url], nurse=[posts.url]) as post:
            until(lambda: len(slow.got) == 1, post.step)
            post.until_done("key2/nurse", "key3/nurse")
            sender = post.senders._senders["slow"]
            post.clock.advance(14.9)
            post.step()
            assert sender.restarts == 0 or fault == "drip"
            post.clock.advance(0.2)
            post.until_failed("key1/slow", 1)
            post.clock.advance(1)
            post.until_done("key1/slow")
        assert len(slow.got) == 2


def test_a_sender_that_dies_is_made_anew_and_its_notice_sent_again_under_its_key(tmp_path: Path) -> None:
    gate, told = tmp_path / "gate", tmp_path / "told"
    with office(tmp_path, _letter(1), make=DeafChannel, nurse=[str(gate), str(told)]) as post:
        post.step()
        sender = post.senders._senders["nurse"]
        os.kill(int(sender._process.pid or 0), signal.SIGKILL)
        assert post.until_failed("key1/nurse", 1) == "the sender died"
        gate.touch()
        post.clock.advance(1)
        post.until_done("key1/nurse")
    assert told.read_text().split()[0] == "key1"
    assert told.read_text().count("\n") == 1


def test_a_sender_that_died_while_idle_costs_no_attempt(tmp_path: Path) -> None:
    told = tmp_path / "told"
    with office(tmp_path, _letter(1), make=FileChannel, nurse=[str(told)]) as post:
        post.until_done("key1/nurse")
        process = post.senders._senders["nurse"]._process
        os.kill(int(process.pid or 0), signal.SIGKILL)
        process.join()
        post.file.write(StateChanges(outbox=[_letter(2)]))
        post.until_done("key2/nurse")
        assert post.rows()["key2/nurse"] == ("delivered", 1, "")


def test_a_kill_between_sending_and_remembering_sends_once_more_under_the_same_key(tmp_path: Path) -> None:
    told = tmp_path / "told"
    with office(tmp_path, _letter(1), make=FileChannel, nurse=[str(told)]) as post:
        post.step()
        file: Any = post.senders._outbox
        file.delivered = _die
        with pytest.raises(Killed):
            until(lambda: False, post.step)
        post.senders.close()
        post.senders = post.open()
        post.until_done("key1/nurse")
        assert [line.split()[0] for line in told.read_text().splitlines()] == ["key1", "key1"]


def _die(*_: object) -> None:
    raise Killed


def test_the_most_urgent_goes_first_and_then_the_oldest(tmp_path: Path) -> None:
    told = tmp_path / "told"
    letters = [_letter(1, priority=1), _letter(2, priority=3), _letter(3, priority=0), _letter(4, priority=3)]
    with office(tmp_path, *letters, make=FileChannel, nurse=[str(told)]) as post:
        post.until_done(*(f"key{n}/nurse" for n in (1, 2, 3, 4)))
    assert [line.split()[0] for line in told.read_text().splitlines()] == ["key2", "key4", "key1", "key3"]


def test_one_notice_that_nobody_takes_does_not_hold_up_the_next(tmp_path: Path) -> None:
    with web(500) as posts, office(tmp_path, _letter(1), _letter(2), nurse=[posts.url]) as post:
        post.until_done("key2/nurse")
        assert not post.done("key1/nurse")
        post.clock.advance(1)
        post.until_done("key1/nurse")


def test_what_goes_wrong_in_a_sender_is_an_answer_in_one_printable_line(tmp_path: Path) -> None:
    with office(tmp_path, _letter(1), make=RaisingChannel, nurse=["x"]) as post:
        detail = post.until_failed("key1/nurse", 1)
        assert detail == "RuntimeError: no such\\nthing \\u202e"
        assert post.senders._senders["nurse"].restarts == 0


def test_a_channel_without_a_usable_service_never_counts_as_delivered(tmp_path: Path) -> None:
    with office(tmp_path, _letter(1), nurse=["nosuchscheme://x"]) as post:
        assert post.until_failed("key1/nurse", 1)
        assert not post.done("key1/nurse")


def test_a_channel_without_an_address_has_no_sender(tmp_path: Path) -> None:
    with office(tmp_path, _letter(1), nurse=[""]) as post:
        post.step()
        assert post.senders._senders == {}


def test_one_of_two_services_failing_is_no_delivery(tmp_path: Path) -> None:
    with web(500) as bad, web() as good, office(tmp_path, _letter(1), nurse=[bad.url, good.url]) as post:
        post.until_failed("key1/nurse", 1)
        post.clock.advance(1)
        post.until_done("key1/nurse")


def test_a_reload_changes_the_channels_without_losing_a_notice(tmp_path: Path) -> None:
    first, second, other = tmp_path / "first", tmp_path / "second", tmp_path / "other"
    letters = [_letter(1), _letter(2, "other")]
    with office(tmp_path, *letters, make=FileChannel, nurse=[str(first)]) as post:
        post.until_done("key1/nurse")
        post.live.config = ward_config(channels=post.channels(nurse=[str(second)], other=[str(other)]))
        post.until_done("key2/other")
        post.file.write(StateChanges(outbox=[_letter(3)]))
        post.until_done("key3/nurse")
        post.live.config = ward_config(channels=post.channels(other=[str(other)]))
        post.step()
        assert list(post.senders._senders) == ["other"]
    assert (first.read_text()[:4], second.read_text()[:4]) == ("key1", "key3")


def test_urls_come_from_a_file_too_and_a_missing_file_is_a_failure_not_a_success(tmp_path: Path) -> None:
    told, urls = tmp_path / "told", tmp_path / "urls"
    with office(tmp_path, _letter(1), make=FileChannel) as post:
        channel = Channel(name="nurse", url_file=str(urls))
        post.live.config = _with(post, channel)
        assert "IndexError" in post.until_failed("key1/nurse", 1)
        urls.write_text(f"# where\n\n{told}\n")
        post.live.config = _with(post, channel)
        post.clock.advance(1)
        post.until_done("key1/nurse")


def _with(post: Office, channel: Channel) -> Any:
    import dataclasses

    alerting = post.live.config.alerting.model_copy(update={"channels": (channel,)})
    return dataclasses.replace(post.live.config, alerting=alerting)


def test_a_secret_of_a_url_is_never_shown() -> None:
    channel = Channel(name="nurse", urls=(SecretStr("json://user:secret@127.0.0.1"),))
    assert "secret" not in repr(channel)


def test_senders_wait_for_a_file_that_is_not_there_yet_and_take_another_that_took_its_place(tmp_path: Path) -> None:
    told = tmp_path / "told"
    live = Replaceable(ward_config(channels=Office.channels(nurse=[str(told)])))
    senders = Senders(live, partial(OutboxFile.in_folder, tmp_path), FileChannel, ManualClock(), Metrics())
    assert senders.step(0) == 0
    file = StateFile(tmp_path / FILE)
    for n in (1, 2):
        file.start_over()
        file.write(StateChanges(outbox=[_letter(n)]))
        until(lambda n=n: told.exists() and f"key{n}" in told.read_text(), lambda: senders.step(0.02))  # type: ignore[misc]
    file.close()
    senders.close()


def test_a_ring_ends_the_wait_of_the_senders(tmp_path: Path) -> None:
    told, wakeup = tmp_path / "told", Wakeup()
    live = Replaceable(ward_config(channels=Office.channels(nurse=[str(told)])))
    senders = Senders(live, partial(OutboxFile.in_folder, tmp_path), FileChannel, ManualClock(), Metrics(), wakeup)
    for _ in range(100_000):
        wakeup.wake()
    senders.step(3600)  # does not wait an hour
    senders.step(0)
    senders.close()
    wakeup.close()


def test_an_hour_without_any_channel_loses_nothing_and_ends_in_order_of_urgency(tmp_path: Path) -> None:
    told, gate = tmp_path / "told", tmp_path / "gate"
    route = {"receiver": "nurses", "group_wait": "5s", "repeat_interval": "10m"}
    config = ward_config(channels=Office.channels(nurse=[str(gate), str(told)]), route=route)
    timeline = AlertTimeline(tmp_path, config)
    timeline.unavailable_channels = {"nurse"}
    timeline.at(1).raises("spo2_low", bed=1, severity="low")
    timeline.at(2).raises("spo2_low", bed=2, severity="medium")
    timeline.at(60).clears("spo2_low", bed=1)
    timeline.at(3000).raises("spo2_low", bed=3, severity="high")
    timeline.advance_to(3600, every=2)
    senders = Senders(
        timeline.live, partial(OutboxFile.in_folder, tmp_path), DeafChannel, timeline.clock, timeline.metrics
    )
    gate.touch()
    outbox = OutboxFile(tmp_path / FILE)
    until(lambda: not list(outbox.waiting("nurse")), lambda: senders.step(0.02))
    senders.close()
    outbox.close()
    timeline.pipeline.close()
    lines = [line.split(" ", 1)[1] for line in told.read_text().splitlines()]
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
    assert lines[3].endswith("; not acknowledged for 50 min)")


def test_two_hundred_beds_in_a_second_are_all_told_each_bed_at_once(tmp_path: Path) -> None:
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
            timeline.live, partial(OutboxFile.in_folder, tmp_path), AppriseChannel, timeline.clock, timeline.metrics
        )
        until(lambda: len(posts.got) == 200, lambda: senders.step(0.02))
        until(lambda: all(s.sending is None for s in senders._senders.values()), lambda: senders.step(0.02))
        titles = {json.loads(body)["title"].split(":")[0] for body in posts.got}
        assert titles == {f"MEDIUM priority, ICU bed {bed}" for bed in range(1, 201)}
        senders.close()
        timeline.pipeline.close()
