"""Receipts of phones: asked for on a schedule, kept over a restart, and what follows from each."""

from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from alerts.channels.sms_notifier import ask_receipt
from alerts.delivery.receipt_reader import MOST, ReceiptReader
from alerts.model.delivery_result import Outcome, RecipientState
from alerts.model.receipt import Receipt, ReceiptAnswer
from alerts.storage.outbox_file import OutboxFile
from alerts.storage.receipts_file import ReceiptsFile
from tests.alerts.senders_on_file import entry, senders_on_file
from tests.alerts.simulated_gateway import SimulatedGateway
from tests.kit.alert_timeline import AlertTimeline, ward_config
from ward.alert import Alert, ReceiptState

PHONE, OTHER = "SMS +49170555", "SMS +49170556"
SETTINGS: dict[str, Any] = {
    "channels": [
        {"name": name, "urls": ["json://127.0.0.1:9"], "receipt_after": "1m"} for name in ("nurse", "doctor", "chief")
    ],
    "receivers": [{"name": f"{name}s", "channels": [name]} for name in ("nurse", "doctor", "chief")],
    "route": {
        "receiver": "nurses", "repeat_interval": "1h",
        "escalate": [{"after": "10m", "receiver": "doctors"}, {"after": "20m", "receiver": "chiefs"}],
    },
}  # fmt: skip
HIGH = "HIGH priority, ICU bed 7: SpO2 84 %"
PROBLEM = "MEDIUM priority (not about a patient)"


class Gateway:
    """Says of each reference what `states` has for it, and counts the questions."""

    def __init__(self) -> None:
        self.states: dict[str, ReceiptAnswer] = {}
        self.asked: list[tuple[float, str]] = []
        self.now: Any = lambda: 0.0

    def __call__(self, url: str, reference: str) -> ReceiptAnswer | None:
        self.asked.append((self.now(), reference))
        return self.states.get(reference, ReceiptAnswer(None, "accepted"))


class Phones:
    """A timeline whose messages a gateway accepts for some phones, and the part that asks for their receipts."""

    def __init__(self, path: Path, *phones: str, **settings: Any) -> None:
        self.timeline = AlertTimeline(path, ward_config(**{**SETTINGS, **settings}))
        self.gateway = Gateway()
        self.gateway.now = self.timeline.now
        self.phones = phones
        self.reader = self.open()

    def open(self) -> ReceiptReader:
        line = self.timeline
        return ReceiptReader(line.live, lambda: ReceiptsFile(line.path), self.gateway, line.clock, line.metrics)

    def accept(self) -> None:
        """The gateway accepts the newest message for all phones; their references are `a`, `b` …"""
        notified = self.timeline.notified[-1].entry
        with closing(OutboxFile.in_folder(self.timeline.path, durable=False)) as file:
            file.set_recipients(notified.channel, self.phones)
            for phone, reference in zip(self.phones, "abc", strict=False):
                state = RecipientState(Outcome.DELIVERED)
                file.record(notified, phone, state, self.timeline.clock.now(), f"{reference}{notified.message.key}")

    def says(self, reference: str, state: ReceiptState | None, reply: str = "") -> None:
        key = self.timeline.notified[0].entry.message.key
        self.gateway.states[f"{reference}{key}"] = ReceiptAnswer(state, reply)

    def advance_to(self, until: float) -> None:
        while self.timeline.now() < until:
            self.timeline.advance_to(self.timeline.now(), every=1.0)
            self.reader.step(0)

    def alert(self) -> Alert:
        return next(alert for alert in self.timeline.alerts().values() if alert.labels.get("bed") == "icu-7")

    def receipts(self) -> dict[str, tuple[ReceiptState, str]]:
        return {phone.recipient: (phone.state, phone.reply) for phone in self.alert().receipts}

    def problems(self) -> list[str]:
        alerts = self.timeline.alerts().values()
        found = [alert for alert in alerts if alert.labels["alertname"] == "channel-problem" and alert.active]
        return [f"{alert.severity} {alert.annotations['summary']}" for alert in found]

    def sent(self, channel: str) -> list[float]:
        return [round(each.at) for each in self.timeline.notified if each.channel == channel and HIGH in str(each)]


def begun(path: Path, *phones: str, **settings: Any) -> Phones:
    made = Phones(path, *phones, **settings)
    made.timeline.at(1).raises("spo2_low")
    made.timeline.at(2).then(made.accept)
    made.advance_to(3)
    return made


@pytest.mark.guarantee("An SMS whose phone does not confirm it is said with the alert, and escalates it at once.")
def test_without_a_receipt_the_alert_says_so_and_the_next_receiver_is_sent_it_at_once(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE)
    phones.advance_to(60)
    assert (phones.receipts(), phones.problems(), phones.sent("doctor")) == ({}, [], [])
    phones.advance_to(70)
    assert phones.receipts() == {PHONE: (ReceiptState.MISSING, "no receipt after 60 s (accepted)")}
    (problem,) = phones.problems()
    assert problem.startswith("high Channel nurse has delivered nothing")
    (at,) = phones.sent("doctor")
    assert 62 <= at <= 70
    phones.advance_to(900)
    assert phones.sent("chief") == [], "only the next escalation comes early"
    phones.advance_to(1210)
    assert len(phones.sent("chief")) == 1
    assert len(phones.sent("nurse")) == 1, "the text is not sent again"


