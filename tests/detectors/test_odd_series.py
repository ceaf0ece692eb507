"""Every detector on series as no sensor should send them: no exception, no score that is not finite, no growth,
and a score again once the series is healthy."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base.columns import Floats
from detectors.base.registry import discover
from detectors.engine.engine import Engine
from detectors.worker.state_codec import save
from quality.rows_of_detector import DetectorRows
from tests.detectors.builders import at, reading, together
from tests.detectors.test_contracts import fresh
from tests.kit.examples import examples
from ward.reading import Reading
from ward.wire import STATE_WIRE

DETECTORS = sorted(discover())
# A detector of passing time gets no values.
OF_VALUES = [name for name, detector in discover().items() if detector.feed != "ticks"]

NOT_NUMBERS = st.sampled_from([np.nan, np.inf, -np.inf, 1e300])
FAR = st.sampled_from([0.0, -0.0, 1e12, -1e12, 9.9e14, -9.9e14, 5e-324, 1e-12, 80.0])
VALUES = st.one_of(st.just(80.0), st.floats(70, 90).map(round), FAR, NOT_NUMBERS)
# Seconds to the next reading: repeated and backward times, gaps of years, and parts of a second.
STEPS = st.sampled_from([1.0, 1.0, 1.0, 0.0, -1.0, -4000.0, 0.001, 60.0, 86_400.0, 1e8])
PIECES = st.lists(st.tuples(VALUES, STEPS, st.integers(1, 30)), min_size=1, max_size=12)


class Watched:
    """A fresh engine of a detector's own sample, and all scores that it calculates."""

    def __init__(self, name: str) -> None:
        self.engine: Engine = fresh(name)
        self.scores: list[Floats] = []
        self.last: dict[object, Floats] = {}
        for key, table in self.engine.rules.tables.items():
            detector: Any = table.detector
            for method in ("update", "update_many"):
                setattr(detector, method, self._noting(key, getattr(detector, method)))

    def _noting(self, table: object, update: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any) -> Any:
            score = update(*arguments)
            if score is not None:
                self.scores.append(score)
                self.last[table] = score
            return score

        return noted

    def receive(self, readings: Sequence[Reading]) -> None:
        result = self.engine.evaluate(readings)
        assert not result.failures
        assert all(found.text and "nan" not in found.text and "inf " not in found.text for found in result.findings)

    def size(self) -> int:
        """The number of bytes of the state of all rows, without the words of open episodes."""
        records = save(self.engine, dict.fromkeys(self.engine.devices.by_name, 0))
        for record in records:
            STATE_WIRE.encode(record)
        return sum(len(row) for record in records for rows in record.rows.values() for row in rows.values())


@pytest.mark.parametrize("name", DETECTORS)
@settings(max_examples=examples(5, 200), deadline=None)
@given(pieces=PIECES, at_once=st.booleans())
def test_no_series_makes_an_exception_an_infinite_score_a_larger_state_or_a_lasting_silence(
    name: str, pieces: list[tuple[float, float, int]], at_once: bool
) -> None:
    watched, t, received, readings = Watched(name), 10.0, 10.0, []
    watched.receive([reading("m1", t, **values(name, 80.0))])
    before = watched.size()
    for value, step, times in pieces:
        for _ in range(times):
            t, received = t + step, received + max(step, 0.001)
            readings.append(reading("m1", t, received, **values(name, value)))
    size = len(readings) if at_once else 7
    for start in range(0, len(readings), size):
        watched.receive(readings[start : start + size])
    assert not watched.engine.advance(at(received)).failures
    # As far into its hour as the series that it is compared with: windows of means end with the same values.
    later = healthy(name, 10.0 + 3600.0 * np.ceil((max(t, received) + 1e9) / 3600.0))
    watched.receive(later[:-1])
    watched.receive(later[-1:])
    assert not any(np.isinf(scores).any() for scores in watched.scores)
    assert watched.size() == before
    for table, expected in after_healthy_values(name).items():
        last, known = np.isfinite(watched.last[table]), np.isfinite(expected)
        # Where windows of two rules end with one value, there are two scores.
        assert last[known].all() if last.shape == known.shape else last.all() or not known.all()


def healthy(name: str, start: float) -> list[Reading]:
    rng = np.random.default_rng(3)
    return [reading("m1", start + i, **values(name, float(x))) for i, x in enumerate(rng.normal(80, 3, 400).round())]


def values(name: str, x: float) -> dict[str, Any]:
    """The same value of each signal that a detector evaluates."""
    return dict.fromkeys((*together(name), "heart_rate"), x)


# Detectors that need tens of microseconds for a value.
ONE_BY_ONE = ("auto", "subsequence")


@functools.cache
def after_healthy_values(name: str) -> dict[object, Floats]:
    """The last scores by table of a series that is healthy from the start."""
    watched = Watched(name)
    readings = healthy(name, 10.0)
    watched.receive(readings[:-1])
    watched.receive(readings[-1:])
    return watched.last


@pytest.mark.parametrize("name", OF_VALUES)
def test_after_a_million_gaps_scores_are_finite_and_the_state_is_as_large(name: str) -> None:
    """A thousand gaps of a thousand series, of any length between a second and a year; of few series for detectors
    that take one series after the other."""
    detector, rng, series = discover()[name], np.random.default_rng(1), 5 if name in ONE_BY_ONE else 1000
    rows = DetectorRows(name, detector.sample, series)
    width, t = rows.state.width, 1.7e9
    with np.errstate(all="ignore"):
        for _ in range(1000):
            t += float(10 ** rng.uniform(0, 7.5))
            score = rows.update(rng.normal(80, 3, series).round(), t)
            assert score.shape == (series,)
            assert not np.isinf(score).any()
    assert rows.state.width == width
