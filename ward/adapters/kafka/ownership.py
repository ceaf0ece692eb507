"""Ownership by a consumer group: who each partition of a topic without records is assigned to."""

import logging
from collections import deque
from collections.abc import Callable, Set

from confluent_kafka import KafkaError, TopicPartition

from ward.adapters.kafka.consumer import KafkaConsumer
from ward.clock import Clock
from ward.errors import ConsumerFailed
from ward.ports.log import Partition

log = logging.getLogger(__name__)

# Of the time that Kafka waits for a silent member: the rest is for clocks that differ and for a message on its way.
_SHARE = 0.5
# A commit without an answer for so many seconds counts as lost, and the next one is made.
_ANSWER_WITHIN = 10.0

Answered = Callable[[KafkaError | None, list[TopicPartition]], None]


class KafkaOwnership:
    """Port `Ownership`. To own is to be the member with the partition, and only Kafka knows that: a process that was
    frozen believes that it is. So it commits a position again and again: Kafka refuses that from a former member.

    One commit confirms all places: a partition is not assigned to another member before this one has released it.
    """

    def __init__(
        self, join: Callable[[Answered], KafkaConsumer], clock: Clock, session: float, topic: str, places: int
    ) -> None:
        self._join = join
        self._consumer = join(self._answered)
        self._clock = clock
        self._lasts = session * _SHARE
        self._topic = topic
        self.places = places
        self.held: Set[int] = frozenset()
        # When each commit without an answer was made, the oldest first: answers come in that order.
        self._asked: deque[float] = deque()
        self._confirmed = float("-inf")

    @property
    def certain_until(self) -> float:
        return self._confirmed + self._lasts

    def poll(self, wait: float) -> None:
        try:
            self._consumer.poll(1, 0 if self.held else wait)
        except ConsumerFailed:
            self._consumer.close()
            self._consumer = self._join(self._answered)
            self._asked.clear()
            raise
        finally:
            self._take_held()
        now = self._clock.monotonic()
        if self.held and (not self._asked or now - self._asked[-1] > _ANSWER_WITHIN):
            self._consumer.commit_later({Partition(self._topic, min(self.held)): 0})
            self._asked.append(now)

    def close(self) -> None:
        self._confirmed = float("-inf")
        self._consumer.close()
        self._take_held()

    def _take_held(self) -> None:
        self.held = frozenset(partition.number for partition in self._consumer.held)
        if not self.held:
            self._confirmed = float("-inf")

    def _answered(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        """Kafka's answer to a commit; it runs in `poll`."""
        asked = self._asked.popleft() if self._asked else None
        fault = error or next((place.error for place in partitions if place.error), None)
        if fault is not None:
            log.debug("the ownership is not confirmed: %s", fault)
        elif asked is not None and self._consumer.held:
            self._confirmed = max(self._confirmed, asked)
