"""What people observe, sent as a message: on record with its author, evaluated, or refused in a sentence."""

import json
from typing import Any

import pytest

from tests.kit.intake_harness import IntakeHarness
from tests.kit.log_records import log_messages
from ward.action import Action, ActionType
from ward.bed_subject import PERSON
from ward.clock import SECOND, format_instant
from ward.config.codec_rule import CodecRule
from ward.config.config import Config
from ward.inventory import Bed, Inventory, Stay, Ward
from ward.reading import Reading
from ward.signals import Catalogue, Signal
from ward.topics import ACTIONS, BED_READINGS
from ward.wire import ACTION_WIRE, READING_WIRE

CONFIG = Config(
    "test",
    Catalogue(
        {
            "oxygen": Signal(
                name="oxygen", label="Oxygen", unit="L/min", display="L/min", precision=0, low=0, high=80, observed=True
            ),
            "heart_rate": Signal(name="heart_rate", label="Heart rate", unit="/min", display="/min", low=10, high=300),
        }
    ),
    Inventory(
        wards=[Ward(id="icu", name="ICU")],
        beds=[Bed(id="b1", ward="icu", label="ICU bed 1")],
        stays=[Stay(patient="p1", bed="b1")],
    ),
    codecs=(CodecRule("ward/+/+/readings", "native"), CodecRule("ward/+/+/observations", "observations")),
)
TOPIC = "ward/icu/charting/observations"
GOOD: dict[str, Any] = {"v": 1, "by": "Nurse Ada", "bed": "b1", "values": {"oxygen": 2}}


class ObservationIntake(IntakeHarness):
    """An intake that a charting system sends to."""

    def __init__(self) -> None:
        super().__init__(CONFIG)

    def observe(self, **changes: object) -> None:
        at = format_instant(self.clock.now() - 60 * SECOND)
        self.deliver(TOPIC, json.dumps({"at": at} | GOOD | changes).encode())

    def actions(self) -> list[Action]:
        return log_messages(self.log, ACTIONS, ACTION_WIRE)

    def observed(self) -> list[Reading]:
        return log_messages(self.log, BED_READINGS, READING_WIRE)


def test_an_observation_is_on_record_with_its_author_and_is_evaluated_for_the_patient() -> None:
    bridge = ObservationIntake()
    bridge.observe(note="drowsy")
    (action,), (reading,) = bridge.actions(), bridge.observed()
    assert (action.type, action.by, action.subject, action.note) == (ActionType.OBSERVE, "Nurse Ada", "b1", "drowsy")
    assert (reading.device, reading.boot, reading.values) == ("patient/p1", PERSON, {"oxygen": 2})
    assert 0 <= reading.at - (bridge.clock.now() - 60 * SECOND) < SECOND
    assert bridge.readings() == []  # it is none of the device that sent it
    assert bridge.number("bridge_readings_accepted_total") == 1


def test_one_that_is_delivered_again_is_the_same_action_at_the_same_instant() -> None:
    bridge = ObservationIntake()
    bridge.observe()
    bridge.observe()
    assert len({action.id for action in bridge.actions()}) == 1
    assert len({reading.at for reading in bridge.observed()}) == 1


def test_one_that_is_sent_again_is_the_same_action_also_where_it_was_ahead_of_the_clock_here() -> None:
    bridge = ObservationIntake()
    at = format_instant(bridge.clock.now() + 30 * SECOND)
    bridge.observe(at=at)
    bridge.clock.advance(5)
    bridge.observe(at=at)
    assert len({action.id for action in bridge.actions()}) == 1


def test_a_correction_for_the_same_time_is_evaluated_after_what_it_corrects() -> None:
    bridge = ObservationIntake()
    at = format_instant(bridge.clock.now() - 60 * SECOND)
    bridge.observe(at=at)
    bridge.clock.advance(1)
    bridge.observe(at=at, values={"oxygen": 0})
    first, second = bridge.observed()
    assert first.at < second.at < first.at + SECOND
    assert len({action.id for action in bridge.actions()}) == 2


@pytest.mark.parametrize(
    ("changes", "reason", "sentence"),
    [
        ({"bed": "b9"}, "observation", "there is no bed 'b9' in ward.yaml"),
        ({"patient": "p2"}, "observation", "The patient in ICU bed 1 at that time is p1, not 'p2': nothing was saved"),
        ({"values": {"oxygen": 81}}, "observation", "Oxygen 81 is not possible: it is from 0 to 80."),
        ({"values": {"heart_rate": 80}}, "observation", "'heart_rate' cannot be entered: oxygen can."),
        ({"values": {}}, "observation", "'values' is empty"),
        ({"at": "2125-01-01T00:00:00Z"}, "observation", "'at' lies in the future"),
        ({"at": "2020-01-01T00:00:00Z"}, "observation", "'at' is more than 24 h ago"),
        ({"at": None}, "schema", "not an observation: "),
        ({"at": "2026-01-01T00:00:00"}, "schema", "not an observation: "),
        ({"by": " "}, "schema", "`by` must be the name of the person who observed it"),
        ({"by": "\x1b[2J"}, "schema", "`by` must be the name"),
        ({"v": 2}, "schema", "not an observation: "),
        ({"who": "x"}, "schema", "unknown field `who`"),
        ({"values": {"oxygen": "2"}}, "schema", "not an observation: "),
    ],
)
def test_what_cannot_be_is_quarantined_with_a_sentence(changes: dict[str, Any], reason: str, sentence: str) -> None:
    bridge = ObservationIntake()
    bridge.observe(**changes)
    bridge.observe(bed="b1")
    refused = bridge.quarantine()[0]
    assert (refused.reason, refused.ward, refused.device) == (reason, "icu", "charting")
    assert sentence in refused.detail
    assert len(bridge.actions()) == len(bridge.observed()) == 1


def test_a_topic_of_another_depth_and_an_id_that_is_none_are_refused() -> None:
    bridge = ObservationIntake()
    bridge.deliver("ward/icu/ x/observations", json.dumps(GOOD).encode())
    assert [one.reason for one in bridge.quarantine()] == ["topic"]
