"""Which columns are taken as time and values."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from app.detect.reading.columns import ChosenColumns, choose_columns
from tests.app.detect.files import opened, write
from ward.errors import InputError

SENSORS = "datetime,a,b,note\n2026-01-01 00:00:00,1,5,x\n2026-01-01 00:00:01,2,6,y\n"


def choose(
    tmp_path: Path, text: str, time: str | None = None, values: Sequence[str] = (), *, several: bool = False
) -> ChosenColumns:
    return choose_columns(opened(write(tmp_path / "a.csv", text)), time, values, several=several)


@pytest.mark.parametrize(
    ("text", "time", "value"),
    [
        ("timestamp,value\n2026-01-01 00:00:00,5\n", 0, 1),
        ("value,when\n5,2026-01-01\n", 1, 0),
        ("a,b\n5,2026-01-01T00:00:00Z\n", 1, 0),
        ("t,x,label\n0.1,5,0\n0.2,6,1\n", 0, 1),
        ("Data,Label\n5,0\n6,1\n", None, 0),
        ("value\n5\n6\n", None, 0),
        ("5\n6\n", None, 0),
        ("name,reading,other\na,5,6\nb,6,7\n", None, 1),
        (",value\n0,5\n1,6\n", 0, 1),
        (",time,value\n0,2026-01-01,5\n1,2026-01-02,6\n", 1, 2),
        ("1764000000,5\n1764000003,6\n1764000004,5\n", 0, 1),
        ("sample,amplitude\n10,5\n20,6\n30,5\n", 0, 1),
        ("sample,t_seconds,pulse\n0,0,5\n1,60,6\n2,120,5\n", 1, 2),
        ("response_time,value\n5,5\n4,6\n5,7\n", None, 1),
        ("timestamps,value,anomaly,changepoint,trend\n1,5,0,0,2\n3,6,0,0,3\n", 0, 1),
        ("counter\n10\n20\n30\n", None, 0),
        ("index,pulse\n0,5\n1,6\n", 0, 1),
        ("time,value,value_text\n1,5,high\n2,6,low\n", 0, 1),
        ("note,pulse\nx,\ny,5\nz,NA\n", None, 1),
    ],
)
def test_obvious_columns_are_taken(tmp_path: Path, text: str, time: int | None, value: int) -> None:
    found = choose(tmp_path, text)
    assert (found.time, found.values) == (time, (value,))


def test_it_says_what_was_taken(tmp_path: Path) -> None:
    assert choose(tmp_path, "when;wert\n2026-01-01;1,5\n2026-01-02;2,5\n").words == (
        "time: column 'when' (ISO 8601 without a zone, taken as UTC); value: column 'wert'; semicolon between columns, "
        "decimal comma"
    )
    assert choose(tmp_path, "5\n6\n").words == (
        "time: row numbers, from 0; value: column '1'; comma between columns, no header"
    )


def test_a_column_of_times_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    found = choose(tmp_path, "Date,value\n03/04/2026,5\n04/04/2026,6\n")
    assert found.time is None
    assert found.words.endswith("; column 'Date' has no times in ISO 8601 and is not read")


def test_named_columns_are_taken_by_name_or_number(tmp_path: Path) -> None:
    assert choose(tmp_path, SENSORS, values=["b"]).values == (2,)
    assert choose(tmp_path, SENSORS, values=["3"]).values == (2,)
    assert choose(tmp_path, SENSORS, time="none", values=["a"]).time is None
    assert choose(tmp_path, SENSORS, time="a", values=["b"]).time == 1
    assert choose(tmp_path, "time,2,1\n2026-01-01,5,6\n", values=["1"]).values == (2,)  # a name comes before a number


def test_each_takes_all_columns_of_numbers_but_time_and_labels(tmp_path: Path) -> None:
    assert choose(tmp_path, SENSORS, several=True).values == (1, 2)
    assert choose(tmp_path, SENSORS, values=["b", "a"], several=True).values == (2, 1)
    assert choose(tmp_path, "time,a,b,anomaly\n1,5,6,0\n", several=True).values == (1, 2)


@pytest.mark.parametrize(
    ("text", "time", "values", "words"),
    [
        (
            SENSORS,
            None,
            [],
            "2 columns have numbers: name one with --value, or evaluate each with --each\ncolumns:\n  1: 'da",
        ),
        (SENSORS, None, ["pulse"], "--value: there is no column 'pulse'\ncolumns:"),
        (SENSORS, "datetme", ["a"], "--time: there is no column 'datetme'; did you mean 'datetime'?"),
        (SENSORS, "note", ["a"], "column 'note' has no times: 'x'. They must be ISO 8601 or numbers. --time none"),
        (SENSORS, "a", ["a"], "column 'a' cannot be both time and value"),
        (SENSORS, None, ["5"], "--value: there is no column '5'"),
        ("a,b\n2026-01-01,2026-01-02\n", None, [], "more than one column has times: name one with --time"),
        ("a,b\nx,y\n", None, [], "no column of numbers is there to be evaluated"),
        ("a,a\n1,2\n", None, ["a"], "there are 2 columns 'a': give its number, 1 and 2"),
    ],
)
def test_what_is_not_obvious_is_an_error_that_lists_the_columns(
    tmp_path: Path, text: str, time: str | None, values: list[str], words: str
) -> None:
    with pytest.raises(InputError) as found:
        choose(tmp_path, text, time, values)
    assert words in str(found.value)
    assert str(found.value).startswith(f"{tmp_path / 'a.csv'}: ")


def test_control_characters_of_a_name_do_not_reach_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(InputError) as found:
        choose(tmp_path, "\x1b[2Ja,b\nx,y\n")
    assert "\x1b" not in str(found.value)
    assert "\x1b" not in choose(tmp_path, "\x1b[2Ja\n5\n").words
