"""The detector of a course that is unlike all of the past."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base.own_past.block_maxima import BLOCKS, return_distances
from detectors.base.own_past.nearest import nearest_distance
from quality.rows_of_detector import DetectorRows
from tests.kit.examples import examples

Floats = npt.NDArray[np.float64]


def scores_of(x: Floats, **params: Any) -> Floats:
    rows = DetectorRows("subsequence", params)
    with np.errstate(all="raise", under="ignore"):
        return np.array([rows.update(np.array([value]), float(i))[0] for i, value in enumerate(x.tolist())])


def noise(seed: int, n: int) -> Floats:
    return np.random.default_rng(seed).normal(size=n)


def pulse(n: int, seed: int) -> Floats:
    """A pulse every 40 values or so, as of a heart."""
    at = np.cumsum(40 * (1 + 0.03 * noise(seed, n // 30)))
    t = np.arange(n)[:, None]
    course = np.exp(-(((t - at) / 2) ** 2)) - 0.3 * np.exp(-(((t - at - 8) / 4) ** 2))
    return np.asarray(course.sum(axis=1) + 0.02 * noise(seed + 1, n))


def test_the_score_is_the_distance_of_the_newest_window_over_what_is_usual() -> None:
    x = np.sin(np.arange(700) / 4) + 0.1 * noise(1, 700)
    scores = scores_of(x, window=16, learn=100)
    assert np.isnan(scores[:99]).all()
    distances = [nearest_distance(x[: i + 1][-1024:], 16, centred=True) for i in range(99, 700)]
    known = np.flatnonzero(~np.isnan(scores))
    for i in (int(known[0]), 400, 512, 698):
        before = distances[: i - 99]
        length = 4
        while len(before) // length > BLOCKS or (len(before) // length == BLOCKS and len(before) % length):
            length *= 2
        blocks = np.array([max(before[k : k + length]) for k in range(0, len(before) - length + 1, length)])[:, None]
        limit = return_distances(blocks, np.zeros(1), np.ones(1), 100_000 / length, np.full(1, 16 / length))[0]
        assert scores[i] == pytest.approx(distances[i - 99] / max(limit, 0.01), rel=0.2)


def test_a_beat_that_is_missing_is_found_soon_and_nothing_before() -> None:
    x = pulse(3000, 2)
    before = scores_of(x, window=40)
    assert np.nanmax(before[:2990]) < 1
    x[2000:2060] = 0.02 * noise(3, 60)  # no beat for one and a half cycles
    assert 0 <= np.flatnonzero(scores_of(x, window=40)[2000:2100] >= 1)[0] <= 60


def test_without_a_window_it_is_the_season() -> None:
    rows = DetectorRows("subsequence", {"learn": 200})
    for i, value in enumerate(np.sin(2 * np.pi * np.arange(260) / 25) + 0.1 * noise(4, 260)):
        rows.update(np.array([value]), float(i))
    assert rows.rows()[0].length.tolist() == [25]
    other = DetectorRows("subsequence", {"learn": 200})
    for i, value in enumerate(noise(5, 260)):
        other.update(np.array([value]), float(i))
    assert other.rows()[0].length.tolist() == [32]


@pytest.mark.parametrize(("compare", "strange"), [("level", True), ("course", False), ("shape", False)])
def test_another_level_is_another_course_only_where_levels_are_compared(compare: str, strange: bool) -> None:
    x = np.sin(np.arange(900) / 4) + 0.05 * noise(6, 900)
    x[700:] += 3
    # The first whole windows on the new level.
    assert (scores_of(x, window=24, compare=compare)[724:730].min() >= 1) == strange


def test_another_size_is_another_course_unless_only_shapes_are_compared() -> None:
    x = np.sin(np.arange(900) / 4) + 0.02 * noise(7, 900)
    x[700:] *= 2.5
    assert scores_of(x, window=24, compare="course")[730:760].max() >= 1
    assert scores_of(x, window=24, compare="shape")[730:760].max() < 1


def test_what_was_strange_once_is_known_afterwards() -> None:
    x = np.sin(np.arange(1500) / 4) + 0.02 * noise(8, 1500)
    x[700:730] = x[1100:1130] = 0.0
    scores = scores_of(x, window=24)
    assert scores[700:730].max() >= 1 > scores[1105:1130].max()


@settings(max_examples=examples(6, 100), deadline=None)
@given(
    st.integers(0, 1000), st.integers(1, 300), st.lists(st.floats(), max_size=20),
    st.sampled_from(["level", "course", "shape"]),
)  # fmt: skip
def test_many_values_at_once_have_the_scores_of_one_after_the_other(
    seed: int, cut: int, odd: list[float], compare: str
) -> None:
    x = np.insert(np.round(noise(seed, 300), 1), np.random.default_rng(seed).integers(0, 300, len(odd)), odd)
    params = {"window": 8, "learn": 40, "compare": compare}
    one = scores_of(x, **params)
    rows = DetectorRows("subsequence", params)
    for i, value in enumerate(x[:cut].tolist()):
        rows.update(np.array([value]), float(i))
    rest, _ = rows.along(x[None, cut:], np.arange(cut, len(x), dtype=np.float64))
    assert rest is not None
    assert rest[0].tobytes() == one[cut:].tobytes()
    assert not np.isinf(one).any()
