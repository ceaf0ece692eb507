"""The seasonal band: mean and scatter by pandas, days of the week, local time, and outliers."""

import numpy as np
import pandas as pd
import pytest

from detectors.base.evidence import SeriesInfo
from detectors.base.local_hours import local_seconds, zone_number
from detectors.seasonal import SeasonalParams
from tests.detectors.series import SUBJECT, Played, play
from ward.signals import Signal

HOUR, DAY = 3600.0, 86_400.0
# A Monday, 00:00 UTC.
MONDAY = 1_704_067_200.0


def temperatures(days: int, every: float = 1200.0, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Times from a Monday on, and a daily curve with noise that is colder on two days of the week."""
    t = MONDAY + np.arange(0, days * DAY, every)
    local = t - MONDAY
    weekend = np.floor(local / DAY) % 7 >= 5
    noise = np.random.default_rng(seed).normal(0, 0.5, len(t))
    return t, 20 + 4 * np.sin(2 * np.pi * local / DAY) - 3 * weekend + noise


def in_force(played: Played) -> tuple[float, float]:
    return played.state("mean"), played.state("sd")


def test_mean_and_scatter_are_those_of_the_same_hour_of_all_days() -> None:
    t, x = temperatures(9)
    played = play("seasonal", x, t, weekly=False, limit=1000)
    hours = pd.Series(x, index=pd.to_datetime(t, unit="s")).resample("1h").agg(["mean", "var", "count"])
    visits = hours[pd.DatetimeIndex(hours.index).hour == 23].iloc[:-1]  # the last hour is not over
    within = (visits["var"] * (visits["count"] - 1) / visits["count"]).mean()
    n = len(visits)
    assert n == 8
    variance = (within + visits["mean"].var(ddof=0)) * n / (n - 1)
    assert in_force(played) == pytest.approx((visits["mean"].mean(), np.sqrt(variance)))
    assert played.scores[-1] == pytest.approx(abs(x[-1] - visits["mean"].mean()) / (1000 * np.sqrt(variance)))


def test_with_days_of_the_week_the_mean_moves_to_that_of_the_same_day() -> None:
    t, x = temperatures(8 * 7)
    all_days, own_day = (in_force(play("seasonal", x, t, weekly=weekly, limit=1000)) for weekly in (False, True))
    hours = pd.Series(x, index=pd.to_datetime(t, unit="s")).resample("1h").mean()
    days = pd.DatetimeIndex(hours.index)
    sundays = hours[(days.hour == 23) & (days.day_of_week == 6)].iloc[:-1].mean()
    assert own_day[0] == pytest.approx(all_days[0] + 7 / 11 * (sundays - all_days[0]))
    assert own_day[1] < all_days[1]


def test_a_part_of_the_week_is_scored_from_the_second_week_on() -> None:
    t, x = temperatures(14)
    scores = play("seasonal", x, t).scores
    assert np.isnan(scores[t < MONDAY + 7 * DAY]).all()
    assert np.isfinite(scores[t >= MONDAY + 7 * DAY]).all()
    daily = play("seasonal", x, t, weekly=False, visits=4).scores
    assert np.isnan(daily[t < MONDAY + 4 * DAY]).all()
    assert np.isfinite(daily[t >= MONDAY + 4 * DAY]).all()


def test_an_outlier_is_learned_as_a_value_on_the_limit() -> None:
    t, x = temperatures(10)
    usual = in_force(play("seasonal", x, t, weekly=False))
    x[t == MONDAY + 8 * DAY + 23 * HOUR] = 1e12
    played = play("seasonal", x, t, weekly=False)
    assert np.nanmax(played.scores) > 1e10
    assert in_force(played) == pytest.approx(usual, abs=0.6)


def test_hours_are_those_of_the_site_or_of_the_rule_also_in_summer() -> None:
    """High from 12 to 13 h in Berlin, which is 11 UTC in winter and 10 UTC in summer."""
    t = MONDAY + 60 * DAY + np.arange(0, 80 * DAY, 1800.0)
    berlin = pd.to_datetime(t, unit="s", utc=True).tz_convert("Europe/Berlin")
    assert berlin[0].utcoffset() != berlin[-1].utcoffset()
    x = np.where(berlin.hour == 12, 30.0, 20.0)
    signal = Signal(name="x", label="X", unit="1", display="", precision=1)
    site = play("seasonal", x, t, SeriesInfo(signal, timezone="Europe/Berlin"), weekly=False).scores
    rule = play("seasonal", x, t, SeriesInfo(signal), weekly=False, timezone="Europe/Berlin").scores
    universal = play("seasonal", x, t, SeriesInfo(signal), weekly=False).scores
    assert np.nanmax(site) < 1
    np.testing.assert_array_equal(site, rule)
    assert np.nanmax(universal) > 1


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Chatham"])
def test_local_times_are_those_of_pandas(zone: str) -> None:
    t = np.random.default_rng(2).uniform(0, 2e9, 200).round()
    expected = pd.to_datetime(t, unit="s", utc=True).tz_convert(zone).tz_localize(None)
    ours = pd.to_datetime(local_seconds(t, np.full(len(t), zone_number(zone))), unit="s")
    assert (ours == expected).all()


def test_a_visit_counts_once_however_many_values_it_has() -> None:
    t = MONDAY + np.concatenate([day * DAY + np.arange(0, HOUR, 36.0 if day == 0 else 1800.0) for day in range(4)])
    x = np.where(t < MONDAY + HOUR, 10.0, 20.0)
    assert play("seasonal", x, t, weekly=False, limit=1000).state("mean") == pytest.approx((10 + 20 + 20) / 3)


def test_older_visits_are_forgotten() -> None:
    t = MONDAY + np.arange(0, 40 * DAY, HOUR)
    x = np.where(t < MONDAY + 10 * DAY, 10.0, 20.0)
    short, long = (play("seasonal", x, t, weekly=False, memory=m, sd_floor=3).state("mean") for m in (3, 1000))
    assert short == pytest.approx(20, abs=0.1)
    assert long == pytest.approx(17.5, abs=0.5)


def test_it_says_how_much_it_has_learned() -> None:
    t, x = temperatures(2)
    assert play("seasonal", x, t, weekly=False).progress(t[-1]) == "warming up, 24 h of 3 d"
    assert play("seasonal", x, t).progress(t[-1]) == "warming up, 24 h of 7 d"
    assert play("seasonal", *temperatures(14)[::-1]).progress(0) == ""
    assert SUBJECT.timezone == "UTC"


def test_a_wrong_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="not a time zone such as Europe/Berlin"):
        SeasonalParams.model_validate({"timezone": "Europe/Berlim"})
