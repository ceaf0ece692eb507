"""Questions in InfluxQL, as panels ask them: bounded in time, and closed to whatever a variable holds.

How a variable gets into a question, in Grafana 9.4 (read in its own code, and tried): it replaces variables *twice*,
and the second time without any format. A format that escapes for regular expressions leaves `$ward` in a value as
`\\$ward`, which the second pass replaces by the bare value of *another* variable; two variables together break out
of the question. `percentencode` leaves nothing behind that either pass or InfluxQL would read as a sign: ids, which
are letters, digits, `_`, `.` and `-`, pass as they are, and everything else becomes `%` and two digits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

RESOLUTION = "${resolution:percentencode}"  # the hidden variable: raw, minutes or hours, as the time range wants
RAW = "autogen"
OVERVIEW = "overview"
FACTS = "facts"
DASHBOARD_TIME = "$timeFilter"


def name(text: str) -> str:
    """A quoted identifier."""
    return '"' + _escaped(text).replace('"', '\\"') + '"'


def text(value: str) -> str:
    """A quoted string."""
    return "'" + _escaped(value).replace("'", "\\'") + "'"


def chosen(variable: str, tag: str = "") -> str:
    """The condition that a tag is what is chosen in a variable; *all* is everything, even series without it."""
    return f"{name(tag or variable)} =~ /^${{{variable}:percentencode}}$/"


def just(seconds: int) -> str:
    """The last seconds, whatever the dashboard's time range: for what must vanish when it is not renewed.

    Not the very last one: InfluxDB shows a point while it is still being written, with some of its fields.
    """
    return f"time > now() - {seconds}s AND time <= now() - 1s"


def field(stored: str, shown: str = "") -> str:
    """A field or tag as it is, under the name it is shown by."""
    return f"{name(stored)} AS {name(shown or stored)}"


def call(function: str, stored: str, shown: str = "", *arguments: float | str) -> str:
    """A function of a field: `call("mean", "spo2", "SpO2")`."""
    rest = "".join(f", {argument}" for argument in arguments)
    return f"{function}({name(stored)}{rest}) AS {name(shown or stored)}"


@dataclass(frozen=True)
class Select:
    """One question. Every method gives a new one; `str()` of it is what Grafana sends."""

    columns: Sequence[str]
    source: "str | Select | tuple[Select, ...]"
    policy: str = RESOLUTION
    conditions: tuple[str, ...] = ()
    span: str = DASHBOARD_TIME
    by: tuple[str, ...] = ()
    tail: str = ""

    @classmethod
    def of(cls, *columns: str, source: "str | Select | tuple[Select, ...]", policy: str = RESOLUTION) -> Self:
        """What of which measurement, of another question, or of several together."""
        return cls(columns, source, policy)

    def chosen(self, *variables: str) -> Self:
        """Only what is chosen in these variables; each is named as its tag."""
        return self.where(*map(chosen, variables))

    def where(self, *conditions: str, **tags: str) -> Self:
        """Only where all of this holds: conditions as they are, and tags that have a value."""
        more = (*conditions, *(f"{name(tag)} = {text(value)}" for tag, value in tags.items()))
        return replace(self, conditions=self.conditions + more)

    def during(self, span: str) -> Self:
        """In another time than the dashboard's: see `just`. An empty one leaves it to the question inside."""
        return replace(self, span=span)

    def group(self, *tags: str, every: str = "", fill: str = "") -> Self:
        """By tags, and by buckets of time: `every="$__interval"`."""
        buckets = (f"time({every})",) if every else ()
        tail = f" fill({fill})" if fill else ""
        return replace(self, by=(*buckets, *map(name, tags)), tail=f"{self.tail}{tail}")

    def newest(self, limit: int) -> Self:
        """The newest so many of each series, newest first."""
        return replace(self, tail=f"{self.tail} ORDER BY time DESC LIMIT {limit}")

    def first(self, limit: int) -> Self:
        """The first so many of each series."""
        return replace(self, tail=f"{self.tail} LIMIT {limit}")

    def __str__(self) -> str:
        nested = not isinstance(self.source, str)
        source = f'"{self.policy}".{name(self.source)}' if isinstance(self.source, str) else _inside(self.source)
        conditions = " AND ".join((*self.conditions, *([self.span] if self.span else ())))
        if not conditions and not nested:
            raise ValueError(f"a question without bounds in time: give `during` a span ({self.source})")
        where = f" WHERE {conditions}" if conditions else ""
        by = f" GROUP BY {', '.join(self.by)}" if self.by else ""
        return f"SELECT {', '.join(self.columns)} FROM {source}{where}{by}{self.tail}"  # noqa: S608 - names are quoted


def _inside(source: Select | tuple[Select, ...]) -> str:
    return ", ".join(f"({asked})" for asked in (source if isinstance(source, tuple) else (source,)))


def _escaped(value: str) -> str:
    if not value.isprintable():
        raise ValueError(f"{value!r} is no name: it has characters that cannot be printed")
    return value.replace("\\", "\\\\")
