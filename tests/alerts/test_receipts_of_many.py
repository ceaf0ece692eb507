"""Receipts where one gateway, phone, alert or process could cost another."""

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

from alerts.delivery.receipt_reader import KEEP, ReceiptReader
from alerts.delivery.send_permit import SendPermit
from alerts.model.receipt import Receipt, ReceiptAnswer
from alerts.storage.receipts_file import ReceiptsFile
from alerts.storage.schema import FILE
from tests.alerts.test_failover import Two, raise_beds, rows
from tests.alerts.test_receipts import OTHER, PHONE, Gateway, Phones, begun
from tests.kit.alert_timeline import AlertTimeline
from ward.adapters.memory.log import MemoryLog
from ward.alert import ReceiptState
from ward.clock import SECOND
from ward.topics import ALERTS
from ward.wire import ALERT_WIRE

DOWN = ReceiptAnswer(None, "no answer", answered=False)


def put(phones: Phones, channel: str, count: int, gateway: str) -> None:
    """So many messages that a gateway has accepted and does not report as delivered."""
    with closing(ReceiptsFile(phones.timeline.path)) as file:
        now = phones.timeline.clock.now()
        for n in range(count):
            # They are older than the message about the alert.
            sent_at = now - 5 * SECOND + n
            file.put(Receipt(channel, f"SMS {n}", f"{gateway}{n}", f"{gateway} {n}", "", sent_at, ask_at=now))


def put_down(phones: Phones, channel: str, count: int) -> None:
    """The same of a gateway that does not answer."""
    put(phones, channel, count, "dead")
    phones.gateway.states |= {f"dead {n}": DOWN for n in range(count)}


def asked(phones: Phones, gateway: str) -> list[str]:
    return [reference for _, reference in phones.gateway.asked if reference.startswith(f"{gateway} ")]


def test_a_gateway_that_is_down_with_a_thousand_messages_delays_no_other_receipt(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE)
    put_down(phones, "doctor", 1000)
    phones.says("a", ReceiptState.DELIVERED)
    phones.advance_to(30)
    assert phones.receipts() == {PHONE: (ReceiptState.DELIVERED, "")}
    assert len(asked(phones, "dead")) <= 5


def test_one_gateway_of_a_channel_that_is_down_delays_no_message_of_the_other(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE)
    put_down(phones, "nurse", 100)
    phones.says("a", ReceiptState.DELIVERED)
    phones.advance_to(10)
    assert phones.receipts() == {PHONE: (ReceiptState.DELIVERED, "")}


def test_a_gateway_that_is_down_makes_its_messages_missing_in_time(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE)
    put_down(phones, "doctor", 100)
    phones.advance_to(75)
    with closing(ReceiptsFile(tmp_path)) as file:
        states = file._db.execute("SELECT state FROM receipts WHERE channel='doctor'").fetchall()
    assert states == [("missing",)] * 100


def test_a_slow_gateway_delays_no_other_and_nothing_is_missing_without_a_question(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE)
    put(phones, "doctor", 40, "slow")
    phones.gateway.states |= {f"slow {n}": ReceiptAnswer(ReceiptState.DELIVERED, "") for n in range(40)}
    phones.says("a", ReceiptState.DELIVERED)
    quick = phones.gateway.__call__

    def slow(url: str, reference: str) -> ReceiptAnswer | None:
        phones.timeline.clock.advance(3.0 if reference.startswith("slow") else 0.0)
        return quick(url, reference)

    phones.reader = ReceiptReader(
        phones.timeline.live, lambda: ReceiptsFile(tmp_path), slow, phones.timeline.clock, phones.timeline.metrics
    )
    began = phones.timeline.now()
    phones.reader.step(0)
    assert phones.timeline.now() - began == 3.0, "one slow question in a step"
    phones.advance_to(20)
    assert phones.receipts() == {PHONE: (ReceiptState.DELIVERED, "")}
    phones.advance_to(250)
    with closing(ReceiptsFile(tmp_path)) as file:
        states = {state for (state,) in file._db.execute("SELECT state FROM receipts")}
    assert states == {"delivered"}
    counted = phones.timeline.metrics.samples()
    assert not any('result="missing"' in name for name in counted), "each was asked about before it counts as missing"


def test_a_process_that_is_not_the_active_one_any_more_writes_and_forgets_nothing(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE)
    line = phones.timeline
    put(phones, "doctor", 3, "other")
    line.clock.advance(2 * KEEP / SECOND)
    permit = SendPermit(line.clock)
    permit.extend(line.clock.monotonic() + 1)

    def ask(url: str, reference: str) -> ReceiptAnswer | None:
        permit.revoke()
        return phones.gateway(url, reference)

    reader = ReceiptReader(line.live, partial(ReceiptsFile, tmp_path), ask, line.clock, line.metrics, permit)
    with closing(ReceiptsFile(tmp_path)) as file:
        before = file._db.execute("SELECT * FROM receipts").fetchall()
        reader.step(0)
        assert file._db.execute("SELECT * FROM receipts").fetchall() == before
    reader.close()
    assert asked(phones, "other") == ["other 0"], "then the permit was lost"


