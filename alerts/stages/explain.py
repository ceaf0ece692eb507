"""Who would be told: the route tree explained, for `wardwatch routes test`."""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.stages.route import choices, receiver
from ward.clock import format_span
from ward.config.alerting import Alerting


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteExplanation:
    """One way that labels lead: by which nodes, to whom, on which channels, and how patiently.

    `escalation` holds who is next while nobody has the alert: after how many seconds, the receiver, its channels.
    """

    receiver: str
    channels: tuple[str, ...]
    trail: tuple[str, ...]
    group_by: tuple[str, ...]
    wait: float
    interval: float
    repeat: float
    escalation: tuple[tuple[float, str, tuple[str, ...]], ...] = ()

    def __str__(self) -> str:
        whom = _whom(self.receiver, self.channels)
        further = "".join(f", after {format_span(after)} {_whom(name, on)}" for after, name, on in self.escalation)
        return f"{' > '.join(self.trail)} => {whom}{further}"


def explain(alerting: Alerting, labels: Mapping[str, str]) -> list[RouteExplanation]:
    """All ways of an alert with these labels, in the order of the tree."""
    return [
        RouteExplanation(
            receiver=whom.name, channels=whom.channels, trail=choice.trail, group_by=choice.group_by,
            wait=choice.wait, interval=choice.interval, repeat=choice.repeat,
            escalation=tuple(
                (step.after, step.receiver, receiver(alerting, step.receiver).channels) for step in choice.escalate
            ),
        )
        for choice in choices(alerting.route, labels)
        for whom in (receiver(alerting, choice.receiver),)
    ]  # fmt: skip


def _whom(name: str, channels: tuple[str, ...]) -> str:
    return f"{name} ({', '.join(channels) or 'screen only'})"
