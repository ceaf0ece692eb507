"""What every detector must keep. The tests take all detectors from the registry, so a new one is tested at once."""

import ast
import inspect
import os.path
import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

import detectors
from detectors.base.detector import Detector
from detectors.base.registry import discover
from detectors.engine.engine import Engine
from detectors.worker.state_codec import restore, save
from tests.detectors.builders import at, reading, rule, together, ward
from ward.alert import ABSENT
from ward.config.config import Config
from ward.config.rule import ResolvedRule
from ward.finding import Finding
from ward.reading import Reading
from ward.wire import STATE_WIRE

DETECTORS = sorted(discover())
DEVICES = ("m1", "m2", "m3", "x1")


# All that the file of a detector may import besides `detectors.base`: no client library, asyncio, logging or clock.
ALLOWED = {
    "collections.abc", "dataclasses", "enum", "functools", "math", "statistics", "typing", "numpy", "numpy.typing",
    "pydantic", "ward.clock", "ward.config.base_model", "ward.config.model_file", "ward.config.rule", "ward.finding",
    "ward.limit_text", "ward.signals", "ward.text_template",
}  # fmt: skip


@pytest.mark.parametrize(
    "file", sorted({inspect.getsourcefile(d) or "" for d in discover().values()}), ids=os.path.basename
)
def test_the_file_of_a_detector_imports_no_input_output_or_clock(file: str) -> None:
    for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert {name.name for name in node.names} <= ALLOWED
        elif isinstance(node, ast.ImportFrom):
            module = str(node.module)
            assert module in ALLOWED or f"{module}.".startswith(("detectors.base.", "detectors.scores."))
            assert module != "ward.clock" or {name.name for name in node.names} <= {"SECOND", "Micros", "format_span"}


def test_the_detector_of_missing_data_has_the_name_by_which_the_alerts_know_it() -> None:
    assert ABSENT in discover()


def test_every_file_beside_the_packages_is_a_detector() -> None:
    files = {m.name for m in pkgutil.iter_modules(detectors.__path__) if not m.ispkg}
    assert {f"detectors.{name}" for name in files} == {detector.__module__ for detector in discover().values()}


def of(name: str) -> Config:
    """A ward with the detector's own sample as a rule, and the same of means."""
    detector = discover()[name]
    signals = together(name) or (() if detector.feed == "ticks" else ("heart_rate",))
    quick = {**detector.sample, **hurried(detector)}
    rules = [rule("own", name, *signals, **detector.sample), rule("quick", name, *signals, **quick)]
    if detector.feed == "ticks":
        rules.append(rule("signal", name, "heart_rate", **detector.sample))
    return ward(*rules, devices=3, signals={"heart_rate": 1.0, "spo2": 1.0})


def hurried(detector: type[Detector[Any]]) -> dict[str, Any]:
    """Spans of the sample made short, so that a few minutes show all there is to it."""
    short = {k: "4s" for k, v in detector.sample.items() if isinstance(v, str) and v[:1].isdigit()}
    return short | ({"calibrate_values": 5} if "calibrate_values" in detector.params.model_fields else {})


