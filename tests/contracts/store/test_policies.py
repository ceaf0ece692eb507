"""What every store promises about policies, summaries, and curves over months."""

from math import isfinite

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ward.clock import SECOND, Micros
from ward.errors import QueryRefused, StoreRefused
from ward.ports import Point, RollupBucket, Series, Store, Summary
from ward.retention_policy import RetentionPolicy

T = 1_764_000_000 * SECOND
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
ICU7 = Series.of("vitals", ward="icu", bed="icu-07", device="mon-7")
ICU8 = Series.of("vitals", ward="icu", bed="icu-08", device="mon-8")


def by_series(found: list[RollupBucket]) -> dict[tuple[Series, Micros], dict[str, Summary]]:
    return {(rolled.series, rolled.at): dict(rolled.fields) for rolled in found}


def test_each_policy_is_a_store_of_its_own(store: Store) -> None:
    store.write([Point(ICU7, T, {"heart_rate": 60.0})])
    store.write([Point(ICU7, T, {"heart_rate": 61.0, "heart_rate_count": 3.0})], RetentionPolicy.MINUTES)
    store.write([Point(ICU7, T, {"heart_rate": 62.0})], RetentionPolicy.HOURS)

    def value(policy: RetentionPolicy | None) -> list[float]:
        return [v for _, v in store.last("vitals", "heart_rate", {}, 9, policy)]

    assert [value(p) for p in (None, *RetentionPolicy)] == [[60.0], [60.0], [61.0], [62.0], [], []]
    assert store.last("vitals", "heart_rate_count", {}, 9) == []
    (row,) = store.rows("vitals", {}, T, T + 1, 9, RetentionPolicy.MINUTES)
    assert (row.tags, row.fields) == (dict(ICU7.tags), {"heart_rate": 61.0, "heart_rate_count": 3.0})
    assert store.query_range("vitals", "heart_rate", {}, T, T + 1, policy=RetentionPolicy.HOURS).mean == (62.0,)


def test_alerts_are_at_home_among_the_facts(store: Store) -> None:
    alert = Point(Series.of("alerts", bed="icu-07"), T, {"id": "x"})
    store.write([alert, Point(ICU7, T, {"heart_rate": 60.0})])
    (row,) = store.rows("alerts", {}, 0, 2 * T, 9)
    assert store.rows("alerts", {}, 0, 2 * T, 9, RetentionPolicy.FACTS) == [row]
    assert store.rows("alerts", {}, 0, 2 * T, 9, RetentionPolicy.AUTOGEN) == []


def test_nothing_in_a_batch_for_a_policy_is_taken_on_trust(store: Store) -> None:
    for bad in (Series.of("minutes/vitals", bed="b"), Series.of("vit als"), Series.of("vitals", bed="x\ny")):
        for policy in (None, RetentionPolicy.MINUTES):
            with pytest.raises(StoreRefused):
                store.write([Point(bad, T, {"heart_rate": 1.0})], policy)


def test_a_similar_name_reaches_no_other_policy(store: Store) -> None:
    store.write([Point(ICU7, T, {"heart_rate": 60.0})], RetentionPolicy.MINUTES)
    with pytest.raises(StoreRefused):
        store.write([Point(Series("minutes/vitals", ICU7.tags), T, {"heart_rate": 99.0})])
    assert store.last("vitals", "heart_rate", {}, 9, RetentionPolicy.MINUTES) == [(T, 60.0)]


def test_a_summary_is_of_one_series_and_one_bucket(store: Store) -> None:
    begin = T - T % MINUTE
    store.write([Point(ICU7, begin + n * SECOND, {"heart_rate": 60.0 + n}) for n in (58, 2, 59, 0, 61)])
    store.write([Point(ICU7, begin + SECOND, {"spo2": 97.0, "words": "no number"})])
    store.write([Point(ICU8, begin, {"words": "no number either"})])
    store.write([Point(ICU8, begin + MINUTE, {"heart_rate": 100.0})])
    assert by_series(store.summaries("vitals", {}, begin, begin + 2 * MINUTE, 60)) == {
        (ICU7, begin): {
            "heart_rate": Summary((60 + 62 + 118 + 119) / 4, 60.0, 119.0, 4, 119.0),
            "spo2": Summary(97.0, 97.0, 97.0, 1, 97.0),
        },
        (ICU7, begin + MINUTE): {"heart_rate": Summary(121.0, 121.0, 121.0, 1, 121.0)},
        (ICU8, begin + MINUTE): {"heart_rate": Summary(100.0, 100.0, 100.0, 1, 100.0)},
    }
    of_one = store.summaries("vitals", {"device": "mon-8"}, begin, begin + HOUR, 3600)
    assert {rolled.series for rolled in of_one} == {ICU8}
    assert store.summaries("vitals", {"device": "mon-9"}, begin, begin + HOUR, 60) == []
    assert store.summaries("vitals", {"device": ""}, begin, begin + HOUR, 60) == []
    assert store.summaries("nothing", {}, begin, begin + HOUR, 60) == []
    assert store.summaries("vitals", {}, begin, begin, 60) == []
    with pytest.raises(QueryRefused):
        store.summaries("vitals", {}, begin, begin + HOUR, 0)


