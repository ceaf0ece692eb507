"""T², Q, and what they are made of, against numpy.linalg, scipy, statsmodels, pandas and a textbook."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.robust.scale import qn_scale

from detectors.base.columns import Floats
from detectors.base.components import components, contributions, expected, follow, t_squared_and_q
from detectors.base.normal_scores import chi_squared_quantile
from detectors.base.pairwise_spread import pairwise_spread
from detectors.base.running_median import median_of_last

RNG = np.random.default_rng(8)
# Vectors of five signals that partly move together, in units of their own.
X: Floats = (RNG.normal(size=(300, 5)) @ RNG.normal(size=(5, 5))) * [1, 20, 0.1, 5, 300] + [80, 97, 36, 5, 1e4]
SIGMA = np.cov(X.T)
OFF = X - X.mean(axis=0)
TINY = np.full((5, 1), 1e-9)


def found(share: float) -> tuple[Floats, Floats]:
    """Axes and number of the components with a share of the variance, of signals scaled by their deviation."""
    sd = X.std(axis=0, ddof=1)[:, None]
    made = components(SIGMA.reshape(25, 1), sd, TINY, np.array([share]))
    return made.axes, made.kept


def test_of_all_components_t_squared_is_hotellings() -> None:
    axes, kept = found(1.0)
    wanted = np.einsum("ij,jk,ik->i", OFF, np.linalg.inv(SIGMA), OFF)
    t_squared, q = t_squared_and_q(axes, kept, OFF.T)
    np.testing.assert_allclose(t_squared, wanted, rtol=1e-8)
    assert kept == 5
    assert not q.any()


def test_hotellings_t_squared_of_the_sweat_data_is_the_published_one() -> None:
    """Johnson and Wichern, Applied Multivariate Statistical Analysis, example 5.2: 20 women, T² = 9.74."""
    covariance = np.array([[2.879, 10.010, -1.810], [10.010, 199.788, -5.640], [-1.810, -5.640, 3.628]])
    made = components(covariance.reshape(9, 1) / 20, np.ones((3, 1)), np.full((3, 1), 1e-9), np.ones(1))
    t_squared, _ = t_squared_and_q(made.axes, made.kept, np.array([[4.640 - 4], [45.400 - 50], [9.965 - 10]]))
    assert t_squared[0] == pytest.approx(9.74, abs=0.005)


@pytest.mark.parametrize("share", [0.3, 0.7, 0.9])
def test_t_squared_and_q_are_those_of_a_singular_value_decomposition(share: float) -> None:
    axes, kept = found(share)
    z = OFF / X.std(axis=0, ddof=1)
    _, sizes, directions = np.linalg.svd(z, full_matrices=False)
    variance = sizes**2 / (len(X) - 1)
    first = int(np.argmax(np.cumsum(variance) >= share * variance.sum())) + 1
    y = z @ directions.T
    t_squared, q = t_squared_and_q(axes, kept, OFF.T)
    assert kept == first
    np.testing.assert_allclose(t_squared, (y[:, :first] ** 2 / variance[:first]).sum(axis=1), rtol=1e-8)
    np.testing.assert_allclose(q, (y[:, first:] ** 2).sum(axis=1) / variance[first:].sum(), rtol=1e-8)


def test_the_rest_has_the_degrees_of_freedom_of_box() -> None:
    made = components(np.diag([9.0, 2.0, 1.0]).reshape(9, 1), np.ones((3, 1)), np.full((3, 1), 1e-9), np.array([0.7]))
    assert made.freedom[0] == pytest.approx((2 + 1) ** 2 / (2**2 + 1**2))


def test_contributions_add_up_and_name_the_signal_that_is_off() -> None:
    axes, kept = found(0.7)
    for total, parts in zip(t_squared_and_q(axes, kept, OFF.T), contributions(axes, kept, OFF.T), strict=True):
        np.testing.assert_allclose(parts.sum(axis=0), total, rtol=1e-8)
    off = np.zeros((5, 5))
    np.fill_diagonal(off, 4 * X.std(axis=0))
    for parts in contributions(*found(1.0), off):
        assert not parts.any() or parts.argmax(axis=0).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("missing", [[0], [1, 3], [0, 2, 3, 4]])
def test_a_vector_without_some_signals_has_the_t_squared_of_the_others(missing: list[int]) -> None:
    known = np.ones((5, 300), dtype=np.bool_)
    known[missing] = False
    covariance = np.repeat(SIGMA.reshape(25, 1), 300, axis=1)
    whole = expected(np.where(known, OFF.T, np.nan), known, covariance, np.full((5, 300), 1e-9))
    some = [i for i in range(5) if i not in missing]
    own = OFF[:, some]
    wanted = np.einsum("ij,jk,ik->i", own, np.linalg.inv(SIGMA[np.ix_(some, some)]), own)
    np.testing.assert_allclose(t_squared_and_q(*found(1.0), whole)[0], wanted, rtol=1e-5)
    np.testing.assert_array_equal(whole[some], own.T)


def test_mean_and_covariance_are_those_of_all_vectors_or_of_the_last_ones() -> None:
    mean, covariance = np.zeros((5, 1)), np.zeros((25, 1))
    recent, memory = X[0][:, None], np.zeros((25, 1))
    for i, x in enumerate(X, 1):
        mean, covariance = follow(mean, covariance, x[:, None] - mean, np.array([1 / i]))
        if i > 1:
            recent, memory = follow(recent, memory, x[:, None] - recent, np.array([1 / 50]))
    np.testing.assert_allclose(mean[:, 0], X.mean(axis=0))
    np.testing.assert_allclose(covariance[:, 0].reshape(5, 5), np.cov(X.T, ddof=0))
    weighted = pd.DataFrame(X).ewm(alpha=1 / 50, adjust=False)
    np.testing.assert_allclose(recent[:, 0], weighted.mean().iloc[-1])
    np.testing.assert_allclose(memory[:, 0].reshape(5, 5), weighted.cov(bias=True).iloc[-5:].to_numpy())


def test_signals_that_never_moved_and_steps_of_1e14_have_finite_components() -> None:
    step = np.full((2, 2), 1e28).reshape(4, 1)
    for covariance in (np.zeros((4, 1)), step):
        made = components(covariance, np.full((2, 1), 0.5), np.full((2, 1), 0.5), np.array([0.9]))
        assert all(np.isfinite(part).all() for part in made)
        known = np.array([[True], [False]])
        whole = expected(np.array([[3.0], [np.nan]]), known, covariance, np.full((2, 1), 0.5))
        assert np.isfinite(whole).all()


def test_the_spread_by_pairs_is_that_of_statsmodels() -> None:
    samples = np.random.default_rng(2).standard_t(2, (40, 30))
    np.testing.assert_allclose(pairwise_spread(samples), [qn_scale(x) for x in samples.T], rtol=1e-4)
    assert pairwise_spread(np.random.default_rng(2).normal(0, 3, (400, 200))).mean() == pytest.approx(3, rel=0.02)
    often = np.where(np.arange(40) < 22, 5.0, 6.0)[:, None]  # half of the pairs are alike: the quartile is 0
    assert pairwise_spread(often)[0] == pytest.approx(1 / 0.9539)
    many = np.random.default_rng(3).normal(size=(40, 600))
    np.testing.assert_array_equal(pairwise_spread(many)[500:], pairwise_spread(many[:, 500:]))


def test_quantiles_of_chi_squared_are_near_those_of_scipy() -> None:
    freedom = np.array([3.0, 5.5, 20.0])
    for share, off in ((0.5, 0.01), (0.95, 0.01), (0.99, 0.01), (0.999, 0.02)):
        found = chi_squared_quantile(freedom, np.array(stats.norm.ppf(share)))
        np.testing.assert_allclose(found, stats.chi2.ppf(share, freedom), rtol=off)


@pytest.mark.parametrize("count", [1, 3, 5])
def test_the_median_of_the_last_ones_is_that_of_pandas(count: int) -> None:
    x = np.random.default_rng(1).normal(size=50).round(1)
    wanted = pd.Series(x).rolling(count).median().to_numpy()[4:]
    a, b, c, d, newest = (x[i : 46 + i] for i in range(5))
    np.testing.assert_array_equal(median_of_last((a, b, c, d, newest), np.full(46, float(count))), wanted)
