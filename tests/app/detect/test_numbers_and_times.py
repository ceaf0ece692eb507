"""Texts as numbers and as times."""

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.detect.reading.numbers import numbers
from app.detect.reading.times import TimeFormat, time_format

INSTANT = dt.datetime(2026, 11, 21, 15, 0, 0, 250_000, dt.UTC)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_a_number_is_read_as_it_was_written(values: list[float]) -> None:
    assert numbers([repr(value) for value in values]).x.tolist() == values


@given(st.lists(st.one_of(st.floats(allow_nan=False, allow_infinity=False).map(repr), st.text(max_size=6))))
def test_one_text_that_is_no_number_changes_no_other(texts: list[str]) -> None:
    found = numbers(texts)
    for text, x, missing in zip(texts, found.x.tolist(), found.missing.tolist(), strict=True):
        alone = numbers([text])
        assert x == alone.x[0] or (math.isnan(x) and math.isnan(alone.x[0]))
        assert missing == alone.missing[0]
        assert not missing or math.isnan(x)


@pytest.mark.parametrize("text", ["", "  ", "NA", "n/a", "NaN", "null", "None", "-", "?"])
def test_what_stands_for_no_value_is_missing(text: str) -> None:
    found = numbers(["1", text])
    assert found.missing.tolist() == [False, True]
    assert found.x[0] == 1


@pytest.mark.parametrize("text", ["high", "1_000", "inf", "-Infinity", "1e999", "12%", "1,5"])
def test_other_text_is_no_number_and_not_missing(text: str) -> None:
    found = numbers([text, "2"])
    assert not found.missing.any()
    assert found.x.tolist()[1] == 2
    assert math.isnan(found.x[0])


def test_a_decimal_comma_is_a_point() -> None:
    assert numbers(["36,8", "-1", "1,5e3"], decimal_comma=True).x.tolist() == [36.8, -1, 1500]
    assert numbers(["36,8", "none"], decimal_comma=True).x.tolist()[0] == 36.8


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T15:00:00.250Z", "2026-11-21 15:00:00.25", "2026-11-21T15:00:00.250000", "20261121T150000.250Z",
        "2026-11-21T16:00:00.250+01:00", "2026-11-21T09:30:00.250-0530", "2026-11-21 15:00:00.250+00:00",
    ],
)  # fmt: skip
def test_iso_8601_with_and_without_a_zone_is_an_instant(text: str) -> None:
    found = time_format([text])
    assert found is not None
    assert found.words.startswith("ISO 8601")
    assert ("without a zone" in found.words) == (text in ("2026-11-21 15:00:00.25", "2026-11-21T15:00:00.250000"))
    assert found.parse([text, text]).tolist() == [INSTANT.timestamp()] * 2


@pytest.mark.parametrize(
    ("unit", "factor"), [("seconds", 1), ("milliseconds", 10**3), ("microseconds", 10**6), ("nanoseconds", 10**9)]
)
def test_the_unit_of_numbers_since_1970_follows_from_their_size(unit: str, factor: int) -> None:
    texts = [str((round(INSTANT.timestamp() * 4) + i) * factor // 4) for i in (0, 4, 8)]
    found = time_format(texts)
    assert found is not None
    assert found.words == f"{unit} since 1970"
    assert found.parse(texts).tolist() == pytest.approx([INSTANT.timestamp() + i for i in (0, 1, 2)], abs=0.3)


@pytest.mark.parametrize("texts", [["0", "1", "2"], ["0.00", "0.02", "0.04"], ["-5", "1000000"]])
def test_smaller_numbers_are_seconds_of_any_beginning(texts: list[str]) -> None:
    found = time_format(texts)
    assert found == TimeFormat("numbers, taken as seconds", 1.0)
    assert found.parse(texts).tolist() == [float(text) for text in texts]


@pytest.mark.parametrize("text", ["now", "today", "NaT", "", "2026", "21.11.2026", "2026-13-01T00:00:00", "12:00", "x"])
def test_what_is_no_time_is_none_even_where_numpy_would_take_it(text: str) -> None:
    found = TimeFormat("ISO 8601").parse(["2026-11-21T15:00:00Z", text])
    assert np.isnan(found).tolist() == [False, True]


def test_a_column_of_words_has_no_format() -> None:
    assert time_format(["on", "off", "on"]) is None
    assert time_format(["", " "]) is None


@given(st.lists(st.datetimes(timezones=st.just(dt.UTC)), min_size=1))
def test_an_instant_is_read_as_it_was_written(instants: list[dt.datetime]) -> None:
    expected = [(instant - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) / dt.timedelta(seconds=1) for instant in instants]
    assert TimeFormat("ISO 8601").parse([instant.isoformat() for instant in instants]).tolist() == pytest.approx(
        expected, abs=1e-4
    )


def test_a_time_is_shown_as_it_is_read() -> None:
    iso = TimeFormat("ISO 8601")
    assert iso.show(INSTANT.timestamp()) == "2026-11-21 15:00:00.250"
    assert iso.data(INSTANT.timestamp()) == "2026-11-21T15:00:00.250Z"
    assert iso.show(1e300) == "1e+300"
    assert TimeFormat("numbers", 1.0).data(2.5) == 2.5
    assert iso.labels([0.0, 86400.0]) == ["1970-01-01", "1970-01-02"]
    assert iso.labels([0.0, 3600.0]) == ["1970-01-01 00:00", "1970-01-01 01:00"]
