"""The alert about a channel that does not deliver."""

from collections.abc import Iterable, Iterator

from alerts.model.now import Now
from alerts.model.state_changes import ChannelBacklog
from alerts.model.tracked_alert import TrackedAlert
from alerts.self_monitoring.internal_finding import internal_finding
from ward.alert import DELIVERY
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.finding import EndReason, Finding, Transition
from ward.ids import digest, printable
from ward.local_time import local_time

CHANNEL_PROBLEM = "channel-problem"


def channel_findings(
    backlogs: Iterable[ChannelBacklog], alerts: Iterable[TrackedAlert], now: Now, config: Config
) -> Iterator[Finding]:
    """Raised for a channel on which a message has waited for `problem_after`, cleared when none does any more."""
    known = {t.alert.labels.get("channel", ""): t for t in alerts if t.alert.source == DELIVERY and t.alert.active}
    problem_after = round(config.alerting.problem_after * SECOND)
    failing = {b.channel: b for b in backlogs if now.steady - b.oldest >= problem_after}
    for channel, backlog in failing.items():
        if channel not in known:
            yield _raised(backlog, now, config)
    for channel, tracked in known.items():
        if channel not in failing:
            yield _cleared(tracked, channel, now, config)


def _raised(backlog: ChannelBacklog, now: Now, config: Config) -> Finding:
    since: Micros = now.wall - (now.steady - backlog.oldest)
    start = local_time(since, config.alerting.timezone, now.wall)
    waiting = f"{backlog.waiting} message{'s' if backlog.waiting > 1 else ''} waiting"
    error = f": {printable(backlog.error)}" if backlog.error else ""
    text = f"Channel {backlog.channel} has delivered nothing since {start} ({waiting}), watch the ward screen{error}"
    return internal_finding(
        CHANNEL_PROBLEM, DELIVERY, digest(DELIVERY, backlog.channel, backlog.oldest), now, config,
        text=text, labels={"channel": backlog.channel}, onset=since,
    )  # fmt: skip


def _cleared(tracked: TrackedAlert, channel: str, now: Now, config: Config) -> Finding:
    return internal_finding(
        CHANNEL_PROBLEM, DELIVERY, tracked.alert.id, now, config, transition=Transition.CLEARED,
        ended=EndReason.RECOVERED,
        text=f"Channel {channel} delivers again", labels={"channel": channel}, onset=tracked.alert.starts_at,
    )  # fmt: skip
