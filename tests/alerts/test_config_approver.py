"""The program `alerts` confirms edits that end no alert, and only when it knows all alerts."""

from collections.abc import Iterable
from pathlib import Path

from tests.alerts.test_log_down import MovingLog
from tests.kit.alert_timeline import AlertTimeline, ward_config
from tests.kit.log_records import log_messages
from ward.adapters.memory.log import DurableReceipt, MemoryLog
from ward.config.edit_guard import WaitingEdit
from ward.topics import CONFIG_CONFIRMATIONS
from ward.wire import CONFIG_CONFIRMATION_WIRE

EDIT = WaitingEdit("ab12", changed=frozenset({("mon-icu-7", "spo2_low")}))


class UnreadableLog(MovingLog):
    """While it is away it can be written and not be read."""

    def send(self, topic: str, records: Iterable[tuple[str, bytes]]) -> DurableReceipt:
        return MemoryLog.send(self, topic, records)


def confirmed(timeline: AlertTimeline) -> list[tuple[str, bool]]:
    found = log_messages(timeline.log, CONFIG_CONFIRMATIONS, CONFIG_CONFIRMATION_WIRE)
    return [(record.config, record.automatic) for record in found]


def test_an_edit_of_a_rule_without_an_active_alert_is_confirmed(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path)
    timeline.live.waiting = EDIT
    timeline.at(1).raises("spo2_low", bed=3)
    timeline.advance_to(3)
    assert confirmed(timeline) == [("ab12", True)]


def test_an_edit_of_a_rule_with_an_active_alert_is_confirmed_when_that_alert_has_ended(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path)
    timeline.at(1).raises("spo2_low")
    timeline.advance_to(2)
    timeline.live.waiting = EDIT
    timeline.advance_to(20)
    assert confirmed(timeline) == []
    timeline.at(21).clears("spo2_low")
    timeline.advance_to(23)
    assert confirmed(timeline) == [("ab12", True)]


def test_an_edit_that_takes_watch_away_is_never_confirmed(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path)
    timeline.live.waiting = WaitingEdit("ab12", removed=("bed icu-7 is removed",))
    timeline.advance_to(20)
    assert confirmed(timeline) == []


def test_before_the_log_has_been_read_nothing_is_confirmed(tmp_path: Path) -> None:
    """With a file that is lost, alerts are known from the log alone."""
    log = UnreadableLog()
    timeline = AlertTimeline(tmp_path, ward_config(), log=log)
    timeline.at(1).raises("spo2_low")
    timeline.advance_to(2)
    for file in tmp_path.glob("alerts.db*"):
        file.unlink()
    timeline.restart()
    timeline.live.waiting = EDIT
    log.away = True
    timeline.advance_to(10)
    log.away = False
    timeline.advance_to(20)
    assert confirmed(timeline) == []


def test_a_log_that_is_away_costs_no_step_and_the_edit_is_confirmed_later(tmp_path: Path) -> None:
    log = MovingLog()
    timeline = AlertTimeline(tmp_path, ward_config(), log=log)
    timeline.advance_to(1)
    log.away, timeline.live.waiting = True, EDIT
    timeline.advance_to(5)
    log.away = False
    timeline.advance_to(6)
    assert confirmed(timeline) == [("ab12", True)]
