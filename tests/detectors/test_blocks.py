"""A device's backlog evaluated along time has the findings and the state of its readings evaluated one by one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base.registry import discover
from detectors.engine import engine as engine_module
from detectors.engine.engine import Engine
from detectors.engine.tables.column_table import ColumnTable
from detectors.engine.tables.decide import DECISION, DECISION_PARAMS, LevelChanges, decide, decision_values
from detectors.engine.tables.decide_many import decide_many
from detectors.engine.tables.vector_windows import (
    add_many_to_vector_windows,
    add_to_vector_windows,
    vector_window,
)
from detectors.engine.tables.windows import WINDOW, add_many_to_windows, add_to_windows
from detectors.engine.waves import split as split_module
from detectors.worker.state_codec import save
from tests.detectors.builders import at, reading, rule, stay, together, ward
from tests.detectors.test_contracts import hurried
from tests.kit.examples import examples
from ward.config.config import Config
from ward.config.rule import Decision, Rule
from ward.finding import Finding, Kind
from ward.reading import Flag, Reading
from ward.wire import STATE_WIRE

DETECTORS = sorted(discover())
DECISIONS: tuple[dict[str, Any], ...] = (
    {},
    {"for_": "6s", "keep_firing_for": "4s"},
    {"clear_below": 0.3, "severity": {"low": 0.6, "medium": 1, "high": 1.7}},
    {"severity": {"low": 0.5, "high": 1.2}, "for_": "2s", "keep_firing_for": "20s"},
)
SETTINGS: dict[str, Sequence[dict[str, Any]]] = {
    "absent": [{"after": "6s"}],
    "cusum": [
        {"calibrate_values": 7, "sd_floor": 0.5, "limit": 4},
        {"target": 80, "sd": 2, "limit": 3, "head_start": 1},
        {"every": "9s", "calibrate_values": 5, "sd_floor": 0.5, "limit": 2},
    ],
    "event_count": [{"count": 3, "half_life": "12s"}],
    "ewma": [
        {"calibrate_for": "9s", "calibrate_values": 4, "weight": 0.2, "width": 2},
        {"target": 80, "sd": 2, "exact": True},
    ],
    "flatline": [
        {"after": "5s", "min_values": 3},
        {"after": "8s", "tolerance": 1.5, "min_values": 2},
        {"every": "6s", "after": "20s"},
    ],
    "limits": [
        {"side": "high", "low": 84, "medium": 90, "high": 120, "hysteresis": 3},
        {"side": "low", "high": 60},
        {"every": "5s", "side": "high", "medium": 85, "hysteresis": 2},
    ],
    "news2": [{"medium": 2, "high": 3}, {"single": False, "medium": 1, "vital_for": "20s"}, {"every": "7s", "low": 1}],
    "rolling": [
        {"measure": "slope", "window": "24s", "per": "20s", "limit": 6, "side": "both", "min_values": 4},
        {"measure": "zscore", "window": "30s", "limit": 3, "side": "both", "min_values": 5},
        {"measure": "mean", "window": "12s", "limit": 90, "hysteresis": 2, "min_values": 3},
        {"measure": "residual_sd", "window": "40s", "limit": 4, "min_values": 4, "min_fill": 0.3},
        {"measure": "zscore", "window": "30m", "limit": 2, "side": "low", "min_values": 5, "min_fill": 0},
        {"measure": "sd", "window": "24s", "limit": 1, "side": "low", "min_values": 4},
    ],
}  # fmt: skip


def rules(name: str) -> list[Rule]:
    """Rules of one detector about several signals; with the decisions of others beside each of its settings."""
    found, detector = [], discover()[name]
    for i, settings_ in enumerate(SETTINGS.get(name, [detector.sample, {**detector.sample, **hurried(detector)}])):
        for j, decision in enumerate(DECISIONS if "severity" not in settings_ else DECISIONS[:1]):
            if name in ("limits", "news2"):  # its severities have limits of their own
                decision = {k: v for k, v in decision.items() if k != "severity"}
            kind = Kind.PHYSIOLOGICAL if j % 2 else Kind.TECHNICAL
            signals = together(name) or (("heart_rate",) if j else ("heart_rate", "spo2"))
            if name == "event_count":
                signals = (*signals, "lost_readings")
            found.append(rule(f"r{i}-{j}", name, *signals, kind=kind, **{**settings_, **decision}))
    if name == "absent":
        found.append(rule("device", name, after="7s", severity={"low": 1, "high": 2}, keep_firing_for="3s"))
    return found


def config(name: str) -> Config:
    """A ward in which the patient at the first bed changes."""
    stays = (stay("p1", "b1", 0, 130), stay("p2", "b1", 130))
    return ward(*rules(name), devices=2, signals={"heart_rate": 1.0, "spo2": 1.0}, stays=stays)


def past(seed: int, length: int, device: str = "m1") -> Iterator[Reading]:
    """Steady, rising, noisy, stuck, flapping; with gaps, values too many, too late, too large and not numbers at all,
    artefacts, losses, status messages, pauses and steps of the clock. Some of it comes at once, as a backlog does."""
    rng = np.random.default_rng(seed)
    t, seen = 0.0, 0.0
    stage, left, dense = 0, 0, False
    for _ in range(length):
        if not left:
            stage, left, dense = int(rng.integers(8)), int(rng.integers(5, 60)), bool(rng.random() < 0.5)
        left -= 1
        t += float(rng.choice([0.5, 1.0, 1.0, 2.5])) if rng.random() > 0.02 else float(rng.choice([12.0, 40.0, 4000.0]))
        seen = max(seen, t) if not dense else seen + 0.01
        event = rng.random()
        if event < 0.004:
            seen = t = seen - 60
        level = {1: 80 + 1.5 * left, 4: 130.0, 5: 80.0 + 12 * (left % 2), 6: 40.0}.get(stage, 80.0)
        x = round(level + {2: 9.0, 3: 0.0, 5: 0.0}.get(stage, 1.5) * rng.normal(), int(stage != 3))
        values = {"heart_rate": x, "spo2": float(97 - (stage == 6) * 9)}
        if rng.random() < {7: 0.95}.get(stage, 0.05):
            del values["heart_rate" if stage == 7 or rng.random() < 0.6 else "spo2"]
        rest: dict[str, Any] = {}
        if 0.01 < event < (0.4 if stage == 6 else 0.03):
            rest["implausible"] = ("heart_rate",)
            values.pop("heart_rate", None)
        elif event < 0.05:
            rest["lost"] = int(rng.integers(1, 4))
        elif event < 0.06:
            values["heart_rate"] = float(rng.choice([np.nan, 1e300, np.inf, -0.0]))
        late = 3.0 if rng.random() < 0.03 else 0.0
        if event > 0.99:
            yield reading(device, t, seen, online=float(event > 0.995), flags=int(Flag.STATUS))
        flags = int(Flag.BACKLOG) if seen - t > 30 else 0
        yield reading(device, t - late, seen, flags=flags, **(rest | values))


def outcome(name: str, batches: Sequence[Sequence[Reading]], end: float) -> tuple[list[Finding], list[bytes], int, int]:
    """Findings and states, and the numbers of values that are left out."""
    setup = Engine(config(name), updates=True)
    setup.add_expected(("m1", "m2"), at(0))
    found: list[Finding] = []
    out_of_order = too_large = 0
    for readings in batches:
        result = setup.evaluate(readings)
        assert not result.failures
        found += result.findings
        out_of_order, too_large = out_of_order + result.out_of_order, too_large + result.too_large
    states = [STATE_WIRE.encode(record) for record in save(setup, dict.fromkeys(("m1", "m2"), 0))]
    found += setup.advance(at(end)).findings
    return sorted(found, key=lambda f: (f.device, f.received_at, f.id)), states, out_of_order, too_large


@contextmanager
def block_cost(cost: int) -> Iterator[None]:
    """With a low cost blocks may be short, so that a short past has many; with a high one there are only waves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(split_module, "BLOCK_COST", cost)
        patch.setattr(engine_module, "SHORTEST_BLOCK", 1)
        yield


