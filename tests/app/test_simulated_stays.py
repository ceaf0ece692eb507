"""What is known of the simulated patients when a demonstration begins: so its first scores are whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.simulated_past.findings import windows
from app.simulated_past.stays import HOUR, hourly_means, send_stays
from app.simulated_past.week import Week
from detectors.worker.stage import BEDS
from detectors.worker.worker import Worker
from simulators.scripts.script import WardScript
from simulators.virtual_ward import VirtualWard
from tests.app.small_past import PastWard, script
from tests.kit.log_records import log_messages
from ward.action import Action, ActionType
from ward.bed_subject import PERSON
from ward.clock import ManualClock
from ward.config.live_config import FixedConfig
from ward.finding import Finding
from ward.metrics import Metrics
from ward.reading import Reading
from ward.score import BedScore
from ward.topics import ACTIONS, BED_READINGS, BED_SCORES, FINDINGS
from ward.wire import ACTION_WIRE, BED_SCORE_WIRE, FINDING_WIRE, READING_WIRE

SCRIPT = script("40h")


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PastWard]:
    """One whose stays are in the log."""
    made = PastWard.new(tmp_path_factory.mktemp("stays"), SCRIPT)
    past = made.begin()
    assert past is not None
    send_stays(made.log, made.config, SCRIPT, past)
    yield made
    made.close()


def sent(ward: PastWard) -> list[Reading]:
    return log_messages(ward.log, BED_READINGS, READING_WIRE)


def test_each_patient_has_the_hours_of_a_day_and_one_observation_with_an_author(ward: PastWard) -> None:
    observed = [reading for reading in sent(ward) if reading.boot == PERSON]
    assert {reading.device for reading in observed} == {"patient/P-RWUCJ", "patient/P-L3Y3H"}
    actions: list[Action] = log_messages(ward.log, ACTIONS, ACTION_WIRE)
    assert [(action.type, action.by) for action in actions] == [
        (ActionType.OBSERVE, "Amal (simulated)"), (ActionType.OBSERVE, "Birgit (simulated)"),
    ]  # fmt: skip
    for reading in observed:
        assert reading.values.keys() == {"age", "consciousness", "oxygen"}
        assert 24 <= reading.values["age"] <= 88
    hours = [reading for reading in sent(ward) if reading.boot != PERSON]
    assert len(hours) == 48
    assert {reading.boot for reading in hours} == {"mon-icu-01", "mon-icu-02"}


def test_hours_in_which_something_happens_are_left_out(ward: PastWard) -> None:
    short = SCRIPT.model_copy(update={"lasts": 9 * 3600.0}).restricted_to(["icu-01", "icu-02"], {"mon-icu-01"})
    end = max(reading.at for reading in sent(ward)) + HOUR
    week = Week(ward.config, short, end - 9 * HOUR, end)
    for _ in week.simulate():
        pass
    found = list(hourly_means(ward.config, week, short))
    assert 0 < len(found) < 18
    names = [monitor.device for monitor in week.monitors]
    for window in windows(week, short):
        at = [reading.at for reading in found if reading.boot == names[window.monitor]]
        assert not [one for one in at if window.first <= one < window.last]


def test_the_first_scores_of_a_demonstration_are_whole_and_nothing_is_raised(ward: PastWard, tmp_path: Path) -> None:
    clock = ManualClock(ward.clock.now())
    worker = Worker(ward.log, FixedConfig(ward.config), clock, Metrics(), stage=BEDS)
    worker.step(0)
    live = VirtualWard(ward.config.inventory, WardScript(seed=20), clock)
    for reading in live.readings(30):
        place = ward.config.inventory.place(reading.device, reading.at)
        values = {name: x for name, x in reading.values.items() if name in ward.config.bed_signals}
        own = Reading(
            device=f"patient/{place.patient}", ward="icu", at=reading.at, received_at=reading.at, values=values,
            boot=reading.device,
        )  # fmt: skip
        ward.log.send(BED_READINGS, [(own.device, READING_WIRE.encode(own))])
        worker.step(0)
    assert log_messages(ward.log, FINDINGS, FINDING_WIRE) == list[Finding]()
    newest: dict[tuple[str, str], BedScore] = {
        (score.bed, score.rule): score for score in log_messages(ward.log, BED_SCORES, BED_SCORE_WIRE)
    }
    for bed in ("icu-01", "icu-02"):
        assert newest[bed, "news2"].value is not None
        assert newest[bed, "risk"].value is not None
        assert [part.value for part in newest[bed, "risk"].parts if part.signal == "age"] != [None]
    worker.close()
