"""The log is away: what is known is still repeated and escalated, and nothing is lost when it comes back."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.test_escalate import SETTINGS
from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from ward.adapters.memory.log import DurableReceipt, MemoryLog
from ward.errors import LogUnavailable
from ward.ports import Batch, Partition


class Unacked:
    """A receipt of a log that has given the records up."""

    def acked(self, wait: float) -> bool:
        raise LogUnavailable("given up")


class MovingLog(MemoryLog):
    """A log that can be away: for readers, for writers, or giving up what it took."""

    away = False
    torn = False
    forgets = False

    def send(self, topic: str, records: Iterable[tuple[str, bytes]]) -> Any:
        if self.forgets:
            return Unacked()
        if self.away:
            raise LogUnavailable("away")
        receipt: DurableReceipt = super().send(topic, records)
        return receipt

    def end(self, partition: Partition) -> int:
        if self.away:
            raise LogUnavailable("away")
        return super().end(partition)

    def read(self, partition: Partition, start: int, limit: int) -> Batch:
        if self.away:
            raise LogUnavailable("away")
        return super().read(partition, start, limit)

    def scan(self, partition: Partition, start: int | None = None, tail: int | None = None) -> Iterator[Batch]:
        if self.away or (self.torn and partition.number == 2):
            raise LogUnavailable("away")
        return super().scan(partition, start)


@pytest.mark.parametrize("restart", [False, True])
def test_escalation_goes_on_without_a_log(tmp_path: Path, restart: bool) -> None:
    log = MovingLog()
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS), log=log)
    timeline.at(10).raises("spo2_low")
    timeline.at(20).then(lambda: setattr(log, "away", True))
    if restart:
        timeline.at(60).restarts()
    timeline.at(200).then(lambda: setattr(log, "away", False))
    timeline.at(201).clears("spo2_low").raises("spo2_low", bed=8)
    timeline.want(immediately(10), "HIGH priority, ICU bed 7")
    timeline.want(between(130, 131), "HIGH priority, ICU bed 7", "doctor")
    timeline.want(immediately(201), "HIGH priority, ICU bed 8")
    timeline.want(between(211, 212), "ALERT ENDED, ICU bed 7")
    timeline.want(between(211, 212), "ALERT ENDED, ICU bed 7", "doctor")
    consequence = "no new alerts are raised, watch patients at the bedside"
    problem = f"Program alerts reports a problem; {consequence} (the log cannot be read: away)"
    timeline.want(between(35, 36), f"HIGH priority, {problem}")
    notes = "alert since 16:00:20 UTC; not acknowledged for 2 min"
    timeline.want(between(155, 156), f"HIGH priority, {problem} ({notes})", "doctor")
    for whom in ("nurse", "doctor"):
        timeline.want(between(238, 241), "ALERT ENDED: Program alerts reports no problem any more", whom)
    timeline.run(250, every=0.5)
    alerts = timeline.alerts()
    assert (alerts["spo2_low icu-7"].active, alerts["spo2_low icu-8"].active) == (False, True)


def test_publications_that_the_log_gave_up_are_sent_again(tmp_path: Path) -> None:
    log = MovingLog()
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS), log=log)
    timeline.at(10).raises("spo2_low").then(lambda: setattr(log, "forgets", True))
    timeline.at(30).then(lambda: setattr(log, "forgets", False))
    timeline.want(immediately(10), "HIGH priority, ICU bed 7")
    timeline.run(60)
    assert timeline.alerts()["spo2_low icu-7"].active


def test_after_a_partial_read_the_log_is_read_completely(tmp_path: Path) -> None:
    log = MovingLog()
    timeline = AlertTimeline(tmp_path, ward_config(**SETTINGS), log=log)
    timeline.at(10).then(lambda: setattr(log, "torn", True)).restarts()
    for bed in range(1, 9):
        timeline.at(20).raises("spo2_low", bed=bed)
        timeline.want(immediately(40), f"HIGH priority, ICU bed {bed}")
    timeline.at(40).then(lambda: setattr(log, "torn", False))
    timeline.run(60)
