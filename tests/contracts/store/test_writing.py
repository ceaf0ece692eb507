"""What every store promises about writing: all or an error, again changes nothing, refused apart from unavailable."""

import msgspec
import pytest

from ward.clock import SECOND
from ward.errors import StoreRefused
from ward.ports import Point, PointColumns, Series, Store
from ward.ports.point_columns import Fields

T = 1_764_000_000 * SECOND
BED7 = Series.of("vitals", ward="icu", bed="icu-07", device="mon-7", device_kind="bedside_monitor")
EVER = (0, 2 * T)


def rows(store: Store, field: str = "heart_rate", measurement: str = "vitals") -> list[tuple[int, float]]:
    curve = store.query_range(measurement, field, {}, *EVER)
    return list(zip(curve.at, curve.mean, strict=True))


def test_what_was_written_is_readable_at_once(store: Store) -> None:
    store.write([Point(BED7, T, {"heart_rate": 72.0, "spo2": 97.5})])
    assert rows(store) == [(T, 72.0)]
    assert rows(store, "spo2") == [(T, 97.5)]
    assert rows(store, "temperature") == []
    assert rows(store, measurement="telemetry") == []


def test_writing_nothing_is_no_problem(store: Store) -> None:
    store.write([])
    assert rows(store) == []


def test_writing_again_changes_nothing(store: Store) -> None:
    points = [Point(BED7, T + n * SECOND, {"heart_rate": 70.0 + n}) for n in range(100)]
    store.write(points)
    once = rows(store)
    store.write(points)
    store.write(points[20:40])
    assert rows(store) == once
    assert len(once) == 100


class Vitals(msgspec.Struct):
    heart_rate: float | msgspec.UnsetType = msgspec.UNSET
    spo2: float | msgspec.UnsetType = msgspec.UNSET


def test_columns_are_stored_as_their_points(store: Store) -> None:
    fields: list[Fields] = [{"heart_rate": 70.0}, {"text": "paced"}, Vitals(72.0, 97.5), Vitals(spo2=98.0)]
    store.write(PointColumns([BED7] * 4, [T + n * SECOND for n in range(4)], fields))
    assert rows(store) == [(T, 70.0), (T + 2 * SECOND, 72.0)]
    assert rows(store, "spo2") == [(T + 2 * SECOND, 97.5), (T + 3 * SECOND, 98.0)]
    assert [row.fields for row in store.rows("vitals", {}, T + SECOND, T + 2 * SECOND, 10)] == [{"text": "paced"}]


@pytest.mark.parametrize("fields", [Vitals(), Vitals(float("nan")), Vitals(72.0, float("inf"))])
def test_columns_are_refused_as_their_points(store: Store, fields: Vitals) -> None:
    with pytest.raises(StoreRefused):
        store.write(PointColumns([BED7, BED7], [T, T + SECOND], [Vitals(72.0), fields]))


def test_other_fields_of_the_same_instant_are_added(store: Store) -> None:
    store.write([Point(BED7, T, {"heart_rate": 72.0})])
    store.write([Point(BED7, T, {"spo2": 97.0})])
    (row,) = store.rows("vitals", {}, *EVER, 10)
    assert row.fields == {"heart_rate": 72.0, "spo2": 97.0}


def test_the_later_value_of_the_same_instant_counts(store: Store) -> None:
    store.write([Point(BED7, T, {"heart_rate": 72.0}), Point(BED7, T, {"heart_rate": 73.0})])
    assert rows(store) == [(T, 73.0)]
    store.write([Point(BED7, T, {"heart_rate": 74.0})])
    assert rows(store) == [(T, 74.0)]


def test_instants_are_kept_to_the_microsecond(store: Store) -> None:
    store.write([Point(BED7, T + n, {"heart_rate": float(n)}) for n in (0, 1, 999_999)])
    assert rows(store) == [(T, 0.0), (T + 1, 1.0), (T + 999_999, 999_999.0)]


@pytest.mark.parametrize("value", [0.0, -0.5, 36.6, 1e-7, 1e300, 123456789.123456, 1 / 3])
def test_numbers_come_back_as_they_went(store: Store, value: float) -> None:
    store.write([Point(BED7, T, {"heart_rate": value})])
    assert rows(store) == [(T, value)]


def test_a_whole_number_is_a_float_like_any_other(store: Store) -> None:
    store.write([Point(BED7, T, {"heart_rate": 72})])
    store.write([Point(BED7, T + 1, {"heart_rate": 72.5})])
    assert rows(store) == [(T, 72.0), (T + 1, 72.5)]


ODD_TEXTS = [
    'SpO2 84 % < 88 for "15 s"',
    "back\\slash \\",
    "two\nlines",
    "=nan, =inf and i=1",
    "Ångström Ω 体温 🫀",
    "' OR '1'='1",
    "a,b=c d",
    "",
]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_texts_come_back_as_they_went(store: Store, text: str) -> None:
    store.write([Point(BED7, T, {"words": text, "value": 84.0})])
    (row,) = store.rows("vitals", {}, *EVER, 10)
    assert row.fields["words"] == text
    assert row.fields["value"] == 84.0


