"""The worker: takes readings from the log, evaluates them, and puts findings and state into the log.

log: readings ─▶ decode ─▶ engine ─▶ findings ─▶ log: findings ──durable──▶ state ─▶ log: detector-state
                 │    ▲                                                                │
   of a device   ▼    │ a share at each step, after what is live                       │
   that is behind: waiting                                                             │
consumer group ◀────────────── committed position ◀──────────────durable──────────────┘
"""

import logging
from collections.abc import Sequence

from detectors.beds.device_progress import DeviceProgress
from detectors.engine.engine import Engine
from detectors.engine.result import EngineResult
from detectors.worker.bed_scores import bed_scores
from detectors.worker.checkpoint import Checkpoint
from detectors.worker.detector_curves import curves, imaging_humidity
from detectors.worker.idle_watermark import DELAY, IdleWatermark
from detectors.worker.lag_report import LagReport
from detectors.worker.open_episode_recovery import OpenEpisodeRecovery
from detectors.worker.output import Output
from detectors.worker.reading_decoder import ReadingDecoder
from detectors.worker.share import Share
from detectors.worker.stage import BEDS, DEVICES, Stage
from detectors.worker.state_recovery import recover
from detectors.worker.waiting_readings import Bounds, WaitingReadings
from ward.clock import SECOND, Clock, Micros
from ward.config.live_config import LiveConfig
from ward.errors import LogUnavailable
from ward.finding import Finding
from ward.inventory import MOST_UNREGISTERED
from ward.lag_metrics import publish_lag
from ward.metrics import Metrics
from ward.ports import Log, Partition
from ward.topics import BED_SCORES, DETECTOR_CURVES, DETECTOR_LAG
from ward.wire import BED_SCORE_WIRE, DETECTOR_CURVE_WIRE, DETECTOR_LAG_WIRE

# A step waits while more sends than this are not yet acknowledged. A takeover and a revocation wait so many seconds
# at most.
MAX_IN_FLIGHT = 32
MOST_WAIT = 10.0
# After a pause of so many seconds (a stopped process) another worker may have our partitions: nothing is saved before a
# poll.
STALE = 5.0
# Each wave has a fixed cost, and the last one of a batch is nearly always small: a larger batch wastes less. Twice as
# many readings gain nothing more, and a step takes longer.
MOST_READINGS = 4000
# Seconds between looking for devices to forget, and between records of the imaging suite.
FORGET_EVERY = 60
IMAGING_EVERY = 3
DEFAULT_BOUNDS = Bounds()

logger = logging.getLogger(__name__)


