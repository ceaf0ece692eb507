"""Several signals evaluated together: each row sees the newest value of each of its parts, with its age."""

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pytest

from detectors.base.columns import Columns, Floats
from detectors.base.detector import Detector
from detectors.base.evidence import Evidence, Explanation
from detectors.base.vector_detector import VectorDetector, age
from detectors.engine.engine import Engine
from detectors.engine.rule_assignment import RuleAssignment
from detectors.worker.state_codec import restore, save
from tests.detectors.builders import CATALOGUE, at, reading, ward
from ward.config.config import Config
from ward.config.rule import DetectorParams, Rule, Scope
from ward.finding import Kind


class SumParams(DetectorParams):
    parts: ClassVar[tuple[str, ...] | None] = ()
    scopes: ClassVar[tuple[Scope, ...]] = ("device", "bed")


class Sum(VectorDetector[SumParams], name="test-sum"):
    """Keeps what it was given: the score is the sum of the parts, in hundreds."""

    seen: ClassVar[list[tuple[list[float], list[float], float]]] = []

    @classmethod
    def own_columns(cls, width: int) -> Columns:
        return Columns(highest=(-np.inf, width), count=0.0)

    def update(self, state: Any, x: Floats, t: Floats, p: Any) -> Floats:
        state.highest, state.count = np.fmax(state.highest, x), state.count + 1
        ages = age(state, t)
        for i in range(len(t)):
            self.seen.append((x[:, i].tolist(), ages[:, i].tolist(), float(state.count[i])))
        return np.asarray(x.sum(axis=0) / 100)

    def explain(self, evidence: Evidence[SumParams]) -> Explanation:
        labels = "+".join(signal.label for signal in evidence.parts)
        return Explanation(None, None, f"{labels} at {evidence.t % 1000:g} {evidence.state.value[:, 0].tolist()}")

    explain_end = explain


# The other tests look at each detector that there is.
del Detector.registry["test-sum"]

NAN = pytest.approx(float("nan"), nan_ok=True)


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Detector.registry, "test-sum", Sum)
    Sum.seen.clear()


def sum_rule(*signals: str, name: str = "sum", **settings: Any) -> Rule:
    return Rule(name, "test-sum", signals, Kind.TECHNICAL, SumParams, settings)


def engine(*rules: Rule, **rest: Any) -> Engine:
    return Engine(ward(*rules, **rest))


def test_a_vector_is_evaluated_once_for_each_reading_that_has_any_of_its_parts() -> None:
    setup = engine(sum_rule("heart_rate", "spo2"))
    setup.evaluate([reading("m1", 0, heart_rate=50.0, spo2=20.0), reading("m1", 3, temperature=37.0)])
    setup.evaluate([reading("m1", 5, spo2=30.0)])
    assert Sum.seen == [([50.0, 20.0], [0.0, 0.0], 1.0), ([50.0, 30.0], [5.0, 0.0], 2.0)]


def test_a_part_without_a_value_yet_is_no_number_and_has_no_age() -> None:
    setup = engine(sum_rule("heart_rate", "spo2"))
    setup.evaluate([reading("m1", 0, spo2=20.0)])
    assert Sum.seen == [([NAN, 20.0], [NAN, 0.0], 1.0)]


def test_a_vector_of_signals_that_a_device_never_sends_does_not_exist() -> None:
    setup = engine(sum_rule("temperature", "spo2"), signals={"heart_rate": 1.0})
    setup.evaluate([reading("m1", 0, heart_rate=70.0)])
    assert not any(filter(None, (row for table in setup.rules.tables.values() for row in table.rows)))


def test_vectors_of_several_devices_and_several_rules_get_their_own_values() -> None:
    setup = engine(sum_rule("heart_rate", "spo2"), sum_rule("spo2", "heart_rate", name="turned"))
    setup.evaluate([reading("m1", 0, heart_rate=1.0, spo2=2.0), reading("m2", 0, spo2=4.0, heart_rate=3.0)])
    assert sorted(x for x, _, _ in Sum.seen) == [[1.0, 2.0], [2.0, 1.0], [3.0, 4.0], [4.0, 3.0]]


def test_vectors_of_other_widths_are_in_tables_of_their_own() -> None:
    setup = engine(sum_rule("heart_rate", "spo2"), sum_rule("heart_rate", "spo2", "temperature", name="three"))
    setup.evaluate([reading("m1", 0, heart_rate=1.0, spo2=2.0, temperature=3.0)])
    assert sorted(x for x, _, _ in Sum.seen) == [[1.0, 2.0], [1.0, 2.0, 3.0]]


def test_a_finding_of_a_vector_knows_its_parts_their_values_and_the_time() -> None:
    setup = engine(sum_rule("heart_rate", "spo2"))
    (finding,) = setup.evaluate([reading("m1", 7, heart_rate=80.0, spo2=30.0)]).findings
    assert (finding.device, finding.signal, finding.text) == ("m1", "", "Heart rate+SpO2 at 7 [80.0, 30.0]")


def test_rules_with_other_parts_do_not_take_over_each_others_state() -> None:
    first, second = engine(sum_rule("heart_rate", "spo2")), engine(sum_rule("spo2", "heart_rate"))
    first.evaluate([reading("m1", 0, heart_rate=1.0, spo2=2.0)])
    (record,) = save(first, {"m1": 0})
    restore(second, record)
    second.evaluate([reading("m1", 1, heart_rate=1.0)])
    assert Sum.seen[-1] == ([NAN, 1.0], [NAN, 0.0], 1.0)


