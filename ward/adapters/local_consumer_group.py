"""A consumer group inside this process, and the assignment of its partitions to members."""

import weakref
from collections.abc import Sequence
from typing import Protocol

from ward.ports.log import Partition


class Member(Protocol):
    """A member, with the partitions it holds and its position in each."""

    held: dict[Partition, int]


class LocalConsumerGroup:
    """Members in order of arrival. Each keeps partitions up to its quota, and takes partitions that are free.

    So a new member moves as few partitions as possible, and a partition is taken only after its holder has released it.
    Members are weak references: one that is deleted without `close` loses its partitions. Every method is called
    with the log's lock held.
    """

    def __init__(self, partitions: Sequence[Partition]) -> None:
        self._partitions = list(partitions)
        self._members: list[weakref.ref[Member]] = []

    def join(self, member: Member) -> None:
        """Add a member."""
        self._members.append(weakref.ref(member))

    def leave(self, member: Member) -> None:
        """Remove a member; its partitions become free."""
        self._members = [ref for ref in self._members if ref() not in (None, member)]

    def assignment(self, member: Member) -> list[Partition]:
        """The partitions that `member` should hold now. The rest follows after other members have released it."""
        members = [found for ref in self._members if (found := ref()) is not None]
        if len(members) == 1:
            return self._partitions
        quota, over = divmod(len(self._partitions), len(members))
        quota += members.index(member) < over
        own = [p for p in self._partitions if p in member.held][:quota]
        taken = {p for other in members for p in other.held}
        free = [p for p in self._partitions if p not in taken]
        return own + free[: quota - len(own)]
