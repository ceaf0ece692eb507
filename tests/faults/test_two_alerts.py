"""Two processes of `alerts` on a real Kafka: one is killed, loses its disk, or is frozen, and nobody is notified twice.

The detectors are left out: findings and actions go straight into the log. Times are recorded, not asserted.
"""

import itertools
import os
import re
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engines.engine import Engine
from tests.faults.hospital import ROOT, Mails
from tests.faults.one_of_two import OneOfTwo
from tests.kit.guarantees import Figure
from tests.kit.log_records import log_messages
from ward.action import Action, ActionType
from ward.adapters.kafka.log import KafkaLog
from ward.adapters.kafka.settings import KafkaSettings
from ward.clock import SECOND, SystemClock
from ward.finding import Finding, Kind, Severity, Transition
from ward.ids import digest
from ward.topics import ACTIONS, ALERTS, FINDINGS, HEARTBEATS
from ward.wire import ACTION_WIRE, ALERT_WIRE, FINDING_WIRE, HEARTBEAT_WIRE

pytestmark = pytest.mark.engines
CLOCK = SystemClock()
SESSION = 10  # the default
SUBJECT = re.compile(r"HIGH priority, (ICU|Medical) bed (\d+): ")
_NUMBERS = itertools.count(1)


class Pair:
    """Two processes, the channel that both of them send to, and the log."""

    def __init__(self, folder: Path, kafka: Engine) -> None:
        prefix = f"pair{next(_NUMBERS)}."
        self.mails, self.folder = Mails(), folder
        self.log = KafkaLog(KafkaSettings(servers=f"127.0.0.1:{kafka.port}", prefix=prefix, session=SESSION))
        environ = {
            "WARDWATCH_CONFIG": str(ROOT / "config"), "WARDWATCH_MAIL_URL": self.mails.url, "PYTHONPATH": str(ROOT),
            "WARDWATCH_LOG_URL": f"kafka://127.0.0.1:{kafka.port}?prefix={prefix}", "PATH": os.environ["PATH"],
        }  # fmt: skip
        self.one, self.two = (OneOfTwo("alerts", folder, name, environ) for name in ("one", "two"))

    def start(self) -> None:
        self.one.start()
        self.until(lambda: self.roles().get("one") == "active", "the first became active")
        self.two.start()
        self.until(lambda: self.roles().get("two") == "standby", "the second stood by")

    def raise_bed(self, bed: int) -> None:
        now, (ward, place) = CLOCK.now(), ("icu", bed) if bed <= 10 else ("med", bed - 10)
        finding = Finding(
            episode=f"episode-{bed}", transition=Transition.RAISED, rule="tachycardia", detector="limits",
            kind=Kind.PHYSIOLOGICAL, severity=Severity.HIGH, onset=now - 10 * SECOND, at=now, received_at=now,
            text="Heart rate 172 /min > 150 for 10 s", device=f"mon-{ward}-{place:02}", signal="heart_rate",
            ward="icu" if ward == "icu" else "medical", bed=f"{ward}-{place:02}", value=172.0, limit=150.0, config="",
        )  # fmt: skip
        assert self.log.send(FINDINGS, [(finding.device, FINDING_WIRE.encode(finding))]).acked(10)

    def acknowledge(self, bed: int) -> None:
        action = Action(
            id=digest("ack", bed), type=ActionType.ACKNOWLEDGE, subject=f"episode-{bed}", by="nurse.anna",
            at=CLOCK.now(),
        )  # fmt: skip
        assert self.log.send(ACTIONS, [(action.subject, ACTION_WIRE.encode(action))]).acked(10)

    def acknowledged(self) -> set[str]:
        return {alert.id for alert in log_messages(self.log, ALERTS, ALERT_WIRE) if alert.ack is not None}

    def roles(self) -> dict[str, str]:
        """The role of each process by its newest heartbeat."""
        beats = log_messages(self.log, HEARTBEATS, HEARTBEAT_WIRE)
        return {beat.instance.partition("-")[0]: beat.role for beat in beats}

    def notified(self) -> Counter[int]:
        """How many first notifications of each bed have come; beds of the medical ward are 11 to 20."""
        found = [match for subject in self.mails.subjects() if (match := SUBJECT.match(subject))]
        return Counter(int(match[2]) + (10 if match[1] == "Medical" else 0) for match in found)

    def until(self, done: Callable[[], object], what: str, seconds: float = 60) -> float:
        """Wait until a condition is true. Returns how long that took."""
        start = time.monotonic()
        while not done():
            if time.monotonic() - start > seconds:
                words = "\n".join(f"--- {one.name}\n{one.words()}" for one in (self.one, self.two))
                pytest.fail(f"not within {seconds:.0f} s: {what}; {self.notified()} {self.roles()}\n{words}")
            time.sleep(0.1)
        return time.monotonic() - start

    def until_notified(self, *beds: int) -> float:
        return self.until(lambda: set(beds) <= self.notified().keys(), f"beds {beds} are notified")

    def assert_each_once(self, *beds: int) -> None:
        time.sleep(3)  # for a second one to come
        assert self.notified() == Counter(beds)

    def close(self) -> None:
        for one in (self.one, self.two):
            one.end()
        self.log.close()
        self.mails.close()


