"""Ids: what a ward, bed or device may be called, and names that follow from content."""

import hashlib
import re

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)


def is_id(text: str) -> bool:
    """Whether `text` may name a ward, a bed, a device or a patient anywhere in the house."""
    return ID.fullmatch(text) is not None


def digest(*parts: object) -> str:
    """Sixteen hex digits that follow from `parts`: the same parts give the same id, also after a crash."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def printable(text: str, limit: int = 120) -> str:
    """Outside text made fit for a log line, an error or a page: control characters escaped, length bounded."""
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text[: limit + 1])
    return safe if len(text) <= limit else safe[:limit] + "…"
