"""The worker: takes readings from the log, asks the engine, and puts findings into the log.

log: readings ─▶ decode ─▶ engine ─▶ findings ─▶ log: findings ──durable──▶ state ─▶ log: detector-state
                                                                                       │
consumer group ◀────────────── committed position ◀──────────────durable──────────────┘
"""

import logging
from collections.abc import Sequence

from detectors.engine.engine import Engine, EngineResult
from detectors.worker.checkpoint import Checkpoint
from detectors.worker.idle_watermark import IdleWatermark
from detectors.worker.open_episode_recovery import OpenEpisodeRecovery
from detectors.worker.reading_decoder import ReadingDecoder
from detectors.worker.scores import curves, imaging
from detectors.worker.state_recovery import recover
from ward.clock import SECOND, Clock, Micros
from ward.config.live import LiveConfig
from ward.errors import LogUnavailable
from ward.finding import Finding
from ward.lag import set_lags
from ward.metrics import Metrics
from ward.ports import Log, Partition
from ward.topics import FINDINGS, READINGS, SCORES
from ward.wire import FINDING, SCORE

GROUP = "detectors"
# How many sendings may be under way before a step waits for them, and how long taking over and giving up may wait.
UNDER_WAY = 32
PATIENCE = 10.0
# After such a pause (a process that was stopped) others may have our partitions: nothing is saved before we asked.
STALE = 5.0
# The last wave of a batch is nearly always a small one and costs as much as the others: of more readings it is a
# smaller part. Twice as many again gain nothing, and a step takes longer.
MOST = 4000
SWEEP = 60
IMAGING = 3

logger = logging.getLogger(__name__)