@pytest.mark.parametrize("name", DETECTORS)
def test_a_block_has_the_findings_and_the_state_of_its_readings_one_by_one(name: str) -> None:
    @settings(max_examples=examples(3, 200), deadline=None)
    @given(st.integers(0, 10_000), st.lists(st.integers(0, 200), max_size=4))
    def same(seed: int, cuts: list[int]) -> None:
        readings = list(past(seed, 150))
        for i, one in enumerate(past(seed + 1, 40, "m2")):
            readings.insert(4 * i, one)
        bounds = [0, *sorted(cuts), len(readings)]
        end = max(r.received_at for r in readings) / 1e6 - at(0) / 1e6 + 100
        batches = [readings[a:b] for a, b in pairwise(bounds)]
        with block_cost(2):
            blocks = outcome(name, batches, end)
        with block_cost(10**9):
            assert blocks == outcome(name, batches, end)
            assert blocks[0] == outcome(name, [[one] for one in readings], end)[0]

    same()


@pytest.mark.parametrize("name", ["event_count", "flatline", "rolling"])
def test_after_a_step_back_of_the_clock_a_signal_that_comes_later_starts_before_its_state(name: str) -> None:
    hour = [reading("m1", t, heart_rate=80.0, spo2=97.0, implausible=("spo2",)) for t in range(3600, 3640)]
    back = [reading("m1", 10, spo2=97.0)]
    again = [reading("m1", t, heart_rate=80.0, implausible=("spo2",)) for t in range(11, 60)]
    with block_cost(2):
        blocks = outcome(name, [hour, back + again], 100)
    with block_cost(10**9):
        assert blocks == outcome(name, [hour, back + again], 100)


# The parts


SCORES = st.lists(st.one_of(st.sampled_from([0.0, 0.4, 0.5, 0.99, 1.0, 1.5, 2.0, 3.0])), min_size=1, max_size=40)


