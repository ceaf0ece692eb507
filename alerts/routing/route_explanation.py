"""Explains the route tree for given labels, for `wardwatch routes test`."""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.routing.route_tree import RouteOptions, matching_routes, receiver_of
from ward.clock import format_span
from ward.config.alerting import Alerting


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteExplanation:
    """One route of an alert: by which nodes, to which receiver on which channels, with which intervals in seconds.

    `escalation` holds who is added while nobody has acknowledged: after how many seconds, the receiver, its channels.
    """

    receiver: str
    channels: tuple[str, ...]
    path: tuple[str, ...]
    group_by: tuple[str, ...]
    group_wait: float
    group_interval: float
    repeat_interval: float
    remind_interval: float = 0.0
    escalation: tuple[tuple[float, str, tuple[str, ...]], ...] = ()

    def __str__(self) -> str:
        further = "".join(
            f", after {format_span(after)} {_with_channels(name, channels)}"
            for after, name, channels in self.escalation
        )
        return f"{' > '.join(self.path)} => {_with_channels(self.receiver, self.channels)}{further}"


def explain(alerting: Alerting, labels: Mapping[str, str]) -> list[RouteExplanation]:
    """All routes of an alert with these labels, in the order of the tree."""
    return [_explained(alerting, options) for options in matching_routes(alerting.route, labels)]


def _explained(alerting: Alerting, options: RouteOptions) -> RouteExplanation:
    receiver = receiver_of(alerting, options.receiver)
    return RouteExplanation(
        receiver=receiver.name, channels=receiver.channels, path=options.path, group_by=options.group_by,
        group_wait=options.group_wait, group_interval=options.group_interval,
        repeat_interval=options.repeat_interval, remind_interval=options.remind_interval,
        escalation=tuple(
            (step.after, step.receiver, receiver_of(alerting, step.receiver).channels) for step in options.escalate
        ),
    )  # fmt: skip


def _with_channels(name: str, channels: tuple[str, ...]) -> str:
    return f"{name} ({', '.join(channels) or 'screen only'})"
