"""The pipeline: findings and deeds in, alerts and notices out."""

from pathlib import Path

from alerts.fold import acknowledge, fold
from alerts.outbox import Outbox
from ward.action import Action, Deed
from ward.alert import Ack, Alert
from ward.clock import Clock
from ward.config.config import Config
from ward.finding import Finding
from ward.metrics import Metrics
from ward.ports import Log, Notice, Partition, Receipt
from ward.topics import ACTIONS, ALERTS, FINDINGS
from ward.wire import ACTION, ALERT, FINDING

GROUP = "alerts"


class Pipeline:
    """A part: folds what has come, publishes the alerts that changed, and puts what must be told into the outbox."""

    def __init__(self, log: Log, outbox: Outbox, config: Config, clock: Clock, metrics: Metrics) -> None:
        self._log = log
        self._outbox = outbox
        self._config = config
        self._metrics = metrics
        self._consumer = log.consumer([FINDINGS, ACTIONS], GROUP)
        self._alerts: dict[str, Alert] = {}
        for partition in log.partitions(ALERTS):
            for batch in log.scan(partition):
                for alert in ALERT.decode_many(batch.values):
                    if isinstance(alert, Alert):
                        self._alerts[alert.id] = alert
        self._receipts: list[Receipt] = []
        self._positions: dict[Partition, int] = {}

    def step(self, wait: float, limit: int = 1000) -> int:
        if not all(receipt.settled(wait) for receipt in self._receipts):
            return 0
        if self._positions:
            self._consumer.commit(self._positions)
        self._receipts, self._positions = [], {}
        done = 0
        for batch in self._consumer.poll(limit, wait):
            wire = FINDING if batch.partition.topic == FINDINGS else ACTION
            for message in wire.decode_many(batch.values):
                self._take(message)
            self._positions[batch.partition] = batch.offsets[-1] + 1
            done += len(batch)
        return done

    def close(self) -> None:
        self._consumer.close()

    def _take(self, message: object) -> None:
        if isinstance(message, Finding):
            self._change(fold(self._alerts.get(message.episode), message, self._config))
        elif isinstance(message, Action) and message.deed is Deed.ACKNOWLEDGE and message.subject in self._alerts:
            ack = Ack(by=message.by, at=message.at, note=message.note)
            self._change(acknowledge(self._alerts[message.subject], ack))

    def _change(self, alert: Alert) -> None:
        before = self._alerts.get(alert.id)
        if alert == before:
            return
        self._alerts[alert.id] = alert
        self._receipts.append(self._log.send(ALERTS, [(alert.fingerprint, ALERT.encode(alert))]))
        if before is None or before.state is not alert.state or before.severity is not alert.severity:
            self._tell(alert)

    def _tell(self, alert: Alert) -> None:
        word = str(alert.severity).upper() if alert.active else f"ENDED ({alert.ended})"
        lines = [f"{name}: {value}" for name, value in (alert.labels | alert.annotations).items()]
        notice = Notice(
            key=f"{alert.id}-{alert.state}-{alert.severity}",
            subject=f"{word} {alert.annotations['summary']}",
            body="\n".join(lines),
        )
        for channel in self._config.alerting.channels:
            self._outbox.put(channel.name, notice, alert.severity.rank)
        self._metrics.alerts.labels("begun" if alert.active else "ended").inc()


def open_outbox(data: Path, clock: Clock) -> Outbox:
    """The outbox in its usual place."""
    return Outbox(data / "outbox.db", clock)
