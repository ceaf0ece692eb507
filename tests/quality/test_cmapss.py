"""Wear of engines on made-up engines, and on the real data where they are there."""

import numpy as np
import pytest

from detectors.base.columns import Floats
from quality import cmapss, data


def fleet(wear: float, count: int = 12, sensors: int = 6) -> Floats:
    """Engines of 120 cycles; from cycle 60 on the sensors move away, the last sensor is constant."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(120, count, sensors))
    x += wear * np.maximum(np.arange(120) - 60, 0)[:, None, None]
    x[..., -1] = 100.0
    x[100:, 0] = np.nan
    return x


def test_wear_of_several_sensors_is_found_after_it_began_and_noise_is_not() -> None:
    first = cmapss.first_alarms(fleet(wear=0.1))
    assert (first >= 60).all()
    assert (first < 95).all()
    assert np.isinf(cmapss.first_alarms(fleet(wear=0.0))).all()


def test_wear_of_a_single_sensor_reports_no_engine() -> None:
    x = fleet(wear=0.0)
    x[60:, :, 0] += 10
    assert np.isinf(cmapss.first_alarms(x)).all()


def test_engines_are_cut_from_the_table_by_unit() -> None:
    table = np.array([[1, 1, 0, 0, 0, 5.0, 6.0], [1, 2, 0, 0, 0, 5.5, 6.5], [2, 1, 0, 0, 0, 7.0, 8.0]])
    x = cmapss.engines(table)
    assert x.shape == (2, 2, 2)
    assert x[:, 0].tolist() == [[5.0, 6.0], [5.5, 6.5]]
    assert x[0, 1].tolist() == [7.0, 8.0]
    assert np.isnan(x[1, 1]).all()


@pytest.mark.skipif(data.folder("cmapss") is None, reason=f"the data set is absent: set {data.SETTING}")
def test_the_real_engines_meet_what_is_wanted() -> None:
    assert [row.met for row in cmapss.rows(True, lambda _: None)][:2] == [True, True]
