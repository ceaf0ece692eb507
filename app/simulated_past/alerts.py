"""The alerts of a simulated past: its findings through the same pipeline as live ones, with simulated acknowledgements.

findings, acknowledgements ─▶ log in memory ─▶ pipeline, in virtual time ─▶ alerts

The log, the state file and the outbox are temporary: nothing of it can be sent.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from alerts.pipeline import Pipeline
from alerts.storage.outbox_file import OutboxFile
from alerts.storage.state_file import StateFile
from alerts.tracking.apply_finding import latches
from simulators.random_streams import generator
from ward.action import Action, ActionType
from ward.adapters.memory.log import MemoryLog
from ward.alert import Alert, alert_labels
from ward.clock import SECOND, ManualClock, Micros
from ward.config.config import Config
from ward.config.live_config import FixedConfig
from ward.finding import EndReason, Finding, Kind, Severity, Transition
from ward.ids import digest
from ward.metrics import Metrics
from ward.severity_names import SEVERITY
from ward.topics import ACTIONS, ALERTS, FINDINGS
from ward.wire import ACTION_WIRE, ALERT_WIRE, FINDING_WIRE

# Seconds after an event at which the pipeline runs again: for groups that wait, and for escalations.
_RUN_AFTER = (12.0, 40.0, 130.0, 620.0)
# By severity: the share of alerts that is acknowledged, and the earliest and the latest time of it in seconds.
_ACKNOWLEDGED = {
    Severity.HIGH: (0.95, 25.0, 150.0),
    Severity.MEDIUM: (0.8, 60.0, 420.0),
    Severity.LOW: (0.35, 180.0, 1500.0),
}

_Event = tuple[Micros, str, str, bytes]  # when, topic, key, message


def history(config: Config, findings: Sequence[Finding], staff: Sequence[str], seed: int) -> Iterator[list[Alert]]:
    """All states of the alerts that have ended by the end of the findings, in parts."""
    ordered = sorted(findings, key=lambda finding: finding.received_at)
    acknowledged = _acknowledgements(ordered, config, staff, seed)
    events = sorted([*map(_found, ordered), *acknowledged], key=lambda event: event[0])
    if not events:
        return
    log, clock = MemoryLog(most=100_000), ManualClock(events[0][0] - SECOND)
    with TemporaryDirectory() as folder, closing(_PipelineRun(Path(folder), log, config, clock)) as run:
        run.run_until(clock.now())
        for i, (at, topic, key, message) in enumerate(events):
            following = events[i + 1][0] if i + 1 < len(events) else at + round(2 * _RUN_AFTER[-1] * SECOND)
            clock.advance(max(0, at - clock.now()) / SECOND)
            log.send(topic, [(key, message)])
            for later in (0.0, *_RUN_AFTER):
                if (instant := at + round(later * SECOND)) < following or not later:
                    run.run_until(instant)
            yield []
    yield list(_ended(log))


class _PipelineRun:
    """The pipeline, and an outbox whose entries are marked as delivered at once. Nothing is sent."""

    def __init__(self, folder: Path, log: MemoryLog, config: Config, clock: ManualClock) -> None:
        self._clock = clock
        state = StateFile.in_folder(folder, clock.now(), durable=False)
        self._pipeline = Pipeline(log, FixedConfig(config), state, clock, Metrics())
        self._outbox = OutboxFile.in_folder(folder, durable=False)
        self._channels = [channel.name for channel in config.alerting.channels]

    def run_until(self, instant: Micros) -> None:
        self._clock.advance(max(0, instant - self._clock.now()) / SECOND)
        self._pipeline.step(0)
        for channel in self._channels:
            for entry in list(self._outbox.waiting(channel)):
                self._outbox.delivered(entry)

    def close(self) -> None:
        self._outbox.close()
        self._pipeline.close()


def _found(finding: Finding) -> _Event:
    return finding.received_at, FINDINGS, finding.device, FINDING_WIRE.encode(finding)


def _acknowledgements(findings: Sequence[Finding], config: Config, staff: Sequence[str], seed: int) -> Iterator[_Event]:
    """The acknowledgements: the higher the severity, the sooner. What has ended is acknowledged where it is latched."""
    episodes: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.transition is not Transition.UPDATED:
            episodes[finding.episode].append(finding)
    for course in episodes.values():
        yield from _of_episode(course, config, staff, seed)


def _of_episode(course: Sequence[Finding], config: Config, staff: Sequence[str], seed: int) -> Iterator[_Event]:
    """The acknowledgements of one episode: perhaps one while it lasts, and the one that a latched alert waits for."""
    first, over = course[0], course[-1]
    share, soonest, latest = _ACKNOWLEDGED[first.severity]
    random = generator(seed, "acknowledged", first.episode)
    at = first.received_at + round(random.uniform(soonest, latest) * SECOND)
    by = staff[int(random.integers(len(staff)))]
    wanted = random.uniform() < (share if first.kind is Kind.PHYSIOLOGICAL else share / 2)
    acknowledged = wanted and at < over.received_at
    if acknowledged:
        yield _acknowledgement(first.episode, by, at)
    risen = max((b.received_at for a, b in pairwise(course) if b.severity.rank > a.severity.rank), default=0)
    if _stays(course, config, acknowledged=acknowledged and at >= risen):
        _, soonest, latest = _ACKNOWLEDGED[Severity.HIGH]
        later = over.received_at + round(random.uniform(soonest, latest) * SECOND)
        yield _acknowledgement(first.episode, by, later)


def _stays(course: Sequence[Finding], config: Config, *, acknowledged: bool) -> bool:
    """Whether an episode leaves a latched alert behind."""
    over, peak = course[-1], max((finding.severity for finding in course), key=lambda severity: severity.rank)
    lost = over.ended is EndReason.SIGNAL_LOST and over.kind is Kind.PHYSIOLOGICAL
    labels = {**alert_labels(over), SEVERITY: str(peak)}
    return lost or (not acknowledged and latches(labels, over.ended or EndReason.RECOVERED, config))


def _acknowledgement(episode: str, by: str, at: Micros) -> _Event:
    action = Action(
        id=digest("simulated", episode, at), type=ActionType.ACKNOWLEDGE, subject=episode, by=by, at=at
    )  # fmt: skip
    return at, ACTIONS, episode, ACTION_WIRE.encode(action)


def _ended(log: MemoryLog) -> Iterator[Alert]:
    found = [
        alert
        for partition in log.partitions(ALERTS)
        for batch in log.scan(partition)
        for alert in ALERT_WIRE.decode_many(batch.values)
        if isinstance(alert, Alert)
    ]
    last = {alert.id: alert for alert in found}
    yield from (alert for alert in found if not last[alert.id].active)
