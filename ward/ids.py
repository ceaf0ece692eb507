"""Ids: which texts are valid ids, and ids made by hashing."""

import hashlib
import re

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)


def is_id(text: str) -> bool:
    """Whether `text` is a valid id of a ward, bed, device or patient."""
    return ID.fullmatch(text) is not None


def digest(*parts: object) -> str:
    """Sixteen hex digits: a hash of `parts`, equal for equal parts also in another process."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def printable(text: str, limit: int = 120) -> str:
    """Text from outside, safe for log lines, errors and pages: control characters escaped, cut to `limit`."""
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text[: limit + 1])
    return safe if len(safe) <= limit else safe[:limit] + "…"
