"""The detector of a series that nobody described: what it finds, what it leaves alone, and that it looks at no later
value."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.base.own_past.parts import ERROR, FIRST_LEVEL, FIRST_SPREAD, FIRST_STEP, FLAT, PAIRS, SHAPE
from quality.rows_of_detector import DetectorRows
from tests.detectors.series import Played
from tests.kit.examples import examples

Floats = npt.NDArray[np.float64]


def judged(x: Sequence[float] | Floats, t: Floats | None = None, **params: int) -> tuple[Floats, Floats]:
    """The scores of a series, and the column of the strangest part of each value."""
    values = np.asarray(x, dtype=np.float64)
    times = np.arange(len(values), dtype=np.float64) if t is None else t
    with np.errstate(all="raise", under="ignore"):
        scores, state = DetectorRows("auto", params).along(values[None], times)
    assert scores is not None
    return scores[0], np.broadcast_to(state.part, scores.shape)[0]


def noise(seed: int, n: int) -> Floats:
    return np.random.default_rng(seed).normal(size=n)


def alerts(scores: Floats) -> list[int]:
    """Where alerts begin, by the rule's decision: from 1 on, until below 0.6."""
    found, on = [], False
    for i, score in enumerate(scores.tolist()):
        if score >= 1 and not on:
            found.append(i)
        on = score >= (0.6 if on else 1)
    return found


def first_in(scores: Floats, begin: int, end: int) -> int:
    """How many values after `begin` the first score of at least 1 is; −1 for none before `end`."""
    there = np.flatnonzero(np.nan_to_num(scores[begin:end]) >= 1)
    return int(there[0]) if len(there) else -1


# Online


ANY = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True, width=64), st.sampled_from([0.0, 1.0, 5e-324, 1e300, -1e12]),
    st.floats(-10, 10),
)  # fmt: skip


