"""InfluxQL queries of panels: always bounded in time, and safe whatever the value of a variable.

Grafana 9.4 replaces variables *twice* (read in its code, and tested), the second time without any format. A format
that escapes for regular expressions leaves `$ward` in a value as `\\$ward`, which the second pass replaces by the
bare value of *another* variable; two variables together break out of the query. `percentencode` leaves nothing that
either pass or InfluxQL would interpret: ids, which are letters, digits, `_`, `.` and `-`, stay as they are, and
every other character becomes `%` and two digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

RESOLUTION = "${resolution:percentencode}"  # the hidden variable: the retention policy that fits the time range
RAW = "autogen"
MINUTES = "minutes"
OVERVIEW = "overview"
FACTS = "facts"
DASHBOARD_TIME = "$timeFilter"


def name(text: str) -> str:
    """A quoted identifier."""
    return '"' + _escaped(text).replace('"', '\\"') + '"'


def text(value: str) -> str:
    """A quoted string."""
    return "'" + _escaped(value).replace("'", "\\'") + "'"


def selected(variable: str, tag: str = "") -> str:
    """The condition that a tag has the value selected in a variable; *All* matches series without the tag too."""
    return f"{name(tag or variable)} =~ /^${{{variable}:percentencode}}$/"


def last_seconds(seconds: int) -> str:
    """The last seconds, whatever the dashboard's time range: for values that must disappear when none is newer.

    The very last second is excluded: InfluxDB can return a point of which only some fields are written yet.
    """
    return f"time > now() - {seconds}s AND time <= now() - 1s"


def field(stored: str, shown: str = "") -> str:
    """A field or tag, under the name it is shown by."""
    return f"{name(stored)} AS {name(shown or stored)}"


def call(function: str, stored: str, shown: str = "", *arguments: float | str) -> str:
    """A function of a field: `call("mean", "spo2", "SpO2")`."""
    rest = "".join(f", {argument}" for argument in arguments)
    return f"{function}({name(stored)}{rest}) AS {name(shown or stored)}"


@dataclass(frozen=True)
class Select:
    """One query. Every method returns a new one; `str()` gives the text that Grafana sends."""

    columns: Sequence[str]
    source: "str | Select | tuple[Select, ...]"
    policy: str = RESOLUTION
    conditions: tuple[str, ...] = ()
    time_range: str = DASHBOARD_TIME
    by: tuple[str, ...] = ()
    tail: str = ""

    @classmethod
    def of(cls, *columns: str, source: "str | Select | tuple[Select, ...]", policy: str = RESOLUTION) -> Self:
        """Columns of a measurement, of an inner query, or of several inner queries together."""
        return cls(columns, source, policy)

    def selected(self, *variables: str) -> Self:
        """Only what is selected in these variables; each has the name of its tag."""
        return self.where(*map(selected, variables))

    def where(self, *conditions: str, **tags: str) -> Self:
        """Only where all of this is true: conditions in InfluxQL, and tags with a value."""
        more = (*conditions, *(f"{name(tag)} = {text(value)}" for tag, value in tags.items()))
        return replace(self, conditions=self.conditions + more)

    def during(self, time_range: str) -> Self:
        """In another time range than the dashboard's: see `last_seconds`. Empty: the inner query has the bounds."""
        return replace(self, time_range=time_range)

    def group(self, *tags: str, every: str = "", fill: str = "") -> Self:
        """By tags, and by buckets of time: `every="$__interval"`."""
        buckets = (f"time({every})",) if every else ()
        tail = f" fill({fill})" if fill else ""
        return replace(self, by=(*buckets, *map(name, tags)), tail=f"{self.tail}{tail}")

    def newest(self, limit: int) -> Self:
        """The newest points of each series, newest first."""
        return replace(self, tail=f"{self.tail} ORDER BY time DESC LIMIT {limit}")

    def first(self, limit: int) -> Self:
        """The first points of each series."""
        return replace(self, tail=f"{self.tail} LIMIT {limit}")

    def __str__(self) -> str:
        nested = not isinstance(self.source, str)
        source = f'"{self.policy}".{name(self.source)}' if isinstance(self.source, str) else _nested(self.source)
        conditions = " AND ".join((*self.conditions, *([self.time_range] if self.time_range else ())))
        if not conditions and not nested:
            raise ValueError(f"a query without bounds in time: give `during` a time range ({self.source})")
        where = f" WHERE {conditions}" if conditions else ""
        by = f" GROUP BY {', '.join(self.by)}" if self.by else ""
        return f"SELECT {', '.join(self.columns)} FROM {source}{where}{by}{self.tail}"  # noqa: S608 - names are quoted


def or_zero(shown: str, query: Select, known: Select) -> Select:
    """The sum of what a query returns under the name `n`; 0 where it returns nothing while `known` returns a point.

    `known` is a function of what is always written. Without that nothing is returned: then the number is unknown.
    Two measurements stay two rows, in the order of their names: panels show the last, so `known` must come first.
    """
    if _measurement(known) > _measurement(query):
        raise ValueError(f"{_measurement(known)} comes after {_measurement(query)}: 0 would be shown in its place")
    zero = replace(known, columns=[f"{column} * 0 AS {name('n')}" for column in known.columns])
    return Select.of(call("sum", "n", shown), source=(query, zero)).during("")


def _measurement(query: Select) -> str:
    source = query.source
    while not isinstance(source, str):
        source = (source[0] if isinstance(source, tuple) else source).source
    return source


def _nested(source: Select | tuple[Select, ...]) -> str:
    return ", ".join(f"({query})" for query in (source if isinstance(source, tuple) else (source,)))


def _escaped(value: str) -> str:
    if not value.isprintable():
        raise ValueError(f"{value!r} is no name: it has characters that cannot be printed")
    return value.replace("\\", "\\\\")
