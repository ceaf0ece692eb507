"""Instants as the API writes them."""

from typing import overload

from ward.clock import Micros, format_instant


@overload
def rfc3339(at: Micros) -> str: ...
@overload
def rfc3339(at: Micros | None) -> str | None: ...
def rfc3339(at: Micros | None) -> str | None:
    """RFC 3339 in UTC; None for None."""
    return None if at is None else format_instant(at)
