"""The members of a consumer group inside this process, and how they share its partitions."""

import weakref
from collections.abc import Sequence
from typing import Protocol

from ward.ports.log import Partition


class Member(Protocol):
    """Whoever can hold partitions, each with its position."""

    held: dict[Partition, int]


class ConsumerGroup:
    """Members in order of arrival. Each keeps what it holds up to its share, and takes what nobody holds.

    So a newcomer moves as few partitions as can be, and nothing is taken before its holder has
    given it up. Members are known by weak reference: one that was dropped without `close` does not
    keep its share for ever. Every method is called with the log's lock held.
    """

    def __init__(self, partitions: Sequence[Partition]) -> None:
        self._partitions = list(partitions)
        self._members: list[weakref.ref[Member]] = []

    def join(self, member: Member) -> None:
        self._members.append(weakref.ref(member))

    def leave(self, member: Member) -> None:
        self._members = [ref for ref in self._members if ref() not in (None, member)]

    def share(self, member: Member) -> list[Partition]:
        """What `member` is to hold now; the rest of its share follows when others have let go."""
        members = [found for ref in self._members if (found := ref()) is not None]
        if len(members) == 1:
            return self._partitions
        quota, over = divmod(len(self._partitions), len(members))
        quota += members.index(member) < over
        kept = [p for p in self._partitions if p in member.held][:quota]
        taken = {p for other in members for p in other.held}
        free = [p for p in self._partitions if p not in taken]
        return kept + free[: quota - len(kept)]