class Worker:
    """A member of the consumer group of detectors. `step` evaluates what has come, and advances the watermark when
    nothing is left.

    For `grace` seconds after a partition was taken over, only readings advance the watermark of its devices: a device
    that was away together with this program has that long to come back before it is reported missing.
    """

    def __init__(
        self, log: Log, live: LiveConfig, clock: Clock, metrics: Metrics, grace: float = 0.0,
        bounds: Bounds = DEFAULT_BOUNDS, stage: Stage = DEVICES,
    ) -> None:  # fmt: skip
        self._log, self._live, self._clock, self._metrics = log, live, clock, metrics
        self._grace, self._stage = grace, stage
        self._loaded = live.config
        self._config = stage.config(self._loaded)
        self._engine = Engine(self._config, self._partition, updates=True, scope=stage.scope)
        self._checkpoint = Checkpoint(log, self._engine, metrics, stage)
        self._output = Output(log, self._checkpoint, metrics)
        self._waiting = WaitingReadings(log, self._checkpoint.position, bounds, stage.readings)
        choose = self._engine.sources.choose if self._engine.sources else None
        self._decoder = ReadingDecoder(self._checkpoint, self._waiting, metrics, bounds.live, choose)
        self._share = Share(clock)
        self._lag_report = LagReport(self._engine, self._checkpoint, self._waiting, clock, metrics, stage)
        self._watermark = IdleWatermark(clock)
        self._devices = DeviceProgress(log) if stage is BEDS else None
        self._recoveries: dict[int, OpenEpisodeRecovery] = {}
        self._grace_until: dict[int, float] = {}
        self._polled_at = self._saved_at = clock.monotonic()
        self._forgot_at = self._imaging_at = 0
        self._curves_at = clock.now()
        self._step_completed = True
        self._consumer = log.consumer([stage.readings], stage.group, self._assign, self._revoke)

    def step(self, wait: float, limit: int = MOST_READINGS) -> int:
        """Evaluate what is live of at most `limit` records, for which it waits `wait` seconds at most, and then a share
        of what waits. Returns the number of evaluated records.

        Raises:
            LogUnavailable: when findings or state cannot be written.
        """
        self._step_completed = False
        done = self._step(wait, limit) if self._checkpoint.flush(wait, MAX_IN_FLIGHT) else 0
        self._step_completed = True
        return done

    @property
    def partitions(self) -> list[Partition]:
        """The partitions that this member has now."""
        return list(self._consumer.lag())

    @property
    def behind(self) -> set[str]:
        """The devices whose readings wait, by name."""
        return self._waiting.behind

    def problem(self) -> str:
        """Which readings are not evaluated though they came long ago; empty when none are."""
        return self._lag_report.problem

    def close(self) -> None:
        """Save everything and leave the group. After a step that failed nothing is saved: the state in memory may not
        match the findings in the log."""
        if self._step_completed:
            self._release(self._checkpoint.partitions)
        self._consumer.close()
        if self._devices:
            self._devices.close()

    def _step(self, wait: float, limit: int) -> int:
        self._configure()
        self._save()
        batches = self._consumer.poll(limit, self._share.pause(wait) if self._waiting.behind else wait)
        self._polled_at = self._clock.monotonic()
        done = self._decoder.read(batches)
        if (oldest := self._evaluate()) is not None and self._stage is DEVICES:
            self._metrics.delay.labels("detect").observe(max(0, self._clock.now() - oldest) / SECOND)
        # A poll that a backlog fills: what others sent may stand behind it in the log, so that is read first, as far as
        # memory has room for what waits.
        polled = sum(map(len, batches))
        read_on = polled >= limit and 2 * done < polled and self._waiting.has_room(limit)
        if (behind := self._waiting.behind) and not read_on:
            self._share.begin()
            done += self._decoder.take(self._share.of(len(behind), limit))
            self._evaluate()
            self._share.end(self._decoder.longest)
        self._forget_oldest()
        if self._watermark.due():
            self._advance_watermark()
        return done

    def _evaluate(self) -> Micros | None:
        """Evaluate what the decoder has. Returns when the bridge received the first reading of it."""
        result = self._engine.evaluate(self._decoder.readings())
        self._publish(result)
        evaluated = self._metrics.readings_evaluated if self._stage is DEVICES else self._metrics.bed_readings
        evaluated.inc(self._decoder.decoded)
        self._decoder.evaluated(result.first_readings)
        return result.received_at

    def _advance_watermark(self) -> None:
        """Advance the watermark of the partitions that are read up to it."""
        lags = self._consumer.lag()
        publish_lag(self._metrics, self._stage.group, (self._stage.readings,), lags)
        reports = self._lag_report.records(lags)
        if self._stage is DEVICES:  # nothing depends on them, so nothing waits until they are durable
            self._log.send(DETECTOR_LAG, [(str(one.partition), DETECTOR_LAG_WIRE.encode(one)) for one in reports])
        lag = {partition.number: records for partition, records in lags.items()}
        newest = self._decoder.newest
        now = to = self._watermark.advance(newest)
        behind = self._waiting.behind
        if self._devices:  # what time alone changes waits for all devices; what is known now is shown now
            to = min(to, self._devices.until() - round(DELAY * SECOND))
            behind = behind | self._devices.behind(self._loaded.inventory)
        in_grace = {n for n, until in self._grace_until.items() if self._clock.monotonic() < until}
        ready = {n for n, records in lag.items() if records == 0 or newest.get(n, 0) >= to} - in_grace
        self._publish(self._engine.advance(to, ready, behind))
        for number in ready & self._recoveries.keys():
            # Not at the same instant: other readings of that instant may still come.
            if self._recoveries[number].newest < to:
                self._send(self._recoveries[number].reattach(self._engine, self._waiting.behind))
                if self._recoveries[number].done:
                    del self._recoveries[number]
        if to - self._forgot_at >= FORGET_EVERY * SECOND:
            self._forgot_at = to
            self._forget()
        self._publish_scores(now)

    def _publish_scores(self, at: Micros) -> None:
        """Send what dashboards show. Nothing depends on it, so nothing waits until it is durable."""
        records = [
            (score.tags["device"], DETECTOR_CURVE_WIRE.encode(score))
            for score in curves(self._engine, self._curves_at, at)
        ]
        since, self._curves_at = self._curves_at, at
        if self._stage is BEDS:
            scores = bed_scores(self._engine, since, at)
            self._log.send(BED_SCORES, [(f"{one.subject}/{one.rule}", BED_SCORE_WIRE.encode(one)) for one in scores])
        elif at - self._imaging_at >= IMAGING_EVERY * SECOND:
            self._imaging_at = at
            records += [(key, DETECTOR_CURVE_WIRE.encode(score)) for key, score in imaging_humidity(self._engine, at)]
        if records:
            self._log.send(DETECTOR_CURVES, records)

    def _configure(self) -> None:
        if self._live.config is self._loaded:
            return
        self._loaded = self._live.config
        self._config = self._stage.config(self._loaded)
        now = self._clock.now()
        self._publish(self._engine.configure(self._config, now))
        for number in self._checkpoint.partitions:
            self._expect(number, now)

    def _expect(self, number: int, now: Micros) -> None:
        """Report devices of a partition that never sent as missing from `now` on."""
        names = [name for name in self._config.inventory.devices if self._partition(name) == number]
        for name in self._engine.add_expected(names, now):
            self._checkpoint.changed(name, number)

    def _assign(self, partitions: Sequence[Partition]) -> None:
        for number in (partition.number for partition in partitions):
            recovered = recover(self._log, self._engine, Partition(self._stage.state, number), self._metrics)
            self._checkpoint.add_partition(number, recovered.offsets)
            self._recoveries[number] = OpenEpisodeRecovery(self._log, number, self._stage.scope == "bed")
            self._grace_until[number] = self._clock.monotonic() + self._grace
            self._send(recovered.findings)
            self._expect(number, self._clock.now())
            if not self._checkpoint.flush(MOST_WAIT):
                raise LogUnavailable("the findings of restored detectors could not be written in time")
            self._checkpoint.save_all([number])
            # The start of the waiting time must be durable before a device is reported missing, or a restart reports it
            # again.
            if not self._checkpoint.flush(MOST_WAIT):
                raise LogUnavailable("the state of detectors could not be written in time")

    def _revoke(self, partitions: Sequence[Partition]) -> None:
        self._release([partition.number for partition in partitions])

    def _release(self, numbers: Sequence[int]) -> None:
        """Save, commit and forget partitions. The next worker evaluates again what cannot be saved."""
        if self._clock.monotonic() - self._polled_at <= STALE and self._checkpoint.flush(MOST_WAIT):
            self._checkpoint.save_all(numbers)
            if self._checkpoint.flush(MOST_WAIT):
                self._checkpoint.commit(self._consumer)
        gone = set(numbers)
        devices = self._engine.devices.by_name
        self._engine.forget([name for name, device in devices.items() if device.partition in gone])
        self._checkpoint.remove_partitions(numbers)
        for number in numbers:
            self._recoveries.pop(number, None)
            self._grace_until.pop(number, None)
            self._decoder.remove(number)
            self._lag_report.remove(number)

    def _forget_oldest(self) -> None:
        """Forget the oldest unregistered devices where there are too many: their ids may be invented."""
        if len(self._engine.devices.by_name) <= len(self._config.inventory.devices) + MOST_UNREGISTERED:
            return
        names, ends = self._engine.forget_oldest(MOST_UNREGISTERED, self._clock.now())
        for name in names:
            self._checkpoint.changed(name, self._partition(name))
        self._metrics.devices_forgotten.labels("detectors").inc(len(names))
        self._send(ends)

    def _forget(self) -> None:
        """Forget unregistered devices that are long gone; a record without series takes the place of their state."""
        names = self._engine.forgettable()
        for name in names:
            self._checkpoint.changed(name, self._partition(name))
        self._engine.forget(names)

    def _save(self) -> None:
        now = self._clock.monotonic()
        if now - self._polled_at <= STALE:
            self._checkpoint.save_some(now - self._saved_at)
            self._checkpoint.commit(self._consumer)
        self._saved_at = now

    def _publish(self, result: EngineResult) -> None:
        """Send the findings of a result, and count and log the rest of it."""
        for name in result.changed:
            self._checkpoint.changed(name, self._partition(name))
        self._metrics.values_out_of_order.inc(result.out_of_order)
        self._metrics.values_too_large.inc(result.too_large)
        for detector, failure in result.failures.items():
            self._metrics.detector_failures.labels(detector).inc()
            logger.error("detector %s failed, its score is not known: %r", detector, failure, exc_info=failure)
        self._send(result.findings)
        self._output.forward(result.bed_readings, self._decoder.offset)

    def _send(self, findings: Sequence[Finding]) -> None:
        for recovery in self._recoveries.values():
            recovery.note(findings)
        self._output.send(findings)

    def _partition(self, device: str) -> int:
        return self._log.partition(self._stage.readings, device).number
