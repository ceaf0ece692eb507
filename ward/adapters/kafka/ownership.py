"""Ownership by a consumer group: who the one partition of a topic without records is assigned to."""

import logging
from collections import deque
from collections.abc import Callable

from confluent_kafka import KafkaError, TopicPartition

from ward.adapters.kafka.consumer import KafkaConsumer
from ward.clock import Clock
from ward.errors import ConsumerFailed
from ward.ports.log import Partition
from ward.topics import OWNERSHIP

log = logging.getLogger(__name__)

PLACE = Partition(OWNERSHIP, 0)
# Of the time that Kafka waits for a silent member: the rest is for clocks that differ and for a message on its way.
_SHARE = 0.5
# A commit without an answer for so many seconds counts as lost, and the next one is made.
_ANSWER_WITHIN = 10.0


class KafkaOwnership:
    """Port `Ownership`. To own is to be the member with the partition, and only Kafka knows that: a process that was
    frozen believes that it is. So it commits a position again and again: Kafka refuses that from a former member.
    """

    def __init__(
        self, join: Callable[[Callable[[KafkaError | None, list[TopicPartition]], None]], KafkaConsumer],
        clock: Clock, session: float,
    ) -> None:  # fmt: skip
        self._join = join
        self._consumer = join(self._answered)
        self._clock = clock
        self._lasts = session * _SHARE
        # When each commit without an answer was made, the oldest first: answers come in that order.
        self._asked: deque[float] = deque()
        self._confirmed = float("-inf")

    @property
    def held(self) -> bool:
        return PLACE in self._consumer.held

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
        now = self._clock.monotonic()
        if not self.held:
            self._confirmed = float("-inf")
        elif not self._asked or now - self._asked[-1] > _ANSWER_WITHIN:
            self._consumer.commit_later({PLACE: 0})
            self._asked.append(now)

    def close(self) -> None:
        self._confirmed = float("-inf")
        self._consumer.close()

    def _answered(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        """Kafka's answer to a commit; it runs in `poll`."""
        asked = self._asked.popleft() if self._asked else None
        fault = error or next((place.error for place in partitions if place.error), None)
        if fault is not None:
            log.debug("the ownership is not confirmed: %s", fault)
        elif asked is not None and self.held:
            self._confirmed = max(self._confirmed, asked)
