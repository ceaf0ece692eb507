"""Text made to fit where room is short."""

from collections.abc import Sequence

from ward.ids import printable

LONGEST_SUBJECT = 200
LONGEST_LINE = 300
MOST_LINES = 40
_ASCII = {ord(c): s for c, s in {"…": "...", "–": "-", "—": "-", "’": "'", "×": "x", "°": "", "µ": "u"}.items()}


def to_ascii(text: str) -> str:
    """Text in ASCII: one character outside the SMS alphabet would halve the length of a whole SMS."""
    return text.translate(_ASCII).encode("ascii", "replace").decode()


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, with dots at the end where some are missing."""
    return text if len(text) <= limit else text[: max(0, limit - 3)] + "..."[: max(0, limit)]


def body_of(lines: Sequence[str]) -> str:
    """The lines as one text; what cannot be printed is escaped, so no line breaks in two."""
    return "\n".join(printable(line, 2 * LONGEST_LINE) for line in lines)


def overhead(key: str) -> int:
    """How many characters a notifier adds to subject and body: the line break between, and the key at the end."""
    return len("\r\n\n\nkey: ") + len(key)
