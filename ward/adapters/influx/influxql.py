"""Quoting of names and texts for InfluxQL, so that no value can change a query."""

from collections.abc import Mapping

from ward.clock import Micros

EVER = (-9_223_372_036_854_775, 9_223_372_036_854_775)  # InfluxDB's first and last instant
_QUOTED = str.maketrans({'"': '\\"', "'": "\\'", "\\": "\\\\", "\n": "\\n"})


def name(identifier: str) -> str:
    """A quoted identifier."""
    return f'"{_safe(identifier)}"'


def text(value: str) -> str:
    """A quoted string."""
    return f"'{_safe(value)}'"


def where_clause(where: Mapping[str, str], first: Micros, last: Micros) -> str:
    """A WHERE clause: first <= time <= last, and the tags."""
    tags = "".join(f" AND {name(tag)} = {text(value)}" for tag, value in where.items())
    return f" WHERE time >= {max(first, EVER[0])}u AND time <= {min(last, EVER[1])}u{tags}"


def _safe(raw: str) -> str:
    # Characters that no stored name or tag can have are replaced: the query then finds nothing.
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in raw).translate(_QUOTED)