@settings(max_examples=examples(12, 300), deadline=None)
@given(
    st.integers(0, 10_000), st.lists(ANY, max_size=30), st.integers(1, 400),
    st.sampled_from([0.0, 0.1, 5.0]), st.integers(0, 400),
)  # fmt: skip
def test_scores_of_a_beginning_are_the_beginning_of_the_scores(
    seed: int, odd: list[float], length: int, season: float, cut: int
) -> None:
    rng = np.random.default_rng(seed)
    x = noise(seed, length) + season * np.sin(np.arange(length) / 3)
    x[length // 2 :] += float(rng.choice([0.0, 8.0]))
    x = np.insert(x, rng.integers(0, length, size=len(odd)), odd)
    t = np.cumsum(rng.choice([1.0, 1.0, 1.0, 1.0, 1.0, 40.0, 1e7], size=len(x)))
    whole = judged(x, t, warmup=20)[0]
    assert judged(x[:cut], t[:cut], warmup=20)[0].tobytes() == whole[:cut].tobytes()
    known = whole[~np.isnan(whole)]
    assert np.isfinite(known).all()
    assert (known >= 0).all()


def test_the_score_is_nan_while_warming_up_and_a_number_soon_after() -> None:
    scores, part = judged(noise(1, 300), warmup=60)
    assert np.isnan(scores[:60]).all()
    assert (part[:60] == -1).all()
    assert not np.isnan(scores[100:]).any()


def test_progress_counts_the_values_of_the_warm_up_and_is_silent_afterwards() -> None:
    rows = DetectorRows("auto", {})
    texts = []
    for i, x in enumerate(noise(22, 60)):
        score = rows.update(np.array([x]), float(i))
        texts.append(Played(score, rows).progress(float(i)))
        assert (texts[-1] == "") == (not np.isnan(score[0]))
    assert texts[11] == "warming up, 12 of 41 values"
    assert texts[-1] == ""


@pytest.mark.parametrize("x", [[], [3.0], [3.0] * 500, [np.nan] * 100, [0.0, np.nan] * 200, [1e12, -1e12] * 100])
def test_odd_series_have_scores_or_none_and_no_alert(x: list[float]) -> None:
    scores, _ = judged(x)
    assert len(scores) == len(x)
    assert not (np.nan_to_num(scores) >= 1).any()


# Quiet


NORMAL: dict[str, Callable[[int], Floats]] = {
    "walk": lambda n: np.cumsum(noise(3, n)),
    "season": lambda n: 10 * np.sin(2 * np.pi * np.arange(n) / 48) + noise(4, n),
    "heavy": lambda n: np.random.default_rng(6).standard_t(4, size=n),
    "rounded": lambda n: np.round(2 * np.convolve(noise(7, n + 29), np.ones(30), "valid") / 5) / 2,
}


def test_series_without_a_change_of_10_000_values_raise_at_most_two_alerts_on_average() -> None:
    found = {name: len(alerts(judged(make(10_000))[0])) for name, make in NORMAL.items()}
    assert np.mean([*found.values()]) <= 2, found
    assert np.median([*found.values()]) <= 1, found


# Each part finds what it is for


def up(column: int) -> set[int]:
    return {column, column + PAIRS}


def test_a_spike_is_an_error_of_the_forecast_and_over_after_it() -> None:
    x = noise(11, 800)
    x[600] += 9
    scores, part = judged(x)
    assert alerts(scores) == [600]
    assert part[600] == ERROR
    assert (scores[602:] < 1).all()


def test_a_spike_within_the_range_of_a_season_is_found() -> None:
    x = 10 * np.sin(2 * np.pi * np.arange(900) / 60) + 0.5 * noise(12, 900)
    x[735] += 9  # at the lowest place of the season: well within the range
    scores, _ = judged(x)
    assert alerts(scores) == [735]


def test_a_small_lasting_shift_is_a_step_and_another_level_and_then_the_new_normal() -> None:
    x = noise(13, 3000)
    x[1500:] += 2
    scores, part = judged(x)
    assert 0 <= first_in(scores, 1500, 1540) <= 20
    strange = set(part[1500:1640][scores[1500:1640] >= 1].astype(int).tolist())
    assert strange & set(range(FIRST_STEP, FIRST_SPREAD))
    assert strange & set(range(FIRST_LEVEL, FIRST_SPREAD))
    assert len(alerts(scores)) == 1
    assert (scores[1500 + 128 + 64 + 64 :] < 1).all()
    x[2500:] -= 2  # back, which is another change by now
    assert 0 <= first_in(judged(x)[0], 2500, 2540) <= 20


def test_the_new_normal_comes_as_late_as_asked() -> None:
    x = noise(14, 2500)
    x[1200:] += 3
    ends = [int(np.flatnonzero(judged(x, adapt_after=after)[0] >= 1)[-1]) for after in (64, 600)]
    assert ends[0] < 1200 + 64 + 80 < 1200 + 600 <= ends[1] + 64 < 1200 + 600 + 200


def test_a_slow_drift_of_a_steady_series_is_found_although_it_widens_its_own_limits() -> None:
    x = noise(25, 900)
    x[500:] += 4 * np.arange(400) / 400
    scores, part = judged(x)
    assert 100 <= first_in(scores, 500, 900) <= 320
    assert part[500 + first_in(scores, 500, 900)] in range(FIRST_LEVEL, FIRST_SPREAD)


def test_a_drift_of_a_short_series_is_found_by_limits_that_it_does_not_widen() -> None:
    x = noise(28, 300)
    x[180:] += 5 * (np.arange(120) / 120) ** 2
    assert 0 <= first_in(judged(x)[0], 180, 300) <= 100


def test_an_excursion_that_is_over_is_no_alert_any_more() -> None:
    x = noise(31, 1500)
    x[1000:1020] += 12
    scores, _ = judged(x)
    assert alerts(scores) == [1000]
    # The last window that it is in ends here; the means of 64 values would have it for longer.
    assert (scores[1020 + 24 :] < 1).all()


def test_after_a_few_extreme_values_in_one_direction_the_forecast_follows() -> None:
    x, steps = np.zeros(1500), noise(32, 1500)
    for i in range(1, 1500):
        x[i] = 0.9 * x[i - 1] + steps[i]
    x[1000:] += 40
    scores, part = judged(x)
    assert alerts(scores) == [1000]
    assert (part[1000:1004] == ERROR).all()
    assert ERROR not in part[1004:1030]


def test_whatever_stays_is_the_new_normal_within_a_bounded_time() -> None:
    x = noise(23, 2400)
    x[1200:] *= 4
    scores, _ = judged(x, adapt_after=64)
    assert 0 <= first_in(scores, 1200, 1300) <= 20
    assert np.flatnonzero(scores >= 1)[-1] < 1200 + 3 * 128
    t = np.arange(2400)
    x = np.sin(2 * np.pi * t / np.where(t < 1200, 40, 23)) + 0.05 * noise(24, 2400)
    scores, _ = judged(x, adapt_after=64)
    assert 0 <= first_in(scores, 1200, 1240) <= 40
    assert np.flatnonzero(scores >= 1)[-1] < 1200 + 3 * 128


def test_noise_that_grows_or_shrinks_is_a_spread_both_ways() -> None:
    for factor, offset in ((3.0, 0), (0.15, PAIRS)):
        x = noise(15, 1200)
        x[900:1000] *= factor
        scores, part = judged(x)
        assert 0 <= first_in(scores, 900, 1000) <= 60
        assert set(part[900:1000][scores[900:1000] >= 1].astype(int).tolist()) & set(
            range(FIRST_SPREAD + offset, PAIRS + offset)
        )


def test_a_course_unlike_all_before_is_found_by_its_shape() -> None:
    t = np.arange(1500)
    x = np.sin(2 * np.pi * t / 47.3) + 0.05 * noise(16, 1500)
    x[1200:1240] = x[1200:1240][::-1].copy() * np.sign(np.sin(t[:40] / 2))
    scores, part = judged(x)
    assert first_in(scores, 1200, 1240) >= 0
    assert SHAPE in part[1190:1270].astype(int).tolist()


def test_a_sensor_that_is_stuck_is_found() -> None:
    x = np.round(20 * noise(17, 900))
    x[700:760] = x[699]
    scores, part = judged(x)
    assert 0 <= first_in(scores, 700, 760) <= 20
    assert FLAT in part[700:760].astype(int).tolist()


def test_the_first_change_of_a_constant_is_an_alert_of_finite_score() -> None:
    scores, part = judged([37.0] * 300 + [37.1])
    assert 1 < scores[-1] < np.inf
    assert part[-1] == ERROR


def test_a_counter_that_stands_still_is_found_and_one_that_counts_is_not() -> None:
    x = np.cumsum(np.random.default_rng(18).poisson(9, size=1500)).astype(float)
    assert alerts(judged(x)[0]) == []
    x[1000:1050] = x[1000]
    assert 0 <= first_in(judged(x)[0], 1000, 1050) <= 10


# Time


def test_values_that_are_lost_move_no_season() -> None:
    kept = np.flatnonzero(np.random.default_rng(19).random(3000) > 0.05)
    times = 60.0 * kept.astype(np.float64)
    x = (8 * np.sin(2 * np.pi * np.arange(3000) / 36) + 0.4 * noise(20, 3000))[kept]
    with_times, _ = judged(x, times)
    assert len(alerts(with_times)) <= 1
    x[-1] += 8
    assert judged(x, times)[0][-1] >= 1
    # With the row's number as its time the season is less sharp.
    assert judged(x)[0][-1] < judged(x, times)[0][-1] / 2


def test_limits_widen_for_a_series_that_alerts_again_and_again() -> None:
    x = noise(21, 6000)
    x[1000::400] += 7
    scores, _ = judged(x)
    heights = scores[1000::400]
    assert heights[0] >= 1
    assert heights[6:].max() < heights[0]
