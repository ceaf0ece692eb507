"""CSV files as tables: what was written is read, whatever the delimiter, and faults have their line."""

import csv
import gzip
import io
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.detect.reading import csv_table as csv_table_module
from app.detect.reading.csv_table import CsvTable
from app.detect.reading.dialect import Dialect, find_dialect
from app.detect.reading.input_file import input_file
from tests.app.detect.files import opened, rows_of, write
from tests.kit.examples import examples
from ward.errors import InputError

# Rows whose first and last field is a number, so that delimiters differ in the number of fields.
FIELD = st.one_of(
    st.integers(-9, 9).map(str), st.sampled_from(["", "a b", "µ", 'say "x"', "two\nlines", "1;2,3", "\r\n"])
)
ROWS = st.lists(st.tuples(st.integers(0, 99).map(str), FIELD, st.integers(0, 99).map(str)), min_size=3, max_size=30)


@settings(max_examples=examples(40, 500), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=ROWS, delimiter=st.sampled_from([",", ";", "\t"]), end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]), zipped=st.booleans(), chunk=st.sampled_from([1, 2, 7, 1000]),
    ended=st.booleans(),
)  # fmt: skip
def test_what_a_csv_writer_wrote_is_read(
    rows: list[tuple[str, str, str]], delimiter: str, end: str, mark: bytes, zipped: bool, chunk: int, ended: bool,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows([("time", "note", "value"), *rows])
    data = mark + text.getvalue()[: None if ended else -len(end)].encode()
    monkeypatch.setattr(csv_table_module, "CHUNK", chunk)
    table = opened(write(tmp_path / "a.csv", gzip.compress(data) if zipped else data))
    assert (table.dialect.delimiter, table.dialect.header) == (delimiter, True)
    assert list(table.names) == ["time", "note", "value"]
    assert rows_of(table) == [list(row) for row in rows]
    assert table.count() == len(rows)


LINES = st.lists(st.text("a1, \t", max_size=4), max_size=12)


@settings(max_examples=examples(60, 1000), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=LINES, ends=st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=1, max_size=2), width=st.integers(1, 3),
    chunk=st.integers(1, 5),
)  # fmt: skip
def test_lines_without_quotes_come_to_what_a_csv_reader_makes_of_them(
    lines: list[str], ends: list[str], width: int, chunk: int, tmp_path: Path
) -> None:
    text = "".join(line + ends[i % len(ends)] for i, line in enumerate(lines))
    dialect = Dialect(",", header=False, decimal_comma=False, names=("x",) * width)
    with input_file(str(write(tmp_path / "a.csv", text or " "))) as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_table_module, "CHUNK", chunk)
        plainly = outcome(CsvTable(file, dialect, ()))
        patch.setattr(CsvTable, "_plain", lambda *_: None)
        assert outcome(CsvTable(file, dialect, ())) == plainly


def outcome(table: CsvTable) -> object:
    """The rows of a table, their places and their number; or the error."""
    try:
        places = [chunk.place(i) for chunk in table.chunks([0]) for i in range(len(chunk))]
        return rows_of(table), places, table.count()
    except InputError as error:
        return str(error)


@pytest.mark.parametrize(
    "text", ["value\n1\n2\n", "value\r\n1\r\n2\r\n", "value\n1\n2", "value\r1\r2\r", 'value\n"1"\n2\n']
)
def test_one_column_is_a_table_with_any_end_of_line(tmp_path: Path, text: str) -> None:
    table = opened(write(tmp_path / "a.csv", text))
    assert list(table.names) == ["value"]
    assert rows_of(table) == [["1"], ["2"]]
    assert table.count() == 2


def test_utf_16_is_read_by_its_byte_order_mark(tmp_path: Path) -> None:
    table = opened(write(tmp_path / "a.csv", "zeit;wert\n1;2,5\n2;µ\n".encode("utf-16")))
    assert rows_of(table) == [["1", "2,5"], ["2", "µ"]]
    assert table.count() == 2


def test_bytes_that_are_no_utf_8_come_out_as_they_are(tmp_path: Path) -> None:
    table = opened(write(tmp_path / "a.csv", b"time,value\n1,\xb5\n"))
    (row,) = rows_of(table)
    assert row[1].encode("utf-8", "surrogateescape") == b"\xb5"


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_empty_lines_are_no_rows_and_the_lines_after_them_are_counted(
    tmp_path: Path, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_table_module, "CHUNK", chunk)
    table = opened(write(tmp_path / "a.csv", 'time,value\n\n1,5\n\n"2","6\n7"\n3,8\n\n'))
    found = [chunk.place(i) for chunk in table.chunks([0]) for i in range(len(chunk))]
    assert found == ["line 3", "line 5", "line 7"]
    assert table.count() == len(rows_of(table)) == 3


