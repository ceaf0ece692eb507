"""The alerts about the alerts: a channel that does not deliver, a file that had to be rebuilt."""

from collections.abc import Iterable, Iterator

from alerts.storage.state_file import Backlog
from alerts.text import annotations
from alerts.tracking.tracked_alert import Instant, TrackedAlert
from ward.alert import DELIVERY
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.finding import Edge, End, Finding, Kind, Severity
from ward.ids import digest, printable

REBUILT = "alerts"


def delivery_problems(
    backlogs: Iterable[Backlog], cases: Iterable[TrackedAlert], now: Instant, config: Config
) -> Iterator[Finding]:
    """Raised for a channel on which something has waited too long, cleared when nothing does any more."""
    told = {c.alert.labels.get("channel", ""): c for c in cases if c.alert.source == DELIVERY and c.alert.active}
    patience = round(config.alerting.problem_after * SECOND)
    late = {b.channel: b for b in backlogs if now.steady - b.oldest >= patience}
    for channel, backlog in late.items():
        if channel not in told:
            yield _raised(backlog, now, config)
    for channel, case in told.items():
        if channel not in late:
            yield _cleared(case, channel, now, config)


def rebuilt(aside: str, now: Instant, config: Config) -> Finding:
    """The state of the alerts was lost or torn and has been made anew from the log."""
    what = f"the file of the alerts was damaged (kept as {aside})" if aside else "the file of the alerts was missing"
    return ours(
        "state_rebuilt", REBUILT, digest(REBUILT, now.wall), now, config,
        text=f"{what} and was rebuilt from the log: what is active is told again", severity=Severity.MEDIUM,
    )  # fmt: skip


def _raised(backlog: Backlog, now: Instant, config: Config) -> Finding:
    since: Micros = now.wall - (now.steady - backlog.oldest)
    start = annotations.local(since, config.alerting.timezone, now.wall)
    text = f"channel {backlog.channel} has not delivered since {start}"
    text += f" ({backlog.waiting} waiting)" + (f": {printable(backlog.detail)}" if backlog.detail else "")
    return ours(
        "channel_problem", DELIVERY, digest(DELIVERY, backlog.channel, backlog.oldest), now, config,
        text=text, labels={"channel": backlog.channel}, onset=since,
    )  # fmt: skip


def _cleared(case: TrackedAlert, channel: str, now: Instant, config: Config) -> Finding:
    return ours(
        "channel_problem", DELIVERY, case.alert.id, now, config, edge=Edge.CLEARED, ended=End.RECOVERED,
        text=f"channel {channel} delivers again", labels={"channel": channel}, onset=case.alert.starts_at,
    )  # fmt: skip


def ours(
    rule: str,
    detector: str,
    episode: str,
    now: Instant,
    config: Config,
    *,
    text: str,
    severity: Severity = Severity.HIGH,
    edge: Edge = Edge.RAISED,
    ended: End | None = None,
    labels: dict[str, str] | None = None,
    onset: Micros | None = None,
) -> Finding:
    """A finding of the alerts about ourselves."""
    return Finding(
        episode=episode, edge=edge, rule=rule, detector=detector, kind=Kind.TECHNICAL, severity=severity,
        onset=now.wall if onset is None else onset, at=now.wall, seen=now.wall, text=text, ended=ended,
        config=config.hash, labels=labels or {},
    )  # fmt: skip
