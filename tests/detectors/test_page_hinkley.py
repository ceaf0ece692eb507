"""Page and Hinkley's test: the text-book sums, the run lengths of CUSUM, and a mean that follows."""

import numpy as np
import pytest

from detectors.page_hinkley import PageHinkleyParams
from quality.average_run_length import average
from tests.detectors.series import play

NOISE = np.random.default_rng(6).normal(80, 2, 300)


def textbook(x: np.ndarray, slack: float, limit: float, warm_up: int) -> np.ndarray:
    """The distance of both cumulative sums from their extremes, from all values at once."""
    n = np.arange(1, len(x) + 1)
    off = (x - np.cumsum(x) / n)[warm_up:]
    up, down = np.cumsum(off - slack), np.cumsum(off + slack)
    rise = up - np.minimum.accumulate(np.minimum(up, 0))
    fall = np.maximum.accumulate(np.maximum(down, 0)) - down
    return np.concatenate((np.full(warm_up, np.nan), np.maximum(rise, fall) / limit))


def test_the_score_is_that_of_the_textbook() -> None:
    x = np.concatenate((NOISE, NOISE[:40] + 3))
    ours = play("page_hinkley", x, slack=1, limit=50, warm_up=30, ceiling=1000).scores
    assert ours == pytest.approx(textbook(x, 1, 50, 30), rel=1e-9, abs=1e-9, nan_ok=True)
    assert ours[-1] > 1


@pytest.mark.parametrize(("shift", "arl"), [(0, 168), (0.5, 26.6), (1, 8.38), (-1, 8.38), (2, 3.34)])
def test_with_a_target_run_lengths_are_those_of_a_cusum(shift: float, arl: float) -> None:
    """Lucas and Crosier (1982), table 1."""
    assert average("page_hinkley", shift, known={"target": 0}, slack=0.5, limit=4) == pytest.approx(arl, rel=0.03)


def test_a_calibration_ends_and_the_mean_is_held() -> None:
    played = play("page_hinkley", np.concatenate((NOISE, np.full(500, 90.0))), slack=1, limit=50, calibrate_values=300)
    assert played.state("mean") == pytest.approx(NOISE.mean())
    assert np.isnan(played.scores[299])
    assert played.scores[-1] == 2


def test_with_a_memory_a_lasting_change_becomes_usual() -> None:
    scores = play("page_hinkley", np.concatenate((NOISE, NOISE + 6)), slack=1, limit=50, memory=50).scores
    assert scores[:300][30:].max() < 1
    assert scores[300:330].max() >= 1
    assert scores[-1] < 0.5


def test_a_value_beyond_the_limit_moves_the_mean_as_one_at_the_limit() -> None:
    far = play("page_hinkley", [*NOISE, 1e12], slack=1, limit=50)
    before = play("page_hinkley", NOISE, slack=1, limit=50)
    assert far.state("mean") - before.state("mean") == pytest.approx(50 / 301)


def test_it_says_how_much_it_has_learned() -> None:
    assert play("page_hinkley", NOISE[:12], slack=1, limit=50).progress(12) == "warming up, 12 of 30 values"
    assert play("page_hinkley", NOISE[:30], slack=1, limit=50).progress(30) == ""
    assert play("page_hinkley", [], slack=1, limit=50, target=80).progress(0) == ""


def test_a_target_is_not_learned() -> None:
    with pytest.raises(ValueError, match="either target or calibrate_values"):
        PageHinkleyParams.model_validate({"slack": 1, "limit": 9, "target": 80, "calibrate_values": 10})
