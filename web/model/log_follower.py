"""Reads the log into the read model."""

from collections.abc import Callable, Sequence

from ward.clock import SECOND, Clock
from ward.errors import WireError
from ward.lag_metrics import publish_lag
from ward.metrics import Metrics
from ward.periodic import Periodic
from ward.ports import Batch, Consumer, Log
from ward.reading import Reading
from ward.topics import ACTIONS, ALERTS, HEALTH, QUARANTINE, READINGS, SCORES
from ward.wire import ACTION_WIRE, ALERT_WIRE, HEALTH_WIRE, QUARANTINED_WIRE, READING_WIRE, SCORE_WIRE
from web.model.read_model import ReadModel

_DECODE: dict[str, Callable[[Sequence[bytes]], Sequence[object]]] = {
    READINGS: READING_WIRE.decode_many,
    ALERTS: ALERT_WIRE.decode_many,
    ACTIONS: ACTION_WIRE.decode_many,
    HEALTH: HEALTH_WIRE.decode_many,
    SCORES: SCORE_WIRE.decode_many,
    QUARANTINE: QUARANTINED_WIRE.decode_many,
}
_LOOK = 2.0  # seconds between two looks at our own numbers and lag


class LogFollower:
    """A part: reads what is new in the log, all of it small.

    Alerts and health are compacted topics and read whole, and so are the few actions; of readings,
    scores and quarantine the tail is enough, since the store remembers the rest. Made anew after a
    crash it reads the same again, which changes nothing.
    """

    def __init__(self, log: Log, model: ReadModel, clock: Clock, metrics: Metrics, tail: int = 10_000) -> None:
        self._log = log
        self._model = model
        self._clock = clock
        self._metrics = metrics
        self._period = Periodic(clock, _LOOK)
        self._consumers: list[Consumer] = []
        try:
            for topics, last in (((ALERTS, ACTIONS, HEALTH), None), ((SCORES, QUARANTINE), 500), ((READINGS,), tail)):
                self._consumers.append(log.follow(topics, last))
        except Exception as error:
            self.close()
            model.broken("log", str(error) or type(error).__name__)
            raise

    def step(self, wait: float, limit: int = 2000) -> int:
        try:
            done = sum(self._take(consumer, limit, wait) for consumer, wait in self._waits(wait))
            self._look(done, limit)
        except Exception as error:
            self._model.broken("log", str(error) or type(error).__name__)
            raise
        # A log that is away has nothing new, and does not raise: it says so, if it can.
        if problem := self._log.problem():
            self._model.broken("log", problem)
        else:
            self._model.beat()
        return done

    def close(self) -> None:
        for consumer in self._consumers:
            consumer.close()
        self._consumers = []

    def _waits(self, wait: float) -> list[tuple[Consumer, float]]:
        """Only the last, busiest one is waited for: an alert waits no longer than `wait` for its turn."""
        last = self._consumers[-1]
        return [(consumer, wait if consumer is last else 0.0) for consumer in self._consumers]

    def _take(self, consumer: Consumer, limit: int, wait: float) -> int:
        batches = consumer.poll(limit, wait)
        for batch in batches:
            self._fold(batch)
        return sum(len(batch) for batch in batches)

    def _fold(self, batch: Batch) -> None:
        topic = batch.partition.topic
        messages = _DECODE[topic](batch.values)
        with self._model.lock:
            for offset, message in zip(batch.offsets, messages, strict=True):
                if isinstance(message, WireError):
                    self._metrics.web_records_unreadable.labels(topic).inc()
                else:
                    self._model.take(message, offset)
        if topic == READINGS and isinstance(messages[-1], Reading):
            delay = (self._clock.now() - messages[-1].seen) / SECOND
            self._metrics.delay.labels("web").observe(max(0.0, delay))

    def _look(self, done: int, limit: int) -> None:
        """Now and then, and until all has been seen once: how far behind are we, and how are we?"""
        due = self._period.due()
        if not due and (self._model.followed or done >= limit):
            return
        lag = {partition: n for consumer in self._consumers for partition, n in consumer.lag().items()}
        if not any(lag.values()):
            self._model.followed = True
        if due:
            publish_lag(self._metrics, "web", _DECODE, lag)
            with self._model.lock:
                self._model.config()
                if not self._model.health.heard:
                    self._model.health.sample(self._clock.now(), self._metrics.numbers())
