"""A record of a reading becomes the same points by the fast path and by the slow one."""

from collections.abc import Sequence

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.store_points.fast_path import FastPath
from bridge.store_points.readings import ReadingPoints
from bridge.store_points.topic_points import TopicPoints
from tests.bridge.test_archive import CONFIG, T
from ward.adapters.influx.line_protocol import LineProtocol
from ward.clock import SECOND
from ward.errors import StoreRefused
from ward.ports import Point, PointColumns
from ward.reading import Flag, Reading
from ward.wire import READING_WIRE

VITALS = [signal.name for signal in CONFIG.catalogue.vitals()]
SIGNALS = [*VITALS, "humidity", "spo3", "heart rate"]
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**25), 10**25)
INSTANTS = st.integers(T - 20 * SECOND, T + 20 * SECOND)


def lines(points: Sequence[Point]) -> str | None:
    """The lines of points; None where they are refused."""
    try:
        return LineProtocol().of(points)
    except StoreRefused:
        return None


def some(names: Sequence[str], most: int = 4) -> st.SearchStrategy[dict[str, float]]:
    """Values for some of these names, in their order."""
    chosen = st.dictionaries(st.sampled_from(names), NUMBERS, max_size=most)
    return chosen.map(lambda values: {name: values[name] for name in names if name in values})


def usually(value: object, other: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.just(value) | st.just(value) | other


READINGS = st.builds(
    Reading,
    device=st.sampled_from(["m1", "m2", "a b", "ü"]),
    ward=st.sampled_from(["icu", "er"]),
    at=INSTANTS,
    received_at=INSTANTS,
    values=some(VITALS) | some(SIGNALS),
    implausible=usually({}, some(SIGNALS)),
    boot=usually("k3f9", st.just("")),
    seq=st.integers(-1, 9),
    device_kind=usually("", st.just("humidity_logger")),
    attached=usually("", st.just("MRI-12")),
    device_time=usually(None, INSTANTS),
    lost=usually(0, st.integers(0, 3)),
    duplicates=usually(0, st.integers(0, 3)),
    flags=usually(0, st.integers(0, 2 * max(Flag) - 1)),
)
JUNK = [
    b"", b"null", b"[]", b"\xff", b'{"v":3}', b'{"device":"m1"}', b"[" * 100_000,
    b'{"device":"m1","ward":"icu","at":1,"received_at":1,"values":{"spo2":97.0}}',
    b'{"v":0,"device":"m1","ward":"icu","at":1,"received_at":1,"values":{"spo2":97.0}}',
    b'{"v":1,"device":"m1","ward":"icu","at":1,"received_at":1,"values":{"spo2":97.0}}',
    b'{"v":3,"device":"m1","ward":"icu","at":1,"received_at":1,"values":{"spo2":"97"}}',
    b'{"v":3,"device":"m1","ward":"icu","at":1,"received_at":1,"values":{"spo2":null}}',
    b'{"v":3,"device":"m1","ward":"icu","at":1,"received_at":1,"values":{"spo2":1e999}}',
    b'{"v":3,"device":"m1","ward":"icu","at":1,"received_at":1,"values":{"spo2":1,"spo2":2}}',
    b'{"v":3,"device":"m1","ward":"icu","at":1,"received_at":1,"values":{"f0":1}}',
    b'{"v":3,"device":"m1","ward":"icu","at":1,"received_at":1,"values":{"spo2":97.0},"new":true}',
    b'{"v":3,"device":"m1","ward":"icu","at":1.5,"received_at":1,"values":{"spo2":97.0}}',
    b' {"values" : { "spo2" : 97 } , "v":3,"device":"m1","ward":"icu","at":1,"received_at":1 } ',
]  # fmt: skip
RECORDS = st.lists(READINGS.map(READING_WIRE.encode) | st.sampled_from(JUNK), max_size=12)


@given(RECORDS)
@example(JUNK)
def test_both_paths_make_the_same_points_and_refuse_the_same_records(records: list[bytes]) -> None:
    make, short, long = ReadingPoints(CONFIG), PointColumns(), PointColumns()
    aside = [(value, str(error)) for value, error in FastPath(make, VITALS).add(records, short)]
    assert aside == [
        (value, str(error))
        for value, error in TopicPoints(READING_WIRE, ReadingPoints(CONFIG).points).add(records, long)
    ]
    assert list(short) == list(long)
    assert lines(short) == lines(long)


@given(RECORDS)
def test_columns_behave_like_a_sequence_of_points(records: list[bytes]) -> None:
    columns = PointColumns()
    for _ in FastPath(ReadingPoints(CONFIG), VITALS).add(records, columns):
        pass
    points: list[Point] = list(columns)
    assert all(type(point.fields) is dict for point in points)
    assert [columns[i] for i in range(len(columns))] == points
    assert list(columns[1:5]) == points[1:5]
    assert list(PointColumns.of(points)) == points


def test_a_reading_of_vital_signs_makes_no_dict() -> None:
    reading = Reading(device="m1", ward="icu", at=T, received_at=T, values={"spo2": 97.0})
    columns = PointColumns()
    assert not list(FastPath(ReadingPoints(CONFIG), VITALS).add([READING_WIRE.encode(reading)], columns))
    assert isinstance(columns.fields[0], msgspec.Struct)
