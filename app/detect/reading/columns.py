"""Which columns of a table are the time and the values: those that a person names, or those that are obvious."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.detect.reading.numbers import numbers
from app.detect.reading.table import Table
from app.detect.reading.times import ROW_NUMBERS, TimeFormat, time_format
from ward.errors import InputError
from ward.ids import printable

NO_TIME = "none"
# Names that a column often has, in lower case, and words that are part of the name of a time.
_TIMES = {
    "time", "timestamp", "datetime", "date", "date_time", "ts", "t", "at", "_time", "time_stamp", "seconds", "index",
    "", "times", "timestamps", "dates",
}  # fmt: skip
_TIME_WORDS = {"time", "timestamp", "datetime", "date", "seconds"}
_VALUES = {"value", "values", "data", "v", "y", "x", "reading", "measurement", "signal", "_value", "val"}
_LABELS = {"label", "labels", "anomaly", "is_anomaly", "anomalies", "changepoint", "change_point", "outlier", "class"}
_MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class ChosenColumns:
    """The columns to read. `time` is the index of the time column, None where rows are numbered instead; `values` are
    the indices of the value columns. `words` say what was chosen."""

    time: int | None
    format: TimeFormat
    values: tuple[int, ...]
    words: str


def choose_columns(table: Table, time: str | None, values: Sequence[str], *, several: bool) -> ChosenColumns:
    """The columns that are named, or where none is named the obvious ones: with `several` all columns of numbers.

    Raises `InputError`, which lists the columns.
    """
    named = [_index(table, name, "--value") for name in values]
    at = _named_time(table, time) if time is not None else _obvious_time(table, named)
    found = ROW_NUMBERS if at is None else time_format(table.sample[at], table.decimal_comma)
    if found is None:
        first = next(filter(None, map(str.strip, table.sample[at or 0])), "")
        raise InputError(
            f"{table.name}: column '{_shown(table, at or 0)}' has no times: '{printable(first, 40)}'. They must "
            f"be ISO 8601 or numbers. --time {NO_TIME} numbers the rows"
        )
    chosen = named or _obvious_values(table, at, several)
    if at in chosen:
        raise InputError(f"{table.name}: column '{_shown(table, chosen[0])}' cannot be both time and value")
    return ChosenColumns(at, found, tuple(chosen), _words(table, at, found, chosen))


def _words(table: Table, at: int | None, found: TimeFormat, chosen: Sequence[int]) -> str:
    time = found.words if at is None else f"column '{_shown(table, at)}' ({found.words})"
    named = ", ".join(f"'{_shown(table, i)}'" for i in chosen[:_MOST_LISTED]) + ", …" * (len(chosen) > _MOST_LISTED)
    notes = "".join(f"; {note}" for note in (*table.notes, *_unread_times(table, at)))
    return f"time: {time}; value: column{'s'[: len(chosen) != 1]} {named}{notes}"


def _unread_times(table: Table, at: int | None) -> list[str]:
    """A note about each column that has the name of a time, where none is taken, for what it has is not readable."""
    if at is not None:
        return []
    named = [
        i for i, found in enumerate(_formats(table)) if found is None and _name(table, i) in _TIMES - {"", "index"}
    ]
    return [f"column '{_shown(table, i)}' has no times in ISO 8601 and is not read" for i in named]


def _index(table: Table, name: str, option: str) -> int:
    """The column of a name, or of a number counted from 1."""
    found = [i for i, known in enumerate(table.names) if known == name]
    if len(found) > 1:
        numbers_ = " and ".join(str(i + 1) for i in found)
        raise InputError(
            f"{table.name}: there are {len(found)} columns '{printable(name, 60)}': give its number, {numbers_}"
        )
    if found:
        return found[0]
    if name.isascii() and name.isdigit() and 1 <= int(name) <= len(table.names):
        return int(name) - 1
    near = difflib.get_close_matches(name, list(table.names), 1)
    guess = f"; did you mean '{printable(near[0], 60)}'?" if near else ""
    raise InputError(f"{table.name}: {option}: there is no column '{printable(name, 60)}'{guess}\n{_list(table)}")


def _named_time(table: Table, name: str) -> int | None:
    return None if name == NO_TIME and name not in table.names else _index(table, name, "--time")


def _obvious_time(table: Table, taken: Sequence[int]) -> int | None:
    """The one column of ISO 8601; else the first with a usual name; else the one whose numbers rise as times do."""
    formats = {i: f for i, f in enumerate(_formats(table)) if f is not None and i not in taken}
    iso = [i for i, found in formats.items() if found.per_second is None]
    usual = [i for i in iso or formats if _is_named_time(table, i)]
    if len(iso) == 1 or len(usual) == 1:
        return (iso if len(iso) == 1 else usual)[0]
    if len(iso) > 1:
        raise InputError(f"{table.name}: more than one column has times: name one with --time\n{_list(table)}")
    if usual:
        return min(usual, key=lambda i: not table.names[i])
    known = [i for i in formats if _name(table, i) not in _VALUES | _LABELS]
    rising = [i for i in known if _rises(table, i, even=not formats[i].is_clock)]
    return rising[0] if len(rising) == 1 and len(formats) > 1 else None


def _rises(table: Table, i: int, *, even: bool) -> bool:
    """Whether each number of a column is above the one before it; with `even` also by the same step."""
    steps = np.diff(numbers(table.sample[i], table.decimal_comma).x)
    return len(steps) > even and bool((steps > 0).all()) and (not even or bool(np.allclose(steps, steps[0], rtol=1e-3)))


def _is_named_time(table: Table, i: int) -> bool:
    name = _name(table, i)
    return name in _TIMES or (bool(_TIME_WORDS & set(re.split(r"[\W_]+", name))) and _rises(table, i, even=False))


def _formats(table: Table) -> list[TimeFormat | None]:
    return [time_format(column, table.decimal_comma) for column in table.sample]


def _obvious_values(table: Table, time: int | None, several: bool) -> list[int]:
    """The one column of numbers besides time, labels and row numbers, or with a usual name; or all of them."""
    numeric = [i for i in range(len(table.names)) if i != time and _is_numeric(table, i)]
    found = [i for i in numeric if _name(table, i) not in _LABELS and not _is_count(table, i)] or numeric
    usual = [i for i in found if _name(table, i) in _VALUES]
    if several and found:
        return found
    if len(found) == 1 or len(usual) == 1:
        return found if len(found) == 1 else usual
    if not found:
        raise InputError(f"{table.name}: no column of numbers is there to be evaluated\n{_list(table)}")
    raise InputError(
        f"{table.name}: {len(found)} columns have numbers: name one with --value, or evaluate each with --each\n"
        f"{_list(table)}"
    )


def _is_count(table: Table, i: int) -> bool:
    """Whether a column numbers the rows."""
    return _name(table, i) in ("", "index") or (_name(table, i) not in _VALUES and _rises(table, i, even=True))


def _name(table: Table, i: int) -> str:
    return table.names[i].strip().lower()


def _is_numeric(table: Table, i: int) -> bool:
    found = numbers(table.sample[i], table.decimal_comma)
    known = len(found.x) - int(found.missing.sum())
    return known > 0 and int((found.x == found.x).sum()) * 2 > known


def _list(table: Table) -> str:
    """The columns with their first values, a line each."""
    lines = []
    for i, column in enumerate(table.sample[:_MOST_LISTED]):
        first = ", ".join(printable(text, 30) for text in column[:2] if text)
        lines.append(f"  {i + 1}: '{_shown(table, i)}', such as {first or 'nothing'}")
    more = len(table.names) - _MOST_LISTED
    return "\n".join(["columns:", *lines, *([f"  and {more} more"] if more > 0 else [])])


def _shown(table: Table, i: int) -> str:
    return printable(table.names[i], 60)
