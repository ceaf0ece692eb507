"""Text made to fit where there is little room."""

_SIMPLE = {ord(c): s for c, s in {"…": "...", "–": "-", "—": "-", "’": "'", "×": "x", "°": "", "µ": "u"}.items()}


def plain(text: str) -> str:
    """Text in the alphabet of short messages, where one foreign character would halve the room."""
    return text.translate(_SIMPLE).encode("ascii", "replace").decode()


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, with dots where some are missing."""
    return text if len(text) <= limit else text[: max(0, limit - 3)] + "..."[: max(0, limit)]
