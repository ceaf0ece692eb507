"""Ids made of names that have characters which no id has."""

import re

from ward.ids import digest, is_id

_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9_.-]")
_LONGEST = 64


def distinct_id(name: str, instead: str, prefix: str = "") -> str:
    """An id of `name`, after `prefix`: the same for the same name, and another one for another.

    Where a character is replaced by `instead`, or the name cut short, eight digits of a hash of the name follow.

    >>> distinct_id("Bett-7", "-"), distinct_id("Bett 7", "-")
    ('Bett-7', 'Bett-7-302109ab')
    """
    if is_id(prefix + name):
        return prefix + name
    short = digest(name)[:8]
    readable = (prefix + _NOT_IN_IDS.sub(instead, name)).lstrip("_.-")[: _LONGEST - len(short) - 1]
    return f"{readable}-{short}" if readable else short