def test_a_restored_vector_has_its_values_and_their_ages() -> None:
    first, second = engine(sum_rule("heart_rate", "spo2")), engine(sum_rule("heart_rate", "spo2"))
    first.evaluate([reading("m1", 0, heart_rate=1.0, spo2=2.0)])
    (record,) = save(first, {"m1": 0})
    restore(second, record)
    second.evaluate([reading("m1", 60, heart_rate=5.0)])
    assert Sum.seen[-1] == ([5.0, 2.0], [0.0, 60.0], 2.0)


def test_a_series_that_is_new_while_running_becomes_a_part() -> None:
    setup = engine(sum_rule("heart_rate", "temperature"), signals={"heart_rate": 1.0})
    more: list[dict[str, Any]] = [{}, {"temperature": 37.0}, {}]
    for t, rest in enumerate(more):
        setup.evaluate([reading("m1", t, heart_rate=70.0 + t, **rest)])
    assert [x for x, _, _ in Sum.seen] == [[70.0, NAN], [71.0, 37.0], [72.0, 37.0]]


def test_a_rule_that_is_removed_and_comes_back_starts_again() -> None:
    with_rule, without = ward(sum_rule("heart_rate", "spo2")), ward()
    setup = Engine(with_rule)
    setup.evaluate([reading("m1", 0, heart_rate=1.0, spo2=2.0)])
    setup.configure(without, at(1))
    setup.evaluate([reading("m1", 1, heart_rate=3.0)])
    setup.configure(with_rule, at(2))
    setup.evaluate([reading("m1", 2, heart_rate=4.0)])
    assert [x for x, _, _ in Sum.seen] == [[1.0, 2.0], [4.0, NAN]]


def test_with_every_the_parts_are_means_of_windows_and_a_part_without_values_keeps_its_age() -> None:
    setup = engine(sum_rule("heart_rate", "spo2", every="10s"))
    for t in range(41):
        values: dict[str, Any] = {"heart_rate": float(t)} | ({"spo2": 97.0} if t < 20 else {})
        setup.evaluate([reading("m1", t, **values)])
    # The first window is left out; spo2 ends at 20 s.
    assert [(x, ages) for x, ages, _ in Sum.seen] == [
        ([14.5, 97.0], [0.0, 0.0]), ([24.5, 97.0], [0.0, 10.0]), ([34.5, 97.0], [0.0, 20.0]),
    ]  # fmt: skip


def test_with_every_a_value_that_holds_for_the_stay_is_there_at_once_and_is_not_averaged() -> None:
    setup = engine(sum_rule("heart_rate", "age", every="10s"))
    ages = {1: 70.0, 33: 71.0, 38: 72.0}
    for t in range(51):
        values: dict[str, Any] = {"heart_rate": 60.0} if t < 40 else {}
        setup.evaluate([reading("m1", t, **values | ({"age": ages[t]} if t in ages else {}))])
    setup.evaluate([reading("m1", 60, heart_rate=60.0)])
    # Entered in the first window, which is left out; then twice in one window, of which the later one holds.
    assert [(x, since) for x, since, _ in Sum.seen] == [
        ([60.0, 70.0], [0.0, 19.0]), ([60.0, 70.0], [0.0, 29.0]), ([60.0, 72.0], [0.0, 2.0]),
    ]  # fmt: skip


def test_a_value_that_holds_for_the_stay_ends_no_window() -> None:
    setup = engine(sum_rule("heart_rate", "age", every="10s"))
    for t in (0, 11, 12, 21, 22):
        setup.evaluate([reading("m1", t, heart_rate=60.0)])
    setup.evaluate([reading("m1", 31, age=70.0)])
    setup.evaluate([reading("m1", 2, age=71.0)])  # observed long ago, and entered now
    assert len(Sum.seen) == 1


@pytest.mark.parametrize("every", [None, "7s"])
def test_a_past_that_comes_at_once_gives_the_same_vectors(every: str | None) -> None:
    settings = {} if every is None else {"every": every}
    rng = np.random.default_rng(3)
    readings = [
        reading("m1", t, t if t < 5 else 400, **numbers(rng, names))
        for t, names in enumerate(random_names(rng, 300))
        if names
    ]
    one_by_one = engine(sum_rule("heart_rate", "spo2", "age", **settings))
    alone = [finding.id for one in readings for finding in one_by_one.evaluate([one]).findings]
    seen = list(Sum.seen)
    Sum.seen.clear()
    at_once = engine(sum_rule("heart_rate", "spo2", "age", **settings))
    assert [finding.id for finding in at_once.evaluate(readings).findings] == alone
    assert str(Sum.seen) == str(seen)
    assert len(alone) > 10


def numbers(rng: np.random.Generator, names: Sequence[str]) -> dict[str, Any]:
    return {name: float(rng.integers(25, 42)) for name in names}


def random_names(rng: np.random.Generator, count: int) -> Sequence[list[str]]:
    return [[name for name in ("heart_rate", "spo2", "temperature", "age") if rng.random() < 0.6] for _ in range(count)]


def test_only_rules_of_the_scope_of_an_engine_are_evaluated() -> None:
    rules = (sum_rule("heart_rate", "spo2"), sum_rule("heart_rate", "spo2", name="b"))
    config = Config("c", CATALOGUE, ward().inventory, (rules[0], of_beds(rules[1])))
    for scope, name in (("device", "sum"), ("bed", "b")):
        setup = Engine(config, scope=scope)  # type: ignore[arg-type]
        setup.evaluate([reading("m1", 0, heart_rate=80.0, spo2=97.0)])
        assert {row.rule.name for row in rows(setup.rules)} == {name}


def of_beds(rule: Rule) -> Rule:
    return Rule(rule.name, rule.detector, rule.signals, rule.kind, rule.params, rule.settings, scope="bed")


def rows(rules: RuleAssignment) -> list[Any]:
    return [row for table in rules.tables.values() for row in table.rows if row]