@given(SCORES, st.sampled_from([0.0, 1.0, 3.0]), st.sampled_from([0.0, 2.0, 5.0]), st.sampled_from([0.3, 1.0]),
       st.integers(0, 40))  # fmt: skip
def test_decisions_on_many_values_equal_those_on_one_after_the_other(
    scores: list[float], for_: float, keep: float, clear: float, cut: int
) -> None:
    asked = Decision.model_validate(
        {"severity": {"low": 0.5, "high": 2}, "for": f"{for_}s", "keep_firing_for": f"{keep}s", "clear_below": clear}
    )
    (one, many), p = (ColumnTable(DECISION), ColumnTable(DECISION)), ColumnTable(DECISION_PARAMS)
    for table in (one, many, p):
        table.grow(1)
    p.set_row(0, decision_values(asked))
    slot, t = np.zeros(1, dtype=np.intp), np.cumsum(np.linspace(0.5, 1.5, len(scores)))
    params = p.take(slot)
    ratios = np.array(scores) / params.thresholds
    changes: list[tuple[int, ...]] = []
    for i in range(len(scores)):
        state = one.take(slot)
        found = decide(ratios[:, i : i + 1], t[i : i + 1], state, params)
        one.put(slot, state)
        changes += [(i, *row) for row in _changes(found)]
    at_once: list[tuple[int, ...]] = []
    for a, b in ((0, cut), (cut, len(scores))):
        if a < min(b, len(scores)):
            state = many.take(slot)
            found = decide_many(ratios[:, a:b], t[a:b], state, params)
            many.put(slot, state)
            at_once += [(a + int(i), *row) for i, row in zip(found.index, _changes(found), strict=True)]
    assert at_once == changes
    assert one.dump(slot).tobytes() == many.dump(slot).tobytes()


def _changes(found: LevelChanges) -> list[tuple[Any, ...]]:
    return [*zip(*(column.tolist() for column in (found.before, found.after, found.since, found.onset)), strict=True)]


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40), st.sampled_from([1.0, 7.0, 100.0]), st.integers(0, 40))
def test_windows_of_many_values_equal_those_of_one_after_the_other(x: list[float], every: float, cut: int) -> None:
    one, many = ColumnTable(WINDOW), ColumnTable(WINDOW)
    one.grow(1)
    many.grow(1)
    slot, t = np.zeros(1, dtype=np.intp), np.cumsum(np.linspace(0.2, 4, len(x)))
    closed: list[tuple[int, float, float]] = []
    for i, value in enumerate(x):
        state = one.take(slot)
        found = add_to_windows(np.array([value]), t[i : i + 1], np.array([every]), state)
        one.put(slot, state)
        closed += [(i, mean, end) for mean, end in zip(found.mean.tolist(), found.end.tolist(), strict=True)]
    at_once: list[tuple[int, float, float]] = []
    for a, b in ((0, cut), (cut, len(x))):
        if a < min(b, len(x)):
            state = many.take(slot)
            found = add_many_to_windows(np.array(x[a:b]), t[a:b], every, state)
            many.put(slot, state)
            rows = zip(found.index.tolist(), found.mean.tolist(), found.end.tolist(), strict=True)
            at_once += [(a + i, mean, end) for i, mean, end in rows]
    assert at_once == closed
    assert one.dump(slot).tobytes() == many.dump(slot).tobytes()


@given(
    st.lists(st.tuples(st.sampled_from([np.nan, 1.0, 1e15]), st.sampled_from([np.nan, 0.1, 3.0])),
             min_size=1, max_size=40),
    st.lists(st.sampled_from([0.5, 1.0, 4.0, 30.0, -7.0]), min_size=40, max_size=40),
    st.sampled_from([3.0, 10.0]), st.integers(0, 40),
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:invalid value")  # a part without a value has no mean; the engine ignores that
def test_windows_of_many_vectors_equal_those_of_one_after_the_other(
    values: list[tuple[float, float]], steps: list[float], every: float, cut: int
) -> None:
    one, many = ColumnTable(vector_window(2)), ColumnTable(vector_window(2))
    one.grow(1)
    many.grow(1)
    x, t, slot = np.array(values).T, 100 + np.cumsum(steps[: len(values)]), np.zeros(1, dtype=np.intp)
    closed, at_once = [], []
    for i in range(len(values)):
        state = one.take(slot)
        found = add_to_vector_windows(x[:, i : i + 1], t[i : i + 1], np.array([every]), state)
        one.put(slot, state)
        closed += [(i, mean.tobytes(), end) for mean, end in zip(found.mean.T, found.end.tolist(), strict=True)]
    for a, b in ((0, min(cut, len(values))), (min(cut, len(values)), len(values))):
        if a < b:
            state = many.take(slot)
            found = add_many_to_vector_windows(x[:, a:b], t[a:b], every, state)
            many.put(slot, state)
            rows = zip(found.rows.tolist(), found.mean.T, found.end.tolist(), strict=True)
            at_once += [(a + i, mean.tobytes(), end) for i, mean, end in rows]
    assert at_once == closed
    assert one.dump(slot).tobytes() == many.dump(slot).tobytes()