def test_too_few_fields_are_empty_and_empty_ones_too_many_do_not_count(tmp_path: Path) -> None:
    table = opened(write(tmp_path / "a.csv", "time,a,value\n1,x,5\n2\n3,y,7,,\n4,z,8\n" + "5,z,8\n" * 20))
    assert rows_of(table)[:3] == [["1", "x", "5"], ["2", "", ""], ["3", "y", "7"]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time,value\n1,5\n2,6,7\n", ":3:1: 3 fields, and the first row has 2"),
        ("time,value\n1,5\n2,1,234\n" + "3,5\n" * 30, ":3:1: 3 fields, and the first row has 2: put quotes around"),
        ('time,value\n1,5\n2,"6\n3,7\n', ":3:1: a quote that is not closed"),
        ('"time,value\n1,5\n', ":1:1: a quote that is not closed"),
        ('time,value\n1,"5"x\n', ":2:1: text after a closing quote"),
        ('time,value\n1,"' + "5" * 140_000 + '"\n', ":2:1: a field of more than 131,072 characters"),
        ("", ": is empty"),
        ("\n\n", ": has only empty lines"),
        ("a\0b\n", ": is neither text nor Parquet"),
        ("x" * 1_100_000, ": the first lines have more than 1,048,576 characters"),
    ],
)
def test_a_fault_has_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path / "a.csv", text)
    with pytest.raises(InputError) as found:
        rows_of(opened(path))
    assert str(found.value).startswith(f"{path}{words}")


def test_a_compressed_file_that_is_cut_off_is_reported(tmp_path: Path) -> None:
    data = gzip.compress(b"time,value\n" + b"".join(b"%d,5\n" % i for i in range(100_000)))
    path = write(tmp_path / "a.csv.gz", data[: len(data) // 2])
    with pytest.raises(InputError, match="the compressed file is damaged or cut off"):
        rows_of(opened(path))
    damaged = write(tmp_path / "b.csv.gz", data[:20] + b"\0" * 200 + data[220:])
    with pytest.raises(InputError, match="the compressed file is damaged or cut off"):
        rows_of(opened(damaged))


def test_a_file_that_is_not_there_or_a_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        opened(tmp_path / "none.csv")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        opened(tmp_path)


def test_standard_input_is_read_more_than_once(monkeypatch: pytest.MonkeyPatch) -> None:
    data = gzip.compress(b"time,value\n1,5\n2,6\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    with input_file("-") as file:
        table = csv_table_module.csv_table(file)
        assert table.name == "standard input"
        assert table.count() == 2
        assert rows_of(table) == rows_of(table) == [["1", "5"], ["2", "6"]]
        copy = file.path
    assert not copy.exists()


def test_a_pipe_with_a_name_is_read_more_than_once() -> None:
    """A shell makes one of `<(command)`."""
    ours, theirs = os.pipe()
    os.write(theirs, b"time,value\n1,5\n2,6\n")
    os.close(theirs)
    with input_file(f"/dev/fd/{ours}") as file:
        table = csv_table_module.csv_table(file)
        assert table.count() == 2
        assert rows_of(table) == [["1", "5"], ["2", "6"]]
    os.close(ours)


@pytest.mark.parametrize(
    ("lines", "delimiter", "header", "comma", "names"),
    [
        (["a,b", "1,2"], ",", True, False, ("a", "b")),
        (["1,2", "3,4"], ",", False, False, ("1", "2")),
        (["a;b", "1;2,5", "2;3,5"], ";", True, True, ("a", "b")),
        (["1;2,5", "2;3,5"], ";", False, True, ("1", "2")),
        (["1,5", "2,6"], ",", False, False, ("1", "2")),
        (["a\tb", "1\t2,5"], "\t", True, True, ("a", "b")),
        (["a,b", "1,x;y", "2,z"], ",", True, False, ("a", "b")),
        (["value", "1.5", "2.5"], ",", True, False, ("value",)),
        (["1.5", "2.5"], ",", False, False, ("1",)),
        (["nan", "2.5"], ",", False, False, ("1",)),
        ([",value", "0,5", "1,6"], ",", True, False, ("", "value")),
        (["2026-01-01,on,5", "2026-01-02,off,6"], ",", False, False, ("1", "2", "3")),
        (["time,1,2,3", "2026-01-01,5,6,7"], ",", True, False, ("time", "1", "2", "3")),
        (["time,value"], ",", True, False, ("time", "value")),
    ],
)  # fmt: skip
def test_delimiter_header_and_decimal_comma_are_found(
    lines: list[str], delimiter: str, header: bool, comma: bool, names: tuple[str, ...]
) -> None:
    found = find_dialect([f"{line}\n" for line in lines])
    assert (found.delimiter, found.header, found.decimal_comma, found.names) == (delimiter, header, comma, names)
