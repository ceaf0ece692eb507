"""What a model is learned from: means as of the engine, spans that do not overlap, and nothing of what is held out."""

from dataclasses import replace

import numpy as np
import pytest

from app.training.held_out import HeldOut, evaluate
from app.training.model_trainer import Asked, train
from app.training.model_writer import model_text
from app.training.principal_components import fit, fit_windows
from app.training.series_means import MeansBuilder, SeriesMeans, data_hash
from detectors.base.course_vectors import course_vectors
from tests.detectors.builders import CATALOGUE, T0
from ward.clock import SECOND
from ward.config.model_file import ModelFile
from ward.config.yaml.composer import Composer
from ward.errors import InputError

ASKED = Asked(CATALOGUE["heart_rate"], 60.0, 6, 6, 0.99, "a test", T0)
MINUTES = 7 * 240


def means(seed: int, name: str = "m1", count: int = MINUTES, spread: float = 2.0) -> SeriesMeans:
    """Noise around 80, a mean a minute."""
    return SeriesMeans(name, 60.0 * np.arange(1.0, count + 1), np.random.default_rng(seed).normal(80, spread, count))


def test_means_are_those_of_full_windows_and_parts_of_a_series_are_as_the_whole() -> None:
    t = np.arange(0.0, 1200, 7)
    x = np.random.default_rng(1).normal(80, 2, len(t))
    whole, parts = MeansBuilder("m1", 60.0), MeansBuilder("m1", 60.0)
    whole.add(t, x)
    for start in range(0, len(t), 13):
        parts.add(t[start : start + 13], x[start : start + 13])
    expected = [x[(t >= 60 * k) & (t < 60 * (k + 1))].mean() for k in range(1, 19)]
    np.testing.assert_allclose(whole.means().x, expected)
    assert whole.means().t.tolist() == [60.0 * (k + 1) for k in range(1, 19)]
    np.testing.assert_array_equal(parts.means().x, whole.means().x)


def test_repeated_and_backward_times_and_what_is_no_number_are_left_out() -> None:
    clean, spoilt = MeansBuilder("m1", 60.0), MeansBuilder("m1", 60.0)
    t, x = np.arange(0.0, 600, 10), np.arange(60.0)
    clean.add(t, x)
    spoilt.add(np.insert(t, [5, 20, 30], [40.0, 3.0, np.nan]), np.insert(x, [5, 20, 30], [9e9, 9e9, 9e9]))
    spoilt.add(np.array([np.inf]), np.array([np.nan]))
    np.testing.assert_array_equal(spoilt.means().x, clean.means().x)


def test_no_course_crosses_a_gap() -> None:
    whole = means(2, count=60)
    t = whole.t.copy()
    t[30:] += 120.0
    assert SeriesMeans("m1", t, whole.x).vectors(6, 60.0).shape[1] == 2 * (30 - 8)
    assert whole.vectors(6, 60.0).shape[1] == 60 - 8


def test_axes_make_the_vectors_of_a_window_independent_with_a_deviation_of_one() -> None:
    vectors = course_vectors(means(3).x, 6)
    found = fit(vectors, 0.99)
    along = np.array(found["axes"]) @ (vectors - np.array(found["centre"])[:, None])
    np.testing.assert_allclose(np.cov(along), np.eye(6), atol=1e-6)
    assert found["limit"] == pytest.approx(np.quantile(np.sqrt((along**2).mean(axis=0)), 0.99, method="higher"))


def test_a_change_that_hardly_varies_is_not_magnified_beyond_a_hundredth_of_the_largest() -> None:
    vectors = np.random.default_rng(4).normal(0, 1, (3, 500))
    vectors[2] = vectors[1] * (1 + 1e-9)
    axes = np.array(fit(vectors, 0.99)["axes"])
    lengths = np.sqrt((axes**2).sum(axis=1))
    assert lengths.max() / lengths.min() == pytest.approx(100, rel=1e-3)


def test_what_is_held_out_changes_nothing_in_the_model_and_comes_after_all_that_is_learned() -> None:
    whole = means(5)
    end = float(whole.t[-1])
    later = whole.t > 6 * 240 * 60
    changed = SeriesMeans("m1", whole.t, np.where(later, 500.0 * (whole.t / 60 % 7), whole.x))
    first, second = (train([one], 0.0, end, ASKED) for one in (whole, changed))
    assert first.content == second.content
    assert first.held_out is not None
    assert second.held_out is not None
    assert (first.held_out.unusual < 10, second.held_out.unusual > 100) == (True, True)
    last = ModelFile.model_validate(first.content).windows[-1].until / SECOND
    assert last == first.edges[-2] == 6 * 240 * 60


def test_windows_are_equal_spans_one_after_the_other() -> None:
    windows = ModelFile.model_validate(train([means(5)], 0.0, 60.0 * MINUTES, ASKED).content).windows
    assert [(w.from_ / SECOND, w.until / SECOND) for w in windows] == [(i * 14400, (i + 1) * 14400) for i in range(6)]
    assert all(w.vectors == 240 - 8 for w in windows)