def test_a_channel_that_was_removed_stops_no_other(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE)
    put(phones, "gone", 60, "old")
    phones.says("a", ReceiptState.DELIVERED)
    phones.advance_to(10)
    assert phones.receipts() == {PHONE: (ReceiptState.DELIVERED, "")}
    assert asked(phones, "old") == []


def test_a_receipt_after_the_end_of_its_alert_begins_nothing(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE)
    phones.timeline.at(20).clears("spo2_low")
    phones.advance_to(40)
    phones.says("a", ReceiptState.FAILED, "absent subscriber")
    phones.advance_to(120)
    assert not phones.alert().active
    assert phones.sent("doctor") == []
    assert phones.problems(), "the phone is dead all the same"


def test_a_receipt_stays_with_its_alert_when_its_file_forgets_it(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE, OTHER)
    phones.says("a", ReceiptState.FAILED, "absent subscriber")
    phones.advance_to(20)
    with closing(ReceiptsFile(tmp_path)) as file:
        file._db.execute("DELETE FROM receipts WHERE recipient=?", (PHONE,))
    phones.says("b", ReceiptState.DELIVERED)
    phones.advance_to(60)
    assert set(phones.receipts()) == {PHONE, OTHER}


def test_an_alert_that_is_rebuilt_from_the_log_claims_no_receipt_of_a_message_that_it_does_not_claim(
    tmp_path: Path,
) -> None:
    phones = begun(tmp_path / "lost", PHONE)
    phones.says("a", ReceiptState.DELIVERED)
    phones.advance_to(20)
    assert phones.receipts()
    log = MemoryLog()
    log.send(ALERTS, [(phones.alert().fingerprint, ALERT_WIRE.encode(phones.alert()))])
    line = AlertTimeline(tmp_path / "new", phones.timeline.config, log=log)
    line.advance_to(1)
    (alert,) = (alert for alert in line.alerts().values() if alert.id == phones.alert().id)
    assert alert.active
    assert (alert.receipts, alert.reason != "") == ((), True)


def test_an_older_message_that_fails_late_says_nothing_about_a_phone_that_has_a_newer_one(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE)
    with closing(ReceiptsFile(tmp_path)) as file:
        now = phones.timeline.clock.now()
        file.put(Receipt("nurse", PHONE, "newer", "g 2", "", now, "delivered", "", now))
    phones.says("a", ReceiptState.FAILED, "expired")
    phones.advance_to(20)
    assert phones.receipts()[PHONE] == (ReceiptState.FAILED, "expired"), "of this alert"
    assert phones.problems() == []


def test_a_file_that_is_not_ready_or_was_replaced_is_opened_again(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE)
    phones.says("a", ReceiptState.DELIVERED)
    phones.reader.close()
    empty, opened = tmp_path / "empty", []
    empty.mkdir()
    with closing(sqlite3.connect(empty / FILE)) as db:
        db.execute("PRAGMA journal_mode=WAL")  # a file that has no tables yet

    def open_file() -> ReceiptsFile:
        opened.append(1)
        return ReceiptsFile(empty if len(opened) == 1 else tmp_path)

    line = phones.timeline
    phones.reader = ReceiptReader(line.live, open_file, phones.gateway, line.clock, line.metrics)
    phones.advance_to(10)
    assert phones.receipts() == {PHONE: (ReceiptState.DELIVERED, "")}
    assert len(opened) == 2


def test_only_the_active_process_asks_and_its_successor_goes_on(tmp_path: Path) -> None:
    two = Two(tmp_path)
    raise_beds(two, 1)
    two.run(2)
    gateways = [Gateway(), Gateway()]
    readers = [
        ReceiptReader(
            two.timeline.live, partial(ReceiptsFile, process.folder), gateway, two.timeline.clock, process.metrics,
            process.permit,
        )
        for process, gateway in zip((two.first, two.second), gateways, strict=True)
    ]  # fmt: skip

    def ask() -> tuple[int, int]:
        before = [len(gateway.asked) for gateway in gateways]
        for _ in range(20):
            two.run(1)
            for reader in readers:
                reader.step(0)
        first, second = (len(gateway.asked) - count for gateway, count in zip(gateways, before, strict=True))
        return first, second

    with closing(ReceiptsFile(two.first.folder)) as file:
        file.put(Receipt("nurse", PHONE, "key", "g a", "", two.timeline.clock.now()))
    first, second = ask()
    assert first > 0
    assert second == 0
    assert rows(two.first.folder) == rows(two.second.folder)
    two.hand_over()
    two.run(8)
    gateways[1].states["g a"] = ReceiptAnswer(ReceiptState.DELIVERED, "DELIVRD")
    assert ask() == (0, 1)
    with closing(ReceiptsFile(two.second.folder)) as file:
        assert file._db.execute("SELECT state FROM receipts").fetchall() == [("delivered",)]
    for reader in readers:
        reader.close()
