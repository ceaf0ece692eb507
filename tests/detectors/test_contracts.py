"""What every detector must keep, whoever wrote it: parametrised over the registry, a new one is tested on arrival."""

import ast
import inspect
import os.path
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from detectors.base.detector import Detector
from detectors.base.registry import discover
from detectors.engine.engine import Engine
from detectors.worker.state_codec import restore, save
from tests.detectors.builders import at, reading, rule, ward
from ward.config.config import Config
from ward.config.rule import Resolved
from ward.finding import Finding
from ward.reading import Reading
from ward.wire import STATE

KINDS = sorted(discover())
DEVICES = ("m1", "m2", "m3", "x1")


# All that a detector's file may import: no client library, no asyncio, no logging, and nothing that knows the time.
MAY = {
    "collections.abc", "dataclasses", "enum", "functools", "math", "typing", "numpy", "numpy.typing", "pydantic",
    "ward.clock", "ward.config.model", "ward.config.rule", "ward.finding", "ward.signals",
}  # fmt: skip


@pytest.mark.parametrize(
    "file", sorted({inspect.getsourcefile(d) or "" for d in discover().values()}), ids=os.path.basename
)
def test_its_file_imports_nothing_that_acts_or_knows_the_time(file: str) -> None:
    for node in ast.walk(ast.parse(Path(file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert {name.name for name in node.names} <= MAY
        elif isinstance(node, ast.ImportFrom):
            module = str(node.module)
            assert module in MAY or module.startswith(("detectors.base.", "detectors.engine."))
            assert module != "ward.clock" or {name.name for name in node.names} <= {"SECOND", "Micros", "format_span"}


def of(kind: str) -> Config:
    """A ward with the detector's own sample as a rule, and the same of means."""
    detector = discover()[kind]
    signals = () if detector.feed == "silence" else ("heart_rate",)
    quick = {**detector.sample, **_hurried(detector)}
    rules = [rule("own", kind, *signals, **detector.sample), rule("quick", kind, *signals, **quick)]
    if detector.feed == "silence":
        rules.append(rule("signal", kind, "heart_rate", **detector.sample))
    return ward(*rules, devices=3, signals={"heart_rate": 1.0, "spo2": 1.0})


def _hurried(detector: type[Detector[Any]]) -> dict[str, Any]:
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
                yield reading(device, t - (2.5 if rng.random() < 0.03 else 0.0), t, heart_rate=float(round(x)))


def play(engine: Engine, readings: Sequence[Reading], size: int = 7, until: float = 300) -> list[Finding]:
    found: list[Finding] = []
    for start in range(0, len(readings), size):
        found += _whole(engine.judge(readings[start : start + size]))
    return found + _whole(engine.advance(at(until)))


def _whole(judged: Any) -> list[Finding]:
    for failure in judged.failures.values():
        raise failure
    found: list[Finding] = judged.findings
    return found


def fresh(kind: str) -> Engine:
    engine = Engine(of(kind))
    engine.expect(("m1", "m2", "m3"), at(0))
    return engine


def ids(found: Sequence[Finding]) -> list[str]:
    return sorted(finding.id for finding in found)


@pytest.mark.parametrize("kind", KINDS)
def test_its_sample_finds_something_and_says_it_in_words(kind: str) -> None:
    found = play(fresh(kind), list(days(1)))
    assert found
    for finding in found:
        assert 0 < len(finding.text) < 160
        assert "nan" not in finding.text
        assert "  " not in finding.text
        assert finding.value is None or np.isfinite(finding.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_replay_gives_the_same_findings_however_it_is_cut(kind: str) -> None:
    readings = list(days(2))
    assert ids(play(fresh(kind), readings, 1)) == ids(play(fresh(kind), readings, 1000))


@pytest.mark.parametrize("kind", KINDS)
def test_one_device_at_a_time_equals_all_at_once(kind: str) -> None:
    readings = list(days(3))
    alone = [
        finding
        for device in DEVICES
        for finding in play(fresh(kind), [r for r in readings if r.device == device])
        if finding.device == device
    ]
    assert ids(alone) == ids(play(fresh(kind), readings))


@pytest.mark.parametrize("kind", KINDS)
def test_a_checkpoint_loses_nothing(kind: str) -> None:
    readings = list(days(4))
    for cut in (1, 200, 555):
        first, second = fresh(kind), Engine(of(kind))
        found = play(first, readings[:cut], until=0)
        for record in save(first, dict.fromkeys(first.devices.by_name, cut)):
            assert restore(second, STATE.decode(STATE.encode(record))) == []
        found += play(second, readings[cut:])
        assert ids(found) == ids(play(fresh(kind), readings))


@pytest.mark.parametrize("kind", KINDS)
def test_after_a_gap_and_a_clock_that_was_set_back_it_still_finds(kind: str) -> None:
    engine = fresh(kind)
    for seed, start in ((5, 90_000), (6, 0), (7, 200_000)):
        play(engine, shifted(days(seed), start), until=start + 300)
    assert play(engine, shifted(days(1), 300_000), until=300_300)


def shifted(readings: Iterable[Reading], seconds: float) -> list[Reading]:
    by = round(seconds * 1e6)
    return [msgspec.structs.replace(r, at=r.at + by, seen=r.seen + by) for r in readings]


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_at_the_edge_spoil_nothing_for_good(kind: str) -> None:
    engine = fresh(kind)
    odd = [0.0, -0.0, 1e14, -1e14, 5e-324, 1e300]
    play(engine, [reading(d, i, heart_rate=x) for i, x in enumerate(odd) for d in DEVICES], until=10)
    for record in save(engine, dict.fromkeys(engine.devices.by_name, 0)):
        msgspec.json.decode(STATE.encode(record))


@pytest.mark.parametrize("kind", KINDS)
def test_memory_does_not_grow_with_time(kind: str) -> None:
    engine = fresh(kind)

    def size() -> int:
        return sum(len(STATE.encode(record)) for record in save(engine, dict.fromkeys(engine.devices.by_name, 0)))

    readings = list(days(7))
    play(engine, readings, 50)
    before = size()
    play(engine, shifted(readings, 240), 50)
    assert size() < before + 4000  # an open episode has words


@pytest.mark.parametrize("kind", KINDS)
def test_state_of_other_parameters_is_never_taken(kind: str) -> None:
    engine = fresh(kind)
    for bank in engine.roster.banks.values():
        for row in filter(None, bank.rows):
            slower = Resolved(row.resolved.decision.model_copy(update={"for_": 7.0}), row.resolved.params)
            assert bank.shape(slower, row.rule) != row.shape


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_is_described_and_every_formula_has_its_words(kind: str) -> None:
    detector = discover()[kind]
    assert detector.__doc__
    assert detector.params.__doc__
    for name, field in detector.params.model_fields.items():
        assert field.description, name
    detector.params.model_validate(
        {k: v for k, v in detector.sample.items() if k not in ("severity", "for", "keep", "clear_below", "every")}
    )
