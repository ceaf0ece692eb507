"""What the worker publishes of each row: scores, or how far it is from one."""

from detectors.worker.detector_curves import curves
from tests.detectors.builders import at, reading, rule, ward
from tests.detectors.engine_setup import EngineSetup
from ward.clock import SECOND

DRIFT = rule("drift", "cusum", "temperature", calibrate_values=20, sd_floor=0.05)
NOISE = rule("noise", "rolling", "temperature", measure="sd", window="60s", limit=1)


def published(setup: EngineSetup, minute: int) -> dict[tuple[str, str], dict[str, float | str]]:
    """The fields of one minute by device and rule."""
    end = at(60 * minute)
    return {(c.tags["device"], c.tags["rule"]): c.fields for c in curves(setup.engine, end - 60 * SECOND, end)}


def test_a_row_without_a_score_says_how_far_it_is_and_one_with_a_score_does_not() -> None:
    setup = EngineSetup(ward(DRIFT, NOISE, devices=2, signals={"temperature": 1.0}))
    setup.receive(*(reading("m1", t, temperature=36.8 + t % 2 / 10) for t in range(12)))
    first = published(setup, 1)
    assert first["m1", "drift"] == {"progress": "warming up, 12 of 20 values"}
    assert first["m2", "drift"] == {"progress": "warming up, 0 of 20 values"}
    assert first["m2", "noise"] == {"progress": "not enough data, 0 of 10 values, 0 s of 48 s"}
    setup.receive(*(reading("m1", t, temperature=36.8 + t % 2 / 10) for t in range(12, 60)))
    second = published(setup, 1)
    assert "progress" not in second["m1", "drift"]
    assert second["m1", "drift"].keys() >= {"score", "target", "sd"}
    assert ("m1", "noise") not in second


def test_each_row_has_its_turn_once_a_minute() -> None:
    setup = EngineSetup(ward(DRIFT, devices=70, signals={"temperature": 1.0}))
    seconds = [list(curves(setup.engine, at(i), at(i + 1))) for i in range(60)]
    names = [curve.tags["device"] for second in seconds for curve in second]
    assert len(names) == len(set(names)) == 70
    assert max(map(len, seconds)) == 2