def test_a_fleet_is_learned_from_all_of_its_devices() -> None:
    fleet = [means(6, "m1"), means(7, "m2", spread=8.0)]
    content = train(fleet, 0.0, 60.0 * MINUTES, ASKED).content
    assert content["windows"][0]["vectors"] == 2 * (240 - 8)
    vectors = np.concatenate([one.between(0, 14400).vectors(6, 60.0) for one in fleet], axis=1)
    np.testing.assert_allclose(content["windows"][0]["centre"], vectors.mean(axis=1), rtol=1e-6)


def test_the_alerts_that_are_held_out_are_counted_by_device() -> None:
    model = ModelFile.model_validate(train([means(5)], 0.0, 60.0 * MINUTES, ASKED).content)
    wild = means(8, "wild", 600, 9.0)
    wild.x[200:400] = means(9, count=200).x
    found = evaluate([means(10, "calm", 600), wild, means(11, "short", 3)], model, CATALOGUE["heart_rate"])
    assert found is not None
    assert found.alerts == {"wild": 2}
    assert found.courses == 2 * (600 - 8)
    assert found.days == pytest.approx(1203 / 1440)
    assert evaluate([means(11, "short", 3)], model, CATALOGUE["heart_rate"]) is None


@pytest.mark.parametrize(("alerts", "low", "high"), [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.39)])
def test_the_bounds_of_false_alerts_are_those_of_the_published_table(alerts: int, low: float, high: float) -> None:
    """Garwood (1936), as in the table of Ulm, K. (1990), American Journal of Epidemiology 131."""
    bounds = HeldOut(100, 1, 2.0, {"m1": alerts} if alerts else {}).bounds
    assert [2 * bound for bound in bounds] == pytest.approx([low, high], rel=1e-3)


def test_each_window_with_too_little_is_named() -> None:
    short = means(5, count=MINUTES).between(0, 60.0 * 1000)
    with pytest.raises(InputError) as raised:
        fit_windows([short], np.linspace(0, 60.0 * 1440, 7).tolist(), 6, 60.0, 0.99)
    lines = str(raised.value).splitlines()
    assert [line[:9] for line in lines] == ["window 5,", "window 6,"]
    assert "window 5, 1970-01-01T16:00:00.000Z to 1970-01-01T20:00:00.000Z: 32 courses of 9 means of 60 s" in lines[0]


def test_the_hash_of_the_data_depends_on_names_times_and_values_alone() -> None:
    a, b = means(1), means(2, "m2")
    assert data_hash([a, b]) == data_hash([b, a])
    others = [SeriesMeans("m3", a.t, a.x), SeriesMeans("m1", a.t + 60, a.x), SeriesMeans("m1", a.t, a.x + 1e-9)]
    assert len({data_hash([one]) for one in (a, *others)}) == 4


def test_what_is_written_is_read_again_to_the_last_digit() -> None:
    tiny = SeriesMeans("m1", means(5).t, means(5).x * 1e-60)
    for series in (means(5), tiny):
        content = train([series], 0.0, 60.0 * MINUTES, ASKED).content
        read = Composer(model_text(content)).root().data()
        assert ModelFile.model_validate(read) == ModelFile.model_validate(content)


def bursts(length: int, *windows: int) -> SeriesMeans:
    """Noise with a stretch of wilder noise of this length in these windows of 240 means."""
    whole = means(5)
    for window in windows:
        begin = 240 * window + 100
        whole.x[begin : begin + length] = means(6, spread=12.0).x[:length]
    return whole


def test_the_share_is_the_smallest_with_the_false_alerts_that_are_borne() -> None:
    """A burst of 17 means in one window of six is an alert where 40 or 50 % of 30 courses must be unusual."""
    shares = {}
    for most in (2.0, 0.0):
        shares[most] = train([bursts(17, 2)], 0.0, 60.0 * MINUTES, replace(ASKED, most=most)).share
    assert shares[2.0] == 0.4
    assert 0.4 < (shares[0.0] or 0) < 1.0
    assert train([means(5)], 0.0, 60.0 * MINUTES, ASKED).share is None


def test_what_another_window_knows_is_no_false_alert_of_a_window() -> None:
    assert train([bursts(100, 1, 3)], 0.0, 60.0 * MINUTES, replace(ASKED, most=0.0)).share == 0.4


def test_what_is_held_out_does_not_choose_the_share_and_is_evaluated_with_it() -> None:
    past = bursts(17, 2)
    calm = train([past], 0.0, 60.0 * MINUTES, replace(ASKED, most=0.0))
    past.x[240 * 6 + 100 : 240 * 6 + 106] = means(6, spread=90.0).x[:6]
    chosen, usual = (train([past], 0.0, 60.0 * MINUTES, replace(ASKED, most=most)) for most in (0.0, None))
    assert chosen.share == calm.share
    assert chosen.held_out is not None
    assert usual.held_out is not None
    assert (chosen.held_out.alerts, usual.held_out.alerts) == ({}, {"m1": 1})


def test_a_past_with_more_false_alerts_than_are_borne_with_any_share_is_an_error() -> None:
    with pytest.raises(
        InputError, match=r"there are 1 alerts a device a day in the windows themselves, even where all"
    ):
        train([bursts(100, 2)], 0.0, 60.0 * MINUTES, replace(ASKED, most=0.5))
