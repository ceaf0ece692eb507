"""InfluxQL's spelling: names, texts, spans of time. Nothing that is put into a question can break out of it."""

from collections.abc import Mapping

from ward.clock import Micros

EVER = (-9_223_372_036_854_775, 9_223_372_036_854_775)  # InfluxDB's own first and last instant
_QUOTED = str.maketrans({'"': '\\"', "'": "\\'", "\\": "\\\\", "\n": "\\n"})


def name(identifier: str) -> str:
    """A quoted identifier."""
    return f'"{_safe(identifier)}"'


def text(value: str) -> str:
    """A quoted string."""
    return f"'{_safe(value)}'"


def spanned(where: Mapping[str, str], first: Micros, last: Micros) -> str:
    """A condition with a lower and an upper bound in time, both taken in, and the tags."""
    tags = "".join(f" AND {name(tag)} = {text(value)}" for tag, value in where.items())
    return f" WHERE time >= {max(first, EVER[0])}u AND time <= {min(last, EVER[1])}u{tags}"


def _safe(raw: str) -> str:
    # What no stored name or tag can hold is replaced, so that it finds nothing instead of breaking the question.
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in raw).translate(_QUOTED)