class Worker:
    """A member of the group of detectors. `step` judges what has come, and lets time pass when nothing is left.

    For `grace` seconds after a partition was taken over, only readings let time pass for its devices: who was away
    together with us gets that long to come back before it is missed.
    """

    def __init__(self, log: Log, live: LiveConfig, clock: Clock, metrics: Metrics, grace: float = 0.0) -> None:
        self._log, self._live, self._clock, self._metrics = log, live, clock, metrics
        self._grace = grace
        self._config = live.config
        self._engine = Engine(self._config, self._group)
        self._checkpoint = Checkpoint(log, self._engine, metrics)
        self._reader = ReadingDecoder(self._checkpoint, metrics)
        self._pace = IdleWatermark(clock)
        self._orphans: dict[int, OpenEpisodeRecovery] = {}
        self._patient_until: dict[int, float] = {}
        self._polled = self._saved = clock.monotonic()
        self._swept = self._imaged = 0
        self._curved = clock.now()
        self._sound = True
        self._consumer = log.consumer([READINGS], GROUP, self._assign, self._revoke)

    def step(self, wait: float, limit: int = MOST) -> int:
        self._sound = False
        done = self._step(wait, limit) if self._checkpoint.settle(wait, UNDER_WAY) else 0
        self._sound = True
        return done

    def close(self) -> None:
        """Leave with everything saved, unless something went wrong: then the log is right, and we are not."""
        if self._sound:
            self._give_up(self._checkpoint.numbers)
        self._consumer.close()

    def _step(self, wait: float, limit: int) -> int:
        self._configure()
        self._save()
        batches = self._consumer.poll(limit, wait)
        self._polled = self._clock.monotonic()
        done = self._reader.read(batches)
        if readings := self._reader.readings:
            self._note(self._engine.judge(readings))
            self._metrics.readings_evaluated.inc(len(readings))
            self._metrics.delay.labels("detect").observe(max(0, self._clock.now() - readings[0].seen) / SECOND)
        self._reader.judged(self._engine.cutter.touched if readings else ())
        if self._pace.due():
            self._pass()
        return done

    def _pass(self) -> None:
        """Let time pass for the partitions that are read up to it."""
        lags = self._consumer.lag()
        set_lags(self._metrics, GROUP, (READINGS,), lags)
        lag = {partition.number: records for partition, records in lags.items()}
        newest = self._reader.newest
        to = self._pace.until(newest)
        patient = {n for n, until in self._patient_until.items() if self._clock.monotonic() < until}
        ready = {n for n, records in lag.items() if records == 0 or newest.get(n, 0) >= to} - patient
        self._note(self._engine.advance(to, ready))
        for number in ready & self._orphans.keys():
            # Not at the very instant: other readings of it may still be to come.
            if self._orphans[number].newest < to:
                self._send(self._orphans.pop(number).settle(self._engine))
        if to - self._swept >= SWEEP * SECOND:
            self._swept = to
            self._forget()
        self._publish(to)

    def _publish(self, at: Micros) -> None:
        """Scores are for looking at: nobody waits until they are durable."""
        records = [(score.tags["device"], SCORE.encode(score)) for score in curves(self._engine, self._curved, at)]
        self._curved = at
        if at - self._imaged >= IMAGING * SECOND:
            self._imaged = at
            records += [(key, SCORE.encode(score)) for key, score in imaging(self._engine, at)]
        if records:
            self._log.send(SCORES, records)

    def _configure(self) -> None:
        if self._live.config is self._config:
            return
        self._config = self._live.config
        now = self._clock.now()
        self._note(self._engine.configure(self._config, now))
        for number in self._checkpoint.numbers:
            self._expect(number, now)

    def _expect(self, number: int, now: Micros) -> None:
        """Begin to miss the devices of a partition that were never heard of."""
        ours = [name for name in self._config.inventory.devices if self._group(name) == number]
        for name in self._engine.expect(ours, now):
            self._checkpoint.changed(name, number)

    def _assign(self, partitions: Sequence[Partition]) -> None:
        for number in (partition.number for partition in partitions):
            recovered = recover(self._log, self._engine, number, self._metrics)
            self._checkpoint.begin(number, recovered.offsets)
            self._orphans[number] = OpenEpisodeRecovery(self._log, number)
            self._patient_until[number] = self._clock.monotonic() + self._grace
            self._send(recovered.findings)
            self._expect(number, self._clock.now())
            if not self._checkpoint.settle(PATIENCE):
                raise LogUnavailable("what follows from the state of detectors could not be written in time")
            self._checkpoint.save_all([number])
            # Since when a device is missed must be known before it is told, or a restart would tell it anew.
            if not self._checkpoint.settle(PATIENCE):
                raise LogUnavailable("the state of detectors could not be written in time")

    def _revoke(self, partitions: Sequence[Partition]) -> None:
        self._give_up([partition.number for partition in partitions])

    def _give_up(self, numbers: Sequence[int]) -> None:
        """Save, commit and forget. What cannot be saved is judged again by whoever comes."""
        if self._clock.monotonic() - self._polled <= STALE and self._checkpoint.settle(PATIENCE):
            self._checkpoint.save_all(numbers)
            if self._checkpoint.settle(PATIENCE):
                self._checkpoint.commit(self._consumer)
        gone = set(numbers)
        self._engine.forget([name for name, device in self._engine.devices.by_name.items() if device.group in gone])
        self._checkpoint.drop(numbers)
        for number in numbers:
            self._orphans.pop(number, None)
            self._patient_until.pop(number, None)
            self._reader.newest.pop(number, None)

    def _forget(self) -> None:
        """Strangers that have long been gone leave a record that says nothing."""
        names = self._engine.gone()
        for name in names:
            self._checkpoint.changed(name, self._group(name))
        self._engine.forget(names)

    def _save(self) -> None:
        now = self._clock.monotonic()
        if now - self._polled <= STALE:
            self._checkpoint.save_some(now - self._saved)
            self._checkpoint.commit(self._consumer)
        self._saved = now

    def _note(self, judged: EngineResult) -> None:
        for name in judged.changed:
            self._checkpoint.changed(name, self._group(name))
        self._metrics.values_late.inc(judged.late)
        self._metrics.values_too_large.inc(judged.unusable)
        for kind, failure in judged.failures.items():
            self._metrics.detector_failures.labels(kind).inc()
            logger.error("detector %s failed, its score is not known: %r", kind, failure, exc_info=failure)
        self._send(judged.findings)

    def _send(self, findings: Sequence[Finding]) -> None:
        if not findings:
            return
        for finding in findings:
            self._metrics.findings.labels(finding.rule, finding.edge).inc()
        for orphans in self._orphans.values():
            orphans.told(findings)
        records = [(finding.device, FINDING.encode(finding)) for finding in findings]
        self._checkpoint.told(self._log.send(FINDINGS, records), {device for device, _ in records})

    def _group(self, device: str) -> int:
        return self._log.partition(READINGS, device).number
