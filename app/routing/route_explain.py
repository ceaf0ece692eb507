"""Explains the routes of an alert: receivers, group, timing, escalations, and what inhibits it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from alerts.routing.alert_routes import route_match
from alerts.routing.route_explanation import RouteExplanation as Explained
from alerts.routing.route_explanation import explain
from alerts.routing.route_tree import matching_routes, receiver_of
from ward.alert import Alert
from ward.clock import format_span
from ward.config.alerting import Alerting, Inhibition, Matcher


@dataclass(frozen=True)
class RouteResult:
    """One matching route as the pipeline explains it, with the group of the alert."""

    alerting: Alerting
    explained: Explained
    group: str

    @property
    def reached(self) -> list[str]:
        """Its receiver, if it has a channel with an address."""
        return [name for name in (self.explained.receiver,) if usable_channels(self.alerting, name)]

    @property
    def escalated_to(self) -> list[str]:
        """The receivers of its escalations that have a channel with an address."""
        return [name for _, name, _ in self.explained.escalation if usable_channels(self.alerting, name)]

    def lines(self) -> Iterator[tuple[str, str]]:
        """The explanation: heading and text."""
        route = self.explained
        yield "route", " > ".join(route.path)
        yield "receiver", receiver_text(self.alerting, route.receiver)
        yield "group", self.group
        waits, more, again = map(format_span, (route.group_wait, route.group_interval, route.repeat_interval))
        yield "timing", f"group_wait {waits}, group_interval {more}, repeat_interval {again}"
        for after, name, _ in route.escalation:
            yield "escalation", f"after {format_span(after)} also {receiver_text(self.alerting, name)}"


def matched_routes(alerting: Alerting, alert: Alert) -> list[RouteResult]:
    """All matching routes of an alert, in the order of the tree."""
    explained, chosen = explain(alerting, alert.labels), matching_routes(alerting.route, alert.labels)
    return [
        RouteResult(alerting, explanation, route_match(alerting, choice, alert).group)
        for explanation, choice in zip(explained, chosen, strict=True)
    ]


def receiver_text(alerting: Alerting, name: str) -> str:
    """`nurses: chat, mail (no address)`."""
    found = receiver_of(alerting, name)
    addressed = usable_channels(alerting, name)
    channels = ", ".join(c if c in addressed else f"{c} (no address)" for c in found.channels)
    return f"{found.name}: {channels or 'no channel, ward screen only'}"


def inhibitions(alerting: Alerting, labels: Mapping[str, str]) -> Iterator[str]:
    """What inhibits the alert while it is active."""
    for rule in alerting.inhibit:
        if all(matcher.matches(labels) for matcher in rule.target):
            yield f"while an alert with {matchers_text(rule.source)}{_equal(rule, labels)} is active"


def matchers_text(matchers: tuple[Matcher, ...]) -> str:
    """`severity="high", ward="icu"`."""
    return ", ".join(map(str, matchers)) or "any labels"


def _equal(rule: Inhibition, labels: Mapping[str, str]) -> str:
    if not rule.equal:
        return ""
    same = ", ".join(f"{name}={labels[name]}" if labels.get(name) else name for name in rule.equal)
    return f" and the same {same}"


def usable_channels(alerting: Alerting, name: str) -> list[str]:
    """The channels of a receiver that have an address."""
    addressed = {channel.name for channel in alerting.channels if channel.has_url}
    return [channel for channel in receiver_of(alerting, name).channels if channel in addressed]