ODD_TAGS = ["a,b", "a=b", "a b", "Ω体", '"', "'", "a'b\"c", ",=", "x,y=z w", "#", "<script>", "') OR ('1'='1"]


@pytest.mark.parametrize("tag", ODD_TAGS)
def test_tags_come_back_as_they_went_and_find_their_own_series_only(store: Store, tag: str) -> None:
    store.write(
        [
            Point(Series.of("vitals", bed=tag, ward="icu"), T, {"heart_rate": 1.0}),
            Point(Series.of("vitals", bed="other", ward="icu"), T + 1, {"heart_rate": 2.0}),
        ]
    )
    assert store.last("vitals", "heart_rate", {"bed": tag}, 9) == [(T, 1.0)]
    (row,) = store.rows("vitals", {"bed": tag, "ward": "icu"}, *EVER, 9)
    assert row.tags == {"bed": tag, "ward": "icu"}
    assert set(store.latest("vitals", "bed", 0)) == {tag, "other"}


NEVER = {
    "no field": Point(BED7, T, {}),
    "nan": Point(BED7, T, {"heart_rate": float("nan")}),
    "inf": Point(BED7, T, {"heart_rate": float("inf")}),
    "nan beside a text": Point(BED7, T, {"words": "w", "heart_rate": float("-inf")}),
    "a field that is no name": Point(BED7, T, {'x"; DROP TABLE m1; --': 1.0}),
    "a field with a line break": Point(BED7, T, {"x\ny": 1.0}),
    "an empty field name": Point(BED7, T, {"": 1.0}),
    "a measurement that is a comment": Point(Series.of("#vitals", bed="b"), T, {"x": 1.0}),
    "a tag with a backslash": Point(Series.of("vitals", bed="b\\"), T, {"x": 1.0}),
    "a tag with a line break": Point(Series.of("vitals", bed="b\nvitals x=1"), T, {"x": 1.0}),
    "a tag name that is none": Point(Series("vitals", (("a b", "c"),)), T, {"x": 1.0}),
    "an empty tag": Point(Series("vitals", (("bed", ""),)), T, {"x": 1.0}),
    "a lone surrogate": Point(BED7, T, {"words": "\ud800"}),
    "a control character": Point(BED7, T, {"words": "\x1b[31m"}),
}


@pytest.mark.parametrize("bad", NEVER.values(), ids=NEVER.keys())
def test_what_can_never_be_stored_is_refused_and_halving_finds_it(store: Store, bad: Point) -> None:
    good = [Point(BED7, T + n * SECOND, {"heart_rate": float(n)}) for n in range(7)]
    batch = [*good[:3], bad, *good[3:]]
    with pytest.raises(StoreRefused):
        store.write(batch)
    refused = list(halve(store, batch))
    assert refused == [bad]
    assert rows(store) == [(p.at, p.fields["heart_rate"]) for p in good]


def halve(store: Store, points: list[Point]) -> list[Point]:
    try:
        store.write(points)
    except StoreRefused:
        if len(points) == 1:
            return points
        half = len(points) // 2
        return halve(store, points[:half]) + halve(store, points[half:])
    return []


@pytest.mark.parametrize(("first", "then"), [(1.0, "text"), ("text", 1.0)])
def test_a_field_stays_what_it_was_first(store: Store, first: float | str, then: float | str) -> None:
    store.write([Point(BED7, T, {"x": first})])
    batch = [Point(BED7, T + n, {"y": float(n)}) for n in range(1, 5)]
    odd = Point(BED7, T + 9, {"x": then})
    with pytest.raises(StoreRefused):
        store.write([*batch, odd])
    assert halve(store, [*batch, odd]) == [odd]
    assert len(store.rows("vitals", {}, *EVER, 99)) == 5
    store.write([Point(BED7, T + 10, {"x": first})])


def test_a_refused_batch_leaves_the_store_usable(store: Store) -> None:
    with pytest.raises(StoreRefused):
        store.write([Point(Series.of("new", bed="b"), T, {"fresh": 1.0, "worse": float("nan")})])
    store.write([Point(Series.of("new", bed="b"), T, {"fresh": 1.0})])
    assert rows(store, "fresh", "new") == [(T, 1.0)]


def test_names_that_differ_in_case_only_are_two(store: Store) -> None:
    store.write([Point(BED7, T, {"hr": 1.0, "HR": 2.0, "at": 3.0, "series": 4.0})])
    assert [rows(store, name) for name in ("hr", "HR", "at", "series")] == [[(T, n)] for n in (1.0, 2.0, 3.0, 4.0)]