@pytest.fixture
def pair(tmp_path: Path, kafka: Engine) -> Iterator[Pair]:
    made = Pair(tmp_path, kafka)
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.mark.guarantee("A standby of alerts takes over from a killed one, and each alert is notified once.")
def test_after_a_kill_the_standby_goes_on_and_with_another_disk_too(pair: Pair, figure: Figure) -> None:
    for bed in range(1, 7):
        pair.raise_bed(bed)
    pair.until_notified(*range(1, 7))
    time.sleep(1)
    pair.one.kill()
    for bed in range(7, 13):
        pair.raise_bed(bed)
    took = pair.until_notified(*range(7, 13))
    figure(f"beds raised right after a kill -9 of the active one are notified after {took:.1f} s")
    shutil.rmtree(pair.folder / "one" / "data")
    pair.one.start()
    pair.until(lambda: pair.roles().get("one") == "standby", "the first stands by")
    time.sleep(1)
    pair.two.kill()
    pair.raise_bed(13)
    pair.until_notified(13)
    pair.assert_each_once(*range(1, 14))


@pytest.mark.guarantee("With two processes of alerts running, every acknowledgement takes effect.")
def test_every_acknowledgement_takes_effect_with_two_running(pair: Pair, figure: Figure) -> None:
    for bed in range(1, 13):
        pair.raise_bed(bed)
    pair.until_notified(*range(1, 13))
    for bed in range(1, 13):
        pair.acknowledge(bed)
    pair.until(lambda: len(pair.acknowledged()) == 12, "all 12 are acknowledged")
    pair.assert_each_once(*range(1, 13))
    figure("12 of 12 acknowledgements took effect, 12 of 12 beds notified once")


@pytest.mark.guarantee("An alerts process that was frozen for longer than the session sends nothing twice.")
def test_a_frozen_one_that_wakes_up_sends_nothing_twice(pair: Pair) -> None:
    for bed in range(1, 4):
        pair.raise_bed(bed)
    pair.until_notified(1, 2, 3)
    time.sleep(1)
    pair.one.freeze()
    for bed in range(4, 7):
        pair.raise_bed(bed)
    pair.until_notified(4, 5, 6)
    pair.one.thaw()
    for bed in range(7, 10):
        pair.raise_bed(bed)
    pair.until_notified(7, 8, 9)
    pair.until(lambda: pair.roles() == {"one": "standby", "two": "active"}, "the first stands by")
    pair.assert_each_once(*range(1, 10))


@pytest.mark.guarantee("A rolling restart of alerts hands over without a missed or doubled notification.")
def test_a_rolling_restart_hands_over(pair: Pair, figure: Figure) -> None:
    took = []
    for leaving, first in ((pair.one, 1), (pair.two, 5)):
        for bed in range(first, first + 3):
            pair.raise_bed(bed)
        os.kill(leaving.pid, signal.SIGTERM)
        pair.raise_bed(first + 3)
        took.append(pair.until_notified(*range(1, first + 4)))
        leaving.end()
        leaving.start()
        pair.until(lambda name=leaving.name: pair.roles().get(name) == "standby", "it stands by")  # type: ignore[misc]
    pair.assert_each_once(*range(1, 9))
    figure(f"beds raised at a clean stop are notified after {took[0]:.1f} and {took[1]:.1f} s")
