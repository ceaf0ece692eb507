"""The alert about another system that posts more alerts than it may have active."""

from collections.abc import Collection, Iterable, Iterator

from alerts.model.internal_sources import SENDERS
from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.self_monitoring import texts
from alerts.self_monitoring.internal_finding import active_by, internal_finding
from ward.config.config import Config
from ward.finding import EndReason, Finding, Transition
from ward.ids import digest, printable

SENDER_LIMIT = "sender-limit"


def sender_findings(
    refused: Collection[str], full: Collection[str], alerts: Iterable[TrackedAlert], now: Now, config: Config
) -> Iterator[Finding]:
    """Raised for a sender whose alerts are refused, cleared when it has room again: after a restart, too, when
    `refused` is empty and `full` is counted anew."""
    known = active_by("sender", SENDER_LIMIT, SENDERS, alerts)
    for sender in refused:
        name = _shown(sender)
        if name not in known:
            text = texts.SENDER_LIMIT(sender=name, limit=config.alerting.external_limit)
            episode = digest(SENDERS, name, now.wall)
            yield internal_finding(SENDER_LIMIT, SENDERS, episode, now, config, text=text, labels={"sender": name})
    names = {_shown(sender) for sender in full}
    for name, tracked in known.items():
        if name not in names:
            yield internal_finding(
                SENDER_LIMIT, SENDERS, tracked.alert.id, now, config, transition=Transition.CLEARED,
                ended=EndReason.RECOVERED, text=texts.SENDER_TAKEN(sender=name), labels={"sender": name},
                onset=tracked.alert.starts_at,
            )  # fmt: skip


def _shown(sender: str) -> str:
    return printable(sender, 80) or texts.UNNAMED_SENDER
