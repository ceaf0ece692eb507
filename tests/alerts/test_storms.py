"""Many messages at once, and a mail server that comes back: who is notified first, and how many at one time."""

import re
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from alerts.channels.open_channel import open_channel
from alerts.delivery.senders import Senders
from alerts.storage.outbox_file import OutboxFile
from tests.alerts.senders_on_file import SendersOnFile, entry, senders_on_file
from tests.alerts.targets import free_port, smtp, until, web
from tests.kit.alert_timeline import AlertTimeline, ward_config
from tests.kit.guarantees import Figure
from ward.alert import EXTERNAL

NURSE = "nurse@ward.test"


def _away(running: SendersOnFile, seconds: int) -> None:
    for _ in range(seconds):
        running.until_idle()
        running.clock.advance(1)


@pytest.mark.guarantee("When a mail server is back, its first answer releases all that waits, HIGH priority first.")
@pytest.mark.parametrize("count", [4, 30])
def test_a_server_that_is_back_gets_all_that_waits_with_its_first_answer(
    tmp_path: Path, figure: Figure, count: int
) -> None:
    port = free_port()
    url = f"mailto://127.0.0.1:{port}/?from=ward@ward.test&to={NURSE}&mode=insecure"
    entries = [entry(n, priority=24 if n % 3 == 0 else 8) for n in range(1, count + 1)]
    with senders_on_file(tmp_path, *entries, at_once=1, nurse=[url]) as running:
        _away(running, 120)
        with smtp(port) as mails:
            running.clock.advance(5)  # the longest pause: a message tries the server now
            until(lambda: len(mails.got) == count, running.step)
        beds = [int(re.findall(r"bed (\d+)", subject)[0]) for subject in mails.received_by(NURSE)]
    # The message that tried the server is the one with the fewest attempts; after it, HIGH priority first.
    assert beds[1:] == sorted(beds[1:], key=lambda n: (n % 3 != 0, n))
    figure(f"{count} of {count} messages leave within 5 s after the server is back, without a further pause")


def test_one_message_that_a_server_does_not_answer_to_delays_no_other_for_long(tmp_path: Path) -> None:
    """It waits its own pause, and does not try the server again with each answer to another one."""
    with web("hang", *[200] * 6, "hang") as posts:
        entries = [entry(n) for n in range(1, 9)]
        with senders_on_file(tmp_path, *entries, at_once=1, nurse=[posts.url]) as running:
            until(lambda: len(posts.got) == 1, running.step)
            running.clock.advance(15)
            until(lambda: running.rows()["key1/nurse"][1] == 1, running.step)
            running.clock.advance(1)
            until(lambda: len(posts.got) >= 7, running.step)
        assert sum(b"key: key1" in body for body in posts.got) <= 2


def test_of_one_bed_only_one_message_is_on_its_way(tmp_path: Path) -> None:
    entries = [entry(n, places=(f"icu-{n % 3}",)) for n in range(1, 31)]
    with smtp() as mails, senders_on_file(tmp_path, *entries, nurse=[mails.url]) as running:
        mails.latency = 0.005
        until(lambda: len(mails.got) == 30, running.step)
        assert mails.most_busy <= 3
        numbers = [int(re.findall(r"bed (\d+)", subject)[0]) for subject in mails.received_by(NURSE)]
    for bed in range(3):
        of_bed = [n for n in numbers if n % 3 == bed]
        assert of_bed == sorted(of_bed), "the messages of one bed arrive in order"


def test_http_connections_stay_open_between_messages(tmp_path: Path) -> None:
    entries = [entry(n) for n in range(1, 21)]
    with web() as posts, senders_on_file(tmp_path, *entries, at_once=2, nurse=[posts.url]) as running:
        until(lambda: len(posts.got) == 20, running.step)
        assert posts.connections <= 2


@pytest.mark.guarantee("Of 200 beds that raise HIGH in one second, several are notified at one time, each bed once.")
def test_two_hundred_beds_go_out_several_at_one_time_in_sessions_that_stay_open(tmp_path: Path, figure: Figure) -> None:
    with smtp() as mails:
        mails.latency = 0.02  # of each answer to a recipient and to a mail
        channels = [{"name": "nurse", "urls": [mails.url]}]
        config = ward_config(beds=200, channels=channels, route={"receiver": "nurses", "group_by": ["bed"]})
        timeline = AlertTimeline(tmp_path, config)
        timeline.unavailable_channels = {"nurse"}
        for bed in range(1, 201):
            timeline.at(bed / 200).raises("spo2_low", bed=bed)
        timeline.advance_to(1.25, every=0.25)
        outbox = partial(OutboxFile.in_folder, tmp_path)
        senders = Senders(timeline.live, outbox, open_channel, timeline.clock, timeline.metrics)
        until(lambda: len(mails.got) >= 1, lambda: senders.step(0.02))
        began = time.monotonic()
        until(lambda: len(mails.got) == 200, lambda: senders.step(0.02))
        seconds = time.monotonic() - began
        senders.close()
        timeline.pipeline.close()
        beds = {subject.split(":")[0] for subject in mails.received_by(NURSE)}
        assert beds == {f"HIGH priority, ICU bed {bed}" for bed in range(1, 201)}
        assert len(mails.got) == 200
        assert 2 <= mails.most_busy <= 8
        assert len(mails.sessions) <= 8, "sessions stay open between mails"
    figure(f"200 of 200 beds by mail in {seconds:.1f} s, {len(mails.sessions)} sessions, {mails.most_busy} at one time")


@pytest.mark.guarantee("In the outbox patients go before equipment, and our own alerts before those of other systems.")
def test_a_patient_goes_before_a_machine_and_our_alert_before_that_of_another_system(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config())
    timeline.unavailable_channels = {"nurse"}
    posted: dict[str, Any] = {"detector": EXTERNAL, "until": timeline.time_at(600)}
    timeline.at(1).raises("silent", bed=1, labels={"alertname": "fan"}, **posted)
    timeline.at(2).raises("silent", bed=2)
    timeline.at(3).raises("spo2_low", bed=3, **posted)
    timeline.at(4).raises("spo2_low", bed=4)
    timeline.at(5).raises("spo2_low", bed=5, severity="medium")
    timeline.advance_to(60)
    with closing(OutboxFile.in_folder(tmp_path)) as file:
        first = [waiting.message.subject for waiting in file.waiting("nurse")]
    timeline.pipeline.close()
    assert [re.findall(r"^(\w+) priority.*bed (\d)", subject)[0] for subject in first] == [
        ("HIGH", "4"), ("HIGH", "3"), ("HIGH", "2"), ("HIGH", "1"), ("MEDIUM", "5")
    ]  # fmt: skip