def test_a_late_receipt_heals(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE)
    phones.advance_to(80)
    assert phones.problems()
    phones.says("a", ReceiptState.DELIVERED)
    phones.advance_to(400)
    assert phones.receipts() == {PHONE: (ReceiptState.DELIVERED, "")}
    assert phones.problems() == []


def test_a_dead_phone_is_named_alone_and_nobody_is_sent_anything_early_while_another_has_it(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE, OTHER)
    phones.says("a", ReceiptState.FAILED, "absent subscriber")
    phones.says("b", ReceiptState.DELIVERED)
    phones.advance_to(20)
    assert phones.receipts() == {
        PHONE: (ReceiptState.FAILED, "absent subscriber"),
        OTHER: (ReceiptState.DELIVERED, ""),
    }
    (problem,) = phones.problems()
    assert problem.startswith("medium Channel nurse has not reached SMS +49170555 since")
    assert OTHER not in problem
    phones.advance_to(300)
    assert phones.sent("doctor") == []
    counts = {name: n for name, n in phones.timeline.metrics.samples().items() if "receipts_total{" in name}
    assert counts == {
        f'wardwatch_notification_receipts_total{{channel="nurse",result="{result}"}}': 1.0
        for result in ("delivered", "failed")
    }


def test_the_last_of_two_phones_that_fails_brings_the_escalation_forward(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE, OTHER)
    phones.says("a", ReceiptState.FAILED, "absent subscriber")
    phones.advance_to(50)
    assert phones.sent("doctor") == []
    phones.advance_to(75)
    assert len(phones.sent("doctor")) == 1


def test_a_gateways_acceptance_does_not_end_the_problem_of_a_phone(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE)
    phones.says("a", ReceiptState.FAILED, "absent subscriber")
    phones.advance_to(20)
    phones.timeline.at(21).raises("tachycardia")
    phones.timeline.at(40).then(phones.accept)
    phones.advance_to(50)
    assert phones.problems()


def test_nobody_escalates_what_is_acknowledged(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE)
    phones.timeline.at(30).acks("spo2_low")
    phones.advance_to(200)
    assert phones.receipts()[PHONE][0] is ReceiptState.MISSING
    assert phones.sent("doctor") == []


def test_receipts_stay_over_a_restart_and_are_asked_for_ever_more_seldom(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE)
    phones.advance_to(30)
    phones.reader.close()
    phones.timeline.restart()
    phones.reader = phones.open()
    phones.says("a", ReceiptState.DELIVERED)
    phones.advance_to(60)
    assert phones.receipts() == {PHONE: (ReceiptState.DELIVERED, "")}
    asked = [at for at, _ in phones.gateway.asked]
    pauses = [later - earlier for earlier, later in pairwise(asked)]
    assert pauses == sorted(pauses)
    assert len(asked) <= 6, "what is delivered is not asked about again"


def test_receipts_are_bounded_in_number_and_age(tmp_path: Path) -> None:
    phones = begun(tmp_path, PHONE)
    with closing(ReceiptsFile(tmp_path)) as file:
        for n in range(30):
            file.put(Receipt("nurse", f"SMS {n}", "k", "r", "", phones.timeline.clock.now() + n))
        assert file.prune(0, 20) == 11
        assert file.prune(phones.timeline.clock.now() + 25, MOST) == 15


@pytest.fixture
def simulated() -> Iterator[SimulatedGateway]:
    gateway = SimulatedGateway()
    yield gateway
    gateway.close()


def test_senders_and_receipts_work_with_a_gateway(tmp_path: Path, simulated: SimulatedGateway) -> None:
    url = simulated.url("+49170555", "+49170556")
    with senders_on_file(tmp_path, entry(1, alerts=("alert-1",)), nurse=[url]) as on_file:
        on_file.until_done("key1/nurse")
        simulated.states |= {"m/1": "DELIVRD", "m/2": "rejected"}
        reader = ReceiptReader(
            on_file.live, lambda: ReceiptsFile(tmp_path), ask_receipt, on_file.clock, on_file.metrics
        )
        assert reader.step(0) == 2
        reader.close()
        found = {each.recipient: (each.state, each.reply, each.alerts) for each in on_file.file.receipts()}
        assert found == {PHONE: ("delivered", "DELIVRD", "alert-1"), OTHER: ("failed", "rejected", "alert-1")}
        outcomes = {each.recipient: each.outcome for each in on_file.file.recipients()}
        assert outcomes == {PHONE: Outcome.DELIVERED, OTHER: Outcome.NO_RECEIPT}
