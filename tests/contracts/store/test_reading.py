"""What every store promises about reading: curves, the last, the latest, rows."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ward.clock import SECOND
from ward.errors import QueryRefused
from ward.ports import Point, Series, Store

T = 1_764_000_000 * SECOND
MINUTE = 60 * SECOND
ICU7 = Series.of("vitals", ward="icu", bed="icu-07", device="mon-7")
ICU8 = Series.of("vitals", ward="icu", bed="icu-08", device="mon-8")
STEP = Series.of("vitals", ward="stepdown", bed="sd-01", device="mon-9")


def fill(store: Store) -> None:
    """Bed 7 each 2 s, bed 8 each 5 s, two minutes long; bed 8 has a gap in the second minute."""
    store.write([Point(ICU7, T + 2 * n * SECOND, {"heart_rate": 60.0 + n, "spo2": 97.0}) for n in range(60)])
    store.write([Point(ICU8, T + 5 * n * SECOND, {"heart_rate": 100.0 + n}) for n in range(24) if not 12 <= n < 20])


def test_a_raw_curve_is_all_readings_of_the_span_its_end_left_out(store: Store) -> None:
    fill(store)
    curve = store.query_range("vitals", "heart_rate", {"bed": "icu-07"}, T + 10 * SECOND, T + 20 * SECOND)
    assert list(curve.at) == [T + n * SECOND for n in (10, 12, 14, 16, 18)]
    assert list(curve.mean) == list(curve.low) == list(curve.high) == [65.0, 66.0, 67.0, 68.0, 69.0]
    assert list(curve.count) == [1] * 5


def test_where_is_every_tag_and_no_tag_is_all(store: Store) -> None:
    fill(store)
    store.write([Point(STEP, T, {"heart_rate": 1.0})])

    def count(**where: str) -> int:
        return len(store.query_range("vitals", "heart_rate", where, T, T + 10 * MINUTE).at)

    assert count(bed="icu-07") == 60
    assert count(ward="icu") == 76
    assert count(ward="icu", bed="icu-08") == 16
    assert count() == 77
    assert count(ward="stepdown", bed="icu-07") == 0
    assert count(nurse="x") == 0
    assert count(bed="") == 0, "no series has an empty tag"


def test_two_series_with_a_value_at_the_same_instant_are_two_rows(store: Store) -> None:
    store.write([Point(ICU7, T, {"heart_rate": 60.0}), Point(ICU8, T, {"heart_rate": 100.0})])
    curve = store.query_range("vitals", "heart_rate", {}, T, T + 1)
    assert sorted(curve.mean) == [60.0, 100.0]
    assert list(curve.at) == [T, T]


def test_buckets_begin_at_multiples_of_their_width_and_empty_ones_are_not_there(store: Store) -> None:
    fill(store)
    curve = store.query_range("vitals", "heart_rate", {"bed": "icu-08"}, T, T + 2 * MINUTE, every=30)
    begin = T - T % (30 * SECOND)
    assert list(curve.at) == [begin, begin + 30 * SECOND, begin + 90 * SECOND]
    assert list(curve.count) == [6, 6, 4]
    assert list(curve.low) == [100.0, 106.0, 120.0]
    assert list(curve.high) == [105.0, 111.0, 123.0]
    assert list(curve.mean) == [102.5, 108.5, 121.5]


def test_a_bucket_that_begins_before_the_span_has_the_span_s_readings_only(store: Store) -> None:
    fill(store)
    curve = store.query_range("vitals", "heart_rate", {"bed": "icu-07"}, T + 15 * SECOND, T + 31 * SECOND, every=60)
    assert list(curve.at) == [T - T % MINUTE]
    assert list(curve.count) == [8]
    assert (curve.low[0], curve.high[0]) == (68.0, 75.0)


def test_a_bucket_takes_in_all_series(store: Store) -> None:
    store.write([Point(ICU7, T, {"heart_rate": 60.0}), Point(ICU8, T + SECOND, {"heart_rate": 100.0})])
    curve = store.query_range("vitals", "heart_rate", {"ward": "icu"}, T, T + MINUTE, every=60)
    assert (curve.mean[0], curve.low[0], curve.high[0], curve.count[0]) == (80.0, 60.0, 100.0, 2)


@given(
    offsets=st.lists(st.integers(0, 400), min_size=1, max_size=40, unique=True),
    every=st.sampled_from([0.5, 1.0, 7.0, 13.5, 60.0, 3600.0]),
    start=st.integers(0, 300),
    length=st.integers(1, 300),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_buckets_equal_plain_arithmetic(
    store: Store, offsets: list[int], every: float, start: int, length: int
) -> None:
    series = Series.of("vitals", bed=f"h{abs(hash((tuple(offsets), every, start, length)))}")
    store.write([Point(series, T + o * SECOND // 2, {"heart_rate": float(o)}) for o in offsets])
    first, after = T + start * SECOND, T + (start + length) * SECOND
    width = round(every * SECOND)
    wanted: dict[int, list[float]] = {}
    for o in sorted(offsets):
        at = T + o * SECOND // 2
        if first <= at < after:
            wanted.setdefault(at - at % width, []).append(float(o))
    curve = store.query_range("vitals", "heart_rate", dict(series.tags), first, after, every)
    assert list(curve.at) == list(wanted)
    assert list(curve.count) == [len(v) for v in wanted.values()]
    assert list(curve.low) == [min(v) for v in wanted.values()]
    assert list(curve.high) == [max(v) for v in wanted.values()]
    assert list(curve.mean) == pytest.approx([sum(v) / len(v) for v in wanted.values()])


def test_a_span_with_too_many_rows_is_refused_and_one_row_less_is_not(store: Store) -> None:
    fill(store)
    where = {"bed": "icu-07"}
    assert len(store.query_range("vitals", "heart_rate", where, T, T + 10 * MINUTE, limit=60).at) == 60
    with pytest.raises(QueryRefused, match="59 rows"):
        store.query_range("vitals", "heart_rate", where, T, T + 10 * MINUTE, limit=59)
    assert len(store.query_range("vitals", "heart_rate", where, T, T + 10 * MINUTE, every=10, limit=13).at) == 12
    with pytest.raises(QueryRefused):
        store.query_range("vitals", "heart_rate", where, T, T + 10 * MINUTE, every=10, limit=11)
    with pytest.raises(QueryRefused):
        store.query_range("vitals", "heart_rate", where, T, T + MINUTE, every=0)


def test_a_span_of_no_length_has_nothing(store: Store) -> None:
    fill(store)
    assert len(store.query_range("vitals", "heart_rate", {}, T, T).at) == 0
    assert len(store.query_range("vitals", "heart_rate", {}, T + 1, T).at) == 0


def test_a_text_is_no_curve(store: Store) -> None:
    store.write([Point(ICU7, T, {"words": "ok"})])
    assert len(store.query_range("vitals", "words", {}, 0, 2 * T).at) == 0
    assert len(store.query_range("vitals", "words", {}, 0, 2 * T, every=60).at) == 0
    assert store.last("vitals", "words", {}, 5) == []
    assert store.latest("vitals", "bed", 0) == {}


def test_the_last_values_come_oldest_first(store: Store) -> None:
    fill(store)
    assert store.last("vitals", "heart_rate", {"bed": "icu-07"}, 3) == [
        (T + 114 * SECOND, 117.0),
        (T + 116 * SECOND, 118.0),
        (T + 118 * SECOND, 119.0),
    ]
    assert [x for _, x in store.last("vitals", "heart_rate", {"ward": "icu"}, 4)] == [117.0, 123.0, 118.0, 119.0]
    assert len(store.last("vitals", "heart_rate", {"bed": "icu-07"}, 1000)) == 60
    assert store.last("vitals", "heart_rate", {"bed": "icu-07"}, 0) == []
    assert store.last("vitals", "temperature", {}, 5) == []
    assert store.last("nothing", "temperature", {}, 5) == []


def test_the_last_value_of_a_rare_field_is_found_behind_many_others(store: Store) -> None:
    store.write([Point(ICU7, T, {"temperature": 36.6})])
    fill(store)
    assert store.last("vitals", "temperature", {"bed": "icu-07"}, 5) == [(T, 36.6)]


def test_the_latest_of_each_field_by_a_tag(store: Store) -> None:
    fill(store)
    store.write([Point(ICU7, T + 30 * SECOND, {"temperature": 36.6, "words": "no number"})])
    store.write([Point(Series.of("vitals", device="roaming"), T, {"heart_rate": 1.0})])
    latest = store.latest("vitals", "bed", T)
    assert latest == {
        "icu-07": {
            "heart_rate": (T + 118 * SECOND, 119.0),
            "spo2": (T + 118 * SECOND, 97.0),
            "temperature": (T + 30 * SECOND, 36.6),
        },
        "icu-08": {"heart_rate": (T + 115 * SECOND, 123.0)},
    }
    assert store.latest("vitals", "bed", T + 116 * SECOND) == {
        "icu-07": {"heart_rate": (T + 118 * SECOND, 119.0), "spo2": (T + 118 * SECOND, 97.0)}
    }
    assert set(store.latest("vitals", "device", T)) == {"mon-7", "mon-8", "roaming"}
    assert store.latest("vitals", "bed", T + 118 * SECOND)["icu-07"]["spo2"] == (T + 118 * SECOND, 97.0)
    assert store.latest("vitals", "bed", T + 118 * SECOND + 1) == {}
    assert store.latest("vitals", "nurse", T) == {}
    assert store.latest("nothing", "bed", T) == {}


def test_a_device_that_moved_has_its_latest_wherever_it_is_newest(store: Store) -> None:
    moved = Series.of("vitals", ward="icu", bed="icu-09", device="mon-7")
    store.write([Point(moved, T + SECOND, {"heart_rate": 2.0})])
    store.write([Point(ICU7, T, {"heart_rate": 1.0, "spo2": 97.0})])
    store.write([Point(Series.of("vitals", ward="icu", bed="icu-01", device="mon-8"), T + SECOND, {"heart_rate": 4.0})])
    store.write([Point(ICU8, T, {"heart_rate": 3.0})])
    assert store.latest("vitals", "device", T) == {
        "mon-7": {"heart_rate": (T + SECOND, 2.0), "spo2": (T, 97.0)},
        "mon-8": {"heart_rate": (T + SECOND, 4.0)},
    }


def test_a_late_point_is_not_the_latest(store: Store) -> None:
    store.write([Point(ICU7, T + SECOND, {"heart_rate": 2.0})])
    store.write([Point(ICU7, T, {"heart_rate": 1.0})])
    assert store.latest("vitals", "bed", 0)["icu-07"]["heart_rate"] == (T + SECOND, 2.0)
    assert store.last("vitals", "heart_rate", {}, 1) == [(T + SECOND, 2.0)]


def test_rows_are_returned_as_they_were_written_newest_first(store: Store) -> None:
    alert = Series.of("alerts", bed="icu-07", rule="tachycardia")
    other = Series.of("alerts", bed="icu-08", rule="tachycardia")
    store.write([Point(alert, T + n * SECOND, {"state": f"s{n}", "value": 150.0 + n}) for n in range(0, 10, 2)])
    store.write([Point(other, T + n * SECOND, {"state": f"s{n}"}) for n in range(1, 10, 2)])
    rows = store.rows("alerts", {}, T + SECOND, T + 8 * SECOND, 100)
    assert [e.fields["state"] for e in rows] == ["s7", "s6", "s5", "s4", "s3", "s2", "s1"]
    assert rows[0].tags == {"bed": "icu-08", "rule": "tachycardia"}
    assert dict(rows[1].fields) == {"state": "s6", "value": 156.0}
    assert rows[1].at == T + 6 * SECOND
    assert [e.fields["state"] for e in store.rows("alerts", {}, 0, 2 * T, 3)] == ["s9", "s8", "s7"]
    assert len(store.rows("alerts", {"bed": "icu-07"}, 0, 2 * T, 100)) == 5
    assert store.rows("alerts", {"bed": "icu-99"}, 0, 2 * T, 100) == []
    assert store.rows("nothing", {}, 0, 2 * T, 100) == []


INJECTIONS = [
    'icu-07\'; DROP MEASUREMENT "vitals"; --',
    "' OR '1'='1",
    "' OR 1=1 --",
    '"',
    "\\",
    "\\'",
    "x\ny",
    "\x00",
    "\u202e",
    "../..",
    "<script>",
    '") |> drop()',
]


@pytest.mark.parametrize("evil", INJECTIONS)
def test_no_question_breaks_out(store: Store, evil: str) -> None:
    fill(store)
    assert len(store.query_range("vitals", "heart_rate", {"bed": evil}, T, T + MINUTE).at) == 0
    assert len(store.query_range("vitals", evil, {"bed": "icu-07"}, T, T + MINUTE).at) == 0
    assert len(store.query_range(evil, "heart_rate", {}, T, T + MINUTE, every=5).at) == 0
    assert len(store.query_range("vitals", "heart_rate", {evil: "icu-07"}, T, T + MINUTE).at) == 0
    assert store.last("vitals", evil, {"bed": evil}, 5) == []
    assert store.latest(evil, "bed", T) == {}
    assert store.latest("vitals", evil, T) == {}
    assert store.rows(evil, {evil: evil}, T, T + MINUTE, 5) == []
    assert len(store.last("vitals", "heart_rate", {"bed": "icu-07"}, 99)) == 60


def test_columns_have_the_numbers_of_the_rows_oldest_first_by_series(store: Store) -> None:
    fill(store)
    store.write([Point(ICU7, T + SECOND, {"heart_rate": 50.0}), Point(ICU7, T + 3 * SECOND, {"note": "x"})])
    store.write([Point(STEP, T, {"note": "x"})])
    found = {columns.tags["bed"]: columns for columns in store.columns("vitals", lambda tags: True, T, 2 * T, 999)}
    assert found.keys() == {"icu-07", "icu-08"}, "a series with texts alone has no columns"
    for bed, columns in found.items():
        rows = [
            row for row in reversed(store.rows("vitals", {"bed": bed}, T, 2 * T, 999)) if row.fields != {"note": "x"}
        ]
        assert columns.tags == rows[0].tags
        assert columns.at.tolist() == [row.at for row in rows]
        for name, values in columns.fields.items():
            assert [x if x == x else None for x in values.tolist()] == [row.fields.get(name) for row in rows]
        assert columns.fields.keys() == {name for row in rows for name in row.fields}


def test_columns_are_of_chosen_series_in_a_span_with_at_most_so_many_points(store: Store) -> None:
    fill(store)

    def count(chosen: str, start: int, end: int, limit: int = 999) -> list[int]:
        return [len(found.at) for found in store.columns("vitals", lambda t: t["bed"] == chosen, start, end, limit)]

    assert count("icu-07", T, T + 10 * SECOND) == [5]
    assert count("icu-07", T, T + 10 * SECOND, limit=5) == [5]
    assert count("icu-07", 0, T) == []
    assert count("icu-09", T, 2 * T) == []
    assert store.columns("nothing", lambda tags: True, 0, 2 * T, 9) == []
    later = T + 60 * MINUTE
    store.write([Point(ICU7, later, {"note": "x"})])
    assert count("icu-07", later, later + SECOND) == [], "a series with numbers before, and texts alone in the span"
    with pytest.raises(QueryRefused, match="more than 4 rows"):
        count("icu-07", T, T + 10 * SECOND, limit=4)
