"""What a process does beside others of its program, as its heartbeats and the screens say it."""

import re
from collections.abc import Collection, Iterable

ACTIVE = "active"
STANDBY = "standby"  # it works only when another one has ended
_SHARES = re.compile(r"shares? (?P<mine>[\d, ]+) of (?P<count>\d+)")


def role_of_shares(mine: Collection[int], count: int) -> str:
    """The role of a bridge that has these of `count` shares of the devices, numbered from 1.

    >>> role_of_shares([1], 2), role_of_shares([2, 1], 3), role_of_shares([1], 1), role_of_shares([], 2)
    ('share 1 of 2', 'shares 1, 2 of 3', 'active', 'standby')
    """
    if not mine:
        return STANDBY
    if count == 1:
        return ACTIVE
    return f"{'shares' if len(mine) > 1 else 'share'} {', '.join(map(str, sorted(mine)))} of {count}"


def has_shares(role: str) -> bool:
    """Whether it is the role of one of several bridges: each has devices of its own."""
    return _SHARES.fullmatch(role) is not None


def missing_shares(roles: Iterable[str]) -> list[int]:
    """The shares of the devices that no process with one of these roles has.

    >>> missing_shares(["share 1 of 3", "standby"]), missing_shares(["share 1 of 2", "share 2 of 2"])
    ([2, 3], [])
    """
    found = [known for role in roles if (known := _SHARES.fullmatch(role))]
    had = {int(number) for known in found for number in known["mine"].split(",")}
    count = max((int(known["count"]) for known in found), default=0)
    return [number for number in range(1, count + 1) if number not in had]
