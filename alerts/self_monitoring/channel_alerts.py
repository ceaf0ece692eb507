"""The alert about a channel that does not deliver, or not to all of its recipients."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from alerts.model.delivery_result import Outcome
from alerts.model.now import Now
from alerts.model.state_changes import ChannelBacklog, ChannelRecipient
from alerts.model.tracked_alert import TrackedAlert
from alerts.self_monitoring import texts
from alerts.self_monitoring.internal_finding import active_by, internal_finding
from alerts.text.limits import LONGEST_LINE
from ward.alert import DELIVERY
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.finding import EndReason, Finding, Severity, Transition
from ward.ids import digest, printable
from ward.local_time import local_time

CHANNEL_PROBLEM = "channel-problem"
_MOST_NAMED = 3


class _Problem(NamedTuple):
    """What is wrong with a channel, since when."""

    channel: str
    since: Micros
    severity: Severity
    text: str


def channel_findings(
    backlogs: Iterable[ChannelBacklog], recipients: Iterable[ChannelRecipient], alerts: Iterable[TrackedAlert],
    now: Now, config: Config,
) -> Iterator[Finding]:  # fmt: skip
    """Raised for a channel on which a message has waited for `problem_after`, or that a recipient refuses for good.

    HIGH where nobody is reached, MEDIUM where some are; cleared when nothing waits so long and nobody refuses.
    """
    known = active_by("channel", CHANNEL_PROBLEM, DELIVERY, alerts)
    found = {problem.channel: problem for problem in _problems(backlogs, list(recipients), now, config)}
    for channel, problem in found.items():
        tracked = known.get(channel)
        if tracked is None:
            yield _finding(problem, digest(DELIVERY, channel, problem.since), now, config, Transition.RAISED)
        elif (tracked.alert.severity, tracked.alert.annotations.get("summary")) != (problem.severity, problem.text):
            since = problem._replace(since=tracked.alert.starts_at)
            yield _finding(since, tracked.alert.id, now, config, Transition.CHANGED)
    for channel, tracked in known.items():
        if channel not in found:
            yield _cleared(tracked, channel, now, config)


def _problems(
    backlogs: Iterable[ChannelBacklog], recipients: Sequence[ChannelRecipient], now: Now, config: Config
) -> Iterator[_Problem]:
    waiting = {backlog.channel: backlog for backlog in backlogs}
    problem_after = round(config.alerting.problem_after * SECOND)
    for channel in dict.fromkeys([*waiting, *(recipient.channel for recipient in recipients)]):
        of_channel = [recipient for recipient in recipients if recipient.channel == channel]
        missed = [recipient for recipient in of_channel if recipient.outcome not in ("", Outcome.DELIVERED)]
        backlog = waiting.get(channel)
        late = backlog is not None and now.steady - backlog.oldest >= problem_after
        if late or any(recipient.outcome in (Outcome.REFUSED, Outcome.NO_RECEIPT) for recipient in missed):
            yield _problem(channel, backlog if late else None, missed, len(of_channel), now, config)


def _problem(
    channel: str, backlog: ChannelBacklog | None, missed: Sequence[ChannelRecipient], count: int, now: Now,
    config: Config,
) -> _Problem:  # fmt: skip
    since = min((recipient.since for recipient in missed), default=now.wall)
    if backlog is not None:
        since = now.wall - (now.steady - backlog.oldest)
    start = local_time(since, config.alerting.timezone, now.wall)
    if missed and len(missed) < count:
        names = ", ".join(recipient.recipient for recipient in missed[:_MOST_NAMED])
        more = texts.AND_MORE(count=len(missed) - _MOST_NAMED) if len(missed) > _MOST_NAMED else ""
        text = texts.PARTLY_REACHED(
            channel=channel, names=names, more=more, since=start, reached=count - len(missed), count=count,
            reply=missed[0].reply,
        )  # fmt: skip
        return _Problem(channel, since, Severity.MEDIUM, printable(text, LONGEST_LINE))
    reply = "; ".join(f"{recipient.recipient}: {recipient.reply}" for recipient in missed[:_MOST_NAMED])
    error = backlog.error if backlog is not None and backlog.error else reply
    text = texts.NOBODY_REACHED(channel=channel, since=start, error=error and f": {error}")
    return _Problem(channel, since, Severity.HIGH, printable(text, LONGEST_LINE))


def _finding(problem: _Problem, episode: str, now: Now, config: Config, transition: Transition) -> Finding:
    return internal_finding(
        CHANNEL_PROBLEM, DELIVERY, episode, now, config, text=problem.text, severity=problem.severity,
        transition=transition, labels={"channel": problem.channel}, onset=problem.since,
    )  # fmt: skip


def _cleared(tracked: TrackedAlert, channel: str, now: Now, config: Config) -> Finding:
    return internal_finding(
        CHANNEL_PROBLEM, DELIVERY, tracked.alert.id, now, config, transition=Transition.CLEARED,
        ended=EndReason.RECOVERED,
        text=texts.DELIVERS(channel=channel), labels={"channel": channel}, onset=tracked.alert.starts_at,
    )  # fmt: skip
