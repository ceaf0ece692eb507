"""Reads the log into the read model."""

from collections.abc import Callable, Sequence

from ward.clock import SECOND, Clock
from ward.errors import WireError
from ward.lag_metrics import publish_lag
from ward.metrics import Metrics
from ward.periodic import Periodic
from ward.ports import Batch, Consumer, Log
from ward.reading import Reading
from ward.topics import ACTIONS, ALERTS, BED_SCORES, DETECTOR_CURVES, DETECTOR_LAG, HEARTBEATS, QUARANTINE, READINGS
from ward.wire import (
    ACTION_WIRE,
    ALERT_WIRE,
    BED_SCORE_WIRE,
    DETECTOR_CURVE_WIRE,
    DETECTOR_LAG_WIRE,
    HEARTBEAT_WIRE,
    QUARANTINED_WIRE,
    READING_WIRE,
)
from web.model.read_model import ReadModel

_DECODE: dict[str, Callable[[Sequence[bytes]], Sequence[object]]] = {
    READINGS: READING_WIRE.decode_many,
    ALERTS: ALERT_WIRE.decode_many,
    ACTIONS: ACTION_WIRE.decode_many,
    HEARTBEATS: HEARTBEAT_WIRE.decode_many,
    BED_SCORES: BED_SCORE_WIRE.decode_many,
    DETECTOR_CURVES: DETECTOR_CURVE_WIRE.decode_many,
    DETECTOR_LAG: DETECTOR_LAG_WIRE.decode_many,
    QUARANTINE: QUARANTINED_WIRE.decode_many,
}
_REPORT_EVERY = 2.0  # seconds between two reports of lag and own metrics


class LogFollower:
    """A part: applies new messages of the log to the read model.

    The compacted topics `alerts`, `heartbeats` and `bed-scores` are read from the start, and so is `actions`, which is
    short. Of readings, detector curves, detector lag and quarantine only the newest records are read: the store has the
    rest. Applying a record a second time changes nothing.
    """

    def __init__(self, log: Log, model: ReadModel, clock: Clock, metrics: Metrics, tail: int = 10_000) -> None:
        self._log = log
        self._model = model
        self._clock = clock
        self._metrics = metrics
        self._period = Periodic(clock, _REPORT_EVERY)
        self._consumers: list[Consumer] = []
        try:
            for topics, last in (
                ((ALERTS, ACTIONS, HEARTBEATS, BED_SCORES), None),
                ((DETECTOR_CURVES, DETECTOR_LAG, QUARANTINE), 500),
                ((READINGS,), tail),
            ):
                self._consumers.append(log.follow(topics, last))
            model.detector_lag.use_partitions(lambda device: log.partition(READINGS, device).number)
        except Exception as error:
            self.close()
            model.set_problem("log", str(error) or type(error).__name__)
            raise

    def step(self, wait: float, limit: int = 2000) -> int:
        try:
            done = sum(self._poll(consumer, limit, wait) for consumer, wait in self._waits(wait))
            self._report(done, limit)
        except Exception as error:
            self._model.set_problem("log", str(error) or type(error).__name__)
            raise
        # A log that does not answer returns nothing and does not raise: its `problem` gives the reason.
        if problem := self._log.problem():
            self._model.set_problem("log", problem)
        else:
            self._model.mark_followed()
        return done

    def close(self) -> None:
        for consumer in self._consumers:
            consumer.close()
        self._consumers = []

    def _waits(self, wait: float) -> list[tuple[Consumer, float]]:
        """Only the last consumer, of readings, waits: so an alert is read at most `wait` seconds late."""
        last = self._consumers[-1]
        return [(consumer, wait if consumer is last else 0.0) for consumer in self._consumers]

    def _poll(self, consumer: Consumer, limit: int, wait: float) -> int:
        batches = consumer.poll(limit, wait)
        for batch in batches:
            self._apply(batch)
        return sum(len(batch) for batch in batches)

    def _apply(self, batch: Batch) -> None:
        topic = batch.partition.topic
        messages = _DECODE[topic](batch.values)
        with self._model.lock:
            for offset, message in zip(batch.offsets, messages, strict=True):
                if isinstance(message, WireError):
                    self._metrics.web_records_unreadable.labels(topic).inc()
                else:
                    self._model.apply(message, offset)
        if topic == READINGS and isinstance(messages[-1], Reading):
            delay = (self._clock.now() - messages[-1].received_at) / SECOND
            self._metrics.delay.labels("web").observe(max(0.0, delay))

    def _report(self, done: int, limit: int) -> None:
        """Publish the lag and own metrics every two seconds, and until the log has been read to its end once."""
        due = self._period.due()
        if not due and (self._model.caught_up or done >= limit):
            return
        lag = {partition: n for consumer in self._consumers for partition, n in consumer.lag().items()}
        if not any(lag.values()):
            self._model.caught_up = True
        if due:
            publish_lag(self._metrics, "web", _DECODE, lag)
            with self._model.lock:
                self._model.config_status()
                if not self._model.health.has_heartbeats:
                    self._model.health.add_own_sample(self._clock.now(), self._metrics.samples())
