"""What a late answer of Kafka proves about an ownership: the past, and nothing about now."""

from collections.abc import Callable
from typing import Any

from ward.adapters.kafka.ownership import KafkaOwnership
from ward.clock import ManualClock
from ward.ports import Partition
from ward.topics import OWNERSHIP

SESSION = 10.0


class LateConsumer:
    """A member that holds the place; its commits are answered when the test says so."""

    held = frozenset({Partition(OWNERSHIP, 0)})

    def __init__(self, answered: Callable[..., None]) -> None:
        self.answered, self.commits = answered, 0

    def poll(self, limit: int, wait: float) -> list[Any]:
        return []

    def commit_later(self, positions: object) -> None:
        self.commits += 1


def test_the_answer_to_an_old_commit_proves_only_the_time_of_that_commit() -> None:
    clock, joined = ManualClock(), list[LateConsumer]()

    def join(answered: Callable[..., None]) -> Any:
        joined.append(LateConsumer(answered))
        return joined[0]

    ownership = KafkaOwnership(join, clock, SESSION, OWNERSHIP, 1)
    first = clock.monotonic()
    ownership.poll(0)
    clock.advance(60)  # the process is frozen
    ownership.poll(0)
    assert joined[0].commits == 2
    joined[0].answered(None, [])
    assert ownership.certain_until == first + SESSION / 2
    joined[0].answered(None, [])
    assert ownership.certain_until == clock.monotonic() + SESSION / 2