def test_a_summary_is_of_raw_readings_only(store: Store) -> None:
    store.write([Point(ICU7, T, {"heart_rate": 1.0})], RetentionPolicy.MINUTES)
    assert store.summaries("vitals", {}, T - HOUR, T + HOUR, 60) == []


def test_the_widest_numbers_spoil_no_summary(store: Store) -> None:
    begin = T - T % MINUTE
    store.write([Point(ICU7, begin + n, {"flow": 1.7e308, "heart_rate": 60.0}) for n in range(3)])
    ((_, fields),) = by_series(store.summaries("vitals", {}, begin, begin + MINUTE, 60)).items()
    assert fields["heart_rate"].mean == 60.0
    assert fields["flow"].low <= fields["flow"].mean <= fields["flow"].high
    assert isfinite(fields["flow"].mean)


@given(
    readings=st.lists(
        st.tuples(st.integers(0, 7_200), st.floats(-1e6, 1e6)), min_size=1, max_size=60, unique_by=lambda r: r[0]
    )
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_long_curve_of_roll_ups_is_that_of_the_readings(store: Store, readings: list[tuple[int, float]]) -> None:
    """Minutes that stand where the readings were give the same buckets; so does a mixture of both."""
    series = Series.of("vitals", bed=f"h{abs(hash(tuple(readings)))}")
    where, begin = dict(series.tags), T - T % HOUR
    store.write([Point(series, begin + s * SECOND, {"heart_rate": v}) for s, v in readings])
    raw = store.query_range("vitals", "heart_rate", where, begin, begin + 2 * HOUR, 600, policy=RetentionPolicy.AUTOGEN)
    minutes = store.summaries("vitals", where, begin, begin + 2 * HOUR, 60)
    rolled = [Point(series, m.at, parts("heart_rate", m.fields["heart_rate"])) for m in minutes]
    store.write(rolled[: len(rolled) // 2 or 1], RetentionPolicy.MINUTES)
    for _ in range(2):
        long = store.query_range("vitals", "heart_rate", where, begin - 12 * HOUR, begin + 2 * HOUR, 600)
        assert list(long.at) == list(raw.at)
        assert list(long.count) == list(raw.count)
        assert list(long.low) == list(raw.low)
        assert list(long.high) == list(raw.high)
        assert list(long.mean) == pytest.approx(list(raw.mean), abs=1e-6)
        store.write(rolled, RetentionPolicy.MINUTES)


def parts(name: str, of: Summary) -> dict[str, float]:
    return {
        name: of.mean, f"{name}_min": of.low, f"{name}_max": of.high, f"{name}_count": float(of.count),
        f"{name}_last": of.last,
    }  # fmt: skip


def test_a_long_curve_reads_roll_ups_and_a_short_one_does_not(store: Store) -> None:
    begin = T - T % HOUR
    store.write([Point(ICU7, begin, {"heart_rate": 60.0}), Point(ICU7, begin + 3 * HOUR, {"heart_rate": 90.0})])
    store.write([Point(ICU7, begin, parts("heart_rate", Summary(61.0, 50.0, 70.0, 30, 62.0)))], RetentionPolicy.MINUTES)
    store.write(
        [Point(ICU7, begin + 10 * MINUTE, parts("spo2", Summary(97.0, 97.0, 97.0, 1, 97.0)))], RetentionPolicy.MINUTES
    )
    store.write(
        [Point(ICU7, begin + 12 * MINUTE, parts("heart_rate", Summary(1.0, 1.0, 1.0, 1, 1.0)))], RetentionPolicy.MINUTES
    )
    store.write([Point(ICU7, begin, parts("heart_rate", Summary(65.0, 40.0, 80.0, 900, 62.0)))], RetentionPolicy.HOURS)

    def mean(width: int, every: float | None) -> list[float]:
        end = begin + 4 * HOUR
        return list(store.query_range("vitals", "heart_rate", {}, end - width, end, every).mean)

    assert mean(5 * HOUR, 600) == [60.0, 90.0]
    assert mean(7 * HOUR, 600) == [61.0, 90.0], "minutes, and raw readings behind the last of them"
    assert mean(7 * HOUR, 30) == [60.0, 90.0], "buckets narrower than a minute"
    assert mean(7 * HOUR, 90) == [60.0, 90.0], "buckets that would cut minutes"
    assert mean(7 * HOUR, None) == [60.0, 90.0]
    assert mean(20 * 24 * HOUR, 3600) == [65.0, 90.0], "hours"
    assert mean(20 * 24 * HOUR, 600) == [61.0, 90.0], "buckets narrower than an hour"
    with pytest.raises(QueryRefused):
        store.query_range("vitals", "heart_rate", {}, begin - 20 * 24 * HOUR, begin + 4 * HOUR, 3600, limit=1)
