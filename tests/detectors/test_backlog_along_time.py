"""The shipped rules on what a device sends after it was away: hours of readings that the bridge received at once."""

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from detectors.engine.engine import Engine
from detectors.worker.state_codec import save
from tests.detectors.builders import at
from tests.detectors.shipped_rules import healthy
from tests.detectors.test_shipped_rules import FAULTS, START, config
from tests.kit.guarantees import Figure
from ward.clock import SECOND
from ward.finding import Finding
from ward.reading import Flag, Reading
from ward.wire import STATE_WIRE

PLANTED = ("spikes", "growing noise", "a pressure that falls")
BACK = at(START + 2700)


def backlog(fault: str) -> list[Reading]:
    """Readings of 55 minutes, received at one instant after the other within a quarter of a second."""
    readings = FAULTS[fault][0](healthy("m1", START + 2700, seed=3))
    flags = int(Flag.BACKLOG)
    return [replace(r, received_at=BACK + 175 * i, flags=r.flags | flags) for i, r in enumerate(readings)]


class CountingEngine(Engine):
    """Counts the waves, each of which has a cost that does not depend on its readings."""

    waves = 0

    def evaluate_wave(self, *arguments: object) -> None:
        self.waves += 1
        super().evaluate_wave(*arguments)  # type: ignore[arg-type]


def evaluated(batches: Iterable[list[Reading]]) -> tuple[list[Finding], bytes, int]:
    """Findings, the saved state and the number of waves, of a device that is missing until then."""
    engine = CountingEngine(config(1))
    engine.add_expected(["m1"], at(0))
    found = engine.advance(BACK - SECOND).findings
    assert found
    for readings in batches:
        found += engine.evaluate(readings).findings
    (state,) = save(engine, {"m1": 0})
    found += engine.advance(BACK + 1000 * SECOND).findings
    return found, STATE_WIRE.encode(state), engine.waves


@pytest.mark.guarantee("A device's backlog is evaluated along time, with the findings of its readings one by one.")
def test_a_backlog_takes_few_steps_and_has_the_findings_of_its_readings_one_by_one(figure: Figure) -> None:
    readings = waves = findings = 0
    for fault in PLANTED:
        sent = backlog(fault)
        found, state, steps = evaluated([sent[:500], sent[500:]])
        assert (found, state) == evaluated([one] for one in sent)[:2]
        assert found
        readings, waves, findings = readings + len(sent), waves + steps, findings + len(found)
    assert waves * 50 < readings
    figure(f"{readings:,} readings in {waves} steps, {findings} of {findings} findings the same")