def days(seed: int, length: int = 240) -> Iterator[Reading]:
    """Steady, rising, noisy, stuck and missing; with doubts and stragglers."""
    rng = np.random.default_rng(seed)
    for t in range(length):
        for device in DEVICES:
            stage = (t // 30 + DEVICES.index(device)) % 8
            if stage == 7 or rng.random() < 0.05:
                continue
            noise = {2: 15.0, 3: 0.0}.get(stage, 2.0) * rng.normal()
            x = 80 + {1: 2.0 * (t % 30), 4: 60.0}.get(stage, 0.0) + noise
            if stage == 5 and rng.random() < 0.8:
                yield reading(device, t, implausible=("heart_rate",), spo2=97.0)
            else:
                late = 2.5 if rng.random() < 0.03 else 0.0
                yield reading(device, t - late, t, heart_rate=float(round(x)), **others(device, x, t))


def others(device: str, x: float, t: float) -> dict[str, Any]:
    """The other vital signs of a patient whose heart rate is `x`, in two of three readings. One device has none."""
    if t % 3 == 2 or device == "m3":
        return {}
    return {"respiratory_rate": round(x / 4), "systolic_bp": round(190 - 0.7 * x), "diastolic_bp": round(x - 15)}


def evaluate(engine: Engine, readings: Sequence[Reading], size: int = 7, until: float = 300) -> list[Finding]:
    found: list[Finding] = []
    for start in range(0, len(readings), size):
        found += _whole(engine.evaluate(readings[start : start + size]))
    return found + _whole(engine.advance(at(until)))


def _whole(result: Any) -> list[Finding]:
    for failure in result.failures.values():
        raise failure
    found: list[Finding] = result.findings
    return found


def fresh(name: str) -> Engine:
    engine = Engine(of(name))
    engine.add_expected(("m1", "m2", "m3"), at(0))
    return engine


def ids(found: Sequence[Finding]) -> list[str]:
    return sorted(finding.id for finding in found)


@pytest.mark.parametrize("name", DETECTORS)
def test_the_sample_rule_makes_findings_with_readable_texts(name: str) -> None:
    found = evaluate(fresh(name), list(days(1)))
    assert found
    for finding in found:
        assert 0 < len(finding.text) < 160
        assert "nan" not in finding.text
        assert "  " not in finding.text
        assert finding.value is None or np.isfinite(finding.value)


@pytest.mark.parametrize("name", DETECTORS)
def test_a_replay_in_batches_of_another_size_gives_the_same_findings(name: str) -> None:
    readings = list(days(2))
    assert ids(evaluate(fresh(name), readings, 1)) == ids(evaluate(fresh(name), readings, 1000))


@pytest.mark.parametrize("name", DETECTORS)
def test_one_device_at_a_time_equals_all_at_once(name: str) -> None:
    readings = list(days(3))
    alone = [
        finding
        for device in DEVICES
        for finding in evaluate(fresh(name), [r for r in readings if r.device == device])
        if finding.device == device
    ]
    assert ids(alone) == ids(evaluate(fresh(name), readings))


@pytest.mark.parametrize("name", DETECTORS)
def test_findings_are_the_same_across_a_checkpoint_and_restore(name: str) -> None:
    readings = list(days(4))
    expected = ids(evaluate(fresh(name), readings))
    for cut in (1, 200, 555):
        first, second = fresh(name), Engine(of(name))
        found = evaluate(first, readings[:cut], until=0)
        for record in save(first, dict.fromkeys(first.devices.by_name, cut)):
            assert restore(second, STATE_WIRE.decode(STATE_WIRE.encode(record))) == []
        found += evaluate(second, readings[cut:])
        assert ids(found) == expected


@pytest.mark.parametrize("name", DETECTORS)
def test_after_a_gap_and_a_clock_that_was_set_back_findings_are_still_made(name: str) -> None:
    engine = fresh(name)
    for seed, start in ((5, 90_000), (6, 0), (7, 200_000)):
        evaluate(engine, shifted(days(seed), start), 50, until=start + 300)
    assert evaluate(engine, shifted(days(1), 300_000), 50, until=300_300)


def shifted(readings: Iterable[Reading], seconds: float) -> list[Reading]:
    by = round(seconds * 1e6)
    return [msgspec.structs.replace(r, at=r.at + by, received_at=r.received_at + by) for r in readings]


@pytest.mark.parametrize("name", DETECTORS)
def test_extreme_values_leave_a_state_that_can_be_saved(name: str) -> None:
    engine = fresh(name)
    odd = [0.0, -0.0, 1e14, -1e14, 5e-324, 1e300]
    evaluate(engine, [reading(d, i, heart_rate=x) for i, x in enumerate(odd) for d in DEVICES], until=10)
    for record in save(engine, dict.fromkeys(engine.devices.by_name, 0)):
        msgspec.json.decode(STATE_WIRE.encode(record))


@pytest.mark.parametrize("name", DETECTORS)
def test_memory_does_not_grow_with_time(name: str) -> None:
    engine = fresh(name)

    def size() -> int:
        return sum(len(STATE_WIRE.encode(record)) for record in save(engine, dict.fromkeys(engine.devices.by_name, 0)))

    readings = list(days(7))
    evaluate(engine, readings, 50)
    before = size()
    evaluate(engine, shifted(readings, 240), 50)
    assert size() < before + 4000  # an open episode has words


@pytest.mark.parametrize("name", DETECTORS)
def test_state_of_other_parameters_has_another_digest(name: str) -> None:
    engine = fresh(name)
    for table in engine.rules.tables.values():
        for row in filter(None, table.rows):
            slower = ResolvedRule(row.resolved.decision.model_copy(update={"for_": 7.0}), row.resolved.params)
            assert table.digest(slower, row.rule) != row.digest


@pytest.mark.parametrize("name", DETECTORS)
def test_every_detector_and_parameter_is_described(name: str) -> None:
    detector = discover()[name]
    assert detector.__doc__
    assert detector.params.__doc__
    for field, info in detector.params.model_fields.items():
        assert info.description, field
    detector.params.model_validate(
        {
            k: v
            for k, v in detector.sample.items()
            if k not in ("severity", "for", "keep_firing_for", "clear_below", "every")
        }
    )
