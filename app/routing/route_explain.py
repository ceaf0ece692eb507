"""Explains the routes of an alert: receivers, group, timing, escalations, and what inhibits it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from alerts.routing.alert_routes import route_match
from alerts.routing.route_explanation import RouteExplanation as Explained
from alerts.routing.route_explanation import explain
from alerts.routing.route_tree import matching_routes, receiver_of
from ward.alert import Alert
from ward.clock import format_span
from ward.config.alerting import Alerting, Inhibition, Matcher
from ward.config.schedules import possible_channels


@dataclass(frozen=True)
class RouteResult:
    """One matching route as the pipeline explains it, with the group of the alert."""

    alerting: Alerting
    explained: Explained
    group: str
    addressed: Collection[str]

    @property
    def reached(self) -> list[str]:
        """Its receiver, if it has a channel with an address."""
        return [name for name in (self.explained.receiver,) if self._usable(name)]

    @property
    def escalated_to(self) -> list[str]:
        """The receivers of its escalations that have a channel with an address."""
        return [name for _, name, _ in self.explained.escalation if self._usable(name)]

    @property
    def unaddressed(self) -> list[str]:
        """The channels of all its receivers that have no address."""
        names = (self.explained.receiver, *(name for _, name, _ in self.explained.escalation))
        channels = [channel for name in names for channel in _channels(self.alerting, name)]
        return [channel for channel in dict.fromkeys(channels) if channel not in self.addressed]

    def lines(self) -> Iterator[tuple[str, str]]:
        """The explanation: heading and text."""
        route = self.explained
        yield "route", " > ".join(route.path)
        yield "receiver", receiver_text(self.alerting, route.receiver, self.addressed)
        yield "group", self.group
        waits, more, again = map(format_span, (route.group_wait, route.group_interval, route.repeat_interval))
        yield "timing", f"group_wait {waits}, group_interval {more}, repeat_interval {again}"
        if route.remind_interval:
            yield "reminder", f"every {format_span(route.remind_interval)} while it is acknowledged and still active"
        for after, name, _ in route.escalation:
            yield "escalation", f"after {format_span(after)} also {receiver_text(self.alerting, name, self.addressed)}"

    def data(self) -> dict[str, Any]:
        """The explanation as JSON data, durations in seconds."""
        route = self.explained
        return {
            "path": list(route.path), **receiver_data(self.alerting, route.receiver, self.addressed),
            "group": self.group, "group_wait": route.group_wait, "group_interval": route.group_interval,
            "repeat_interval": route.repeat_interval,
            "escalate": [
                {"after": after, **receiver_data(self.alerting, name, self.addressed)}
                for after, name, _ in route.escalation
            ],
        }  # fmt: skip

    def _usable(self, name: str) -> bool:
        return any(channel in self.addressed for channel in _channels(self.alerting, name))


def matched_routes(alerting: Alerting, alert: Alert, addressed: Collection[str]) -> list[RouteResult]:
    """All matching routes of an alert, in the order of the tree. `addressed` are the channels that have an address."""
    explained, chosen = explain(alerting, alert.labels), matching_routes(alerting.route, alert.labels)
    return [
        RouteResult(alerting, explanation, route_match(alerting, choice, alert).group, addressed)
        for explanation, choice in zip(explained, chosen, strict=True)
    ]


def receiver_text(alerting: Alerting, name: str, addressed: Collection[str]) -> str:
    """`nurses: chat, mail (no address)`; `on_call: whoever is on call by schedule physicians, otherwise sms`."""
    found = receiver_of(alerting, name)
    channels = ", ".join(c if c in addressed else f"{c} (no address)" for c in found.channels)
    if found.schedule:
        return f"{found.name}: whoever is on call by schedule {found.schedule}, otherwise {channels}"
    return f"{found.name}: {channels or 'no channel, ward screen only'}"


def _channels(alerting: Alerting, name: str) -> tuple[str, ...]:
    return possible_channels(alerting, receiver_of(alerting, name))


def receiver_data(alerting: Alerting, name: str, addressed: Collection[str]) -> dict[str, Any]:
    """A receiver with its channels, as JSON data."""
    found = receiver_of(alerting, name)
    channels = [{"name": channel, "address": channel in addressed} for channel in found.channels]
    return {"receiver": name, "channels": channels, "schedule": found.schedule}


def inhibitions(alerting: Alerting, labels: Mapping[str, str]) -> Iterator[str]:
    """What inhibits the alert while it is active."""
    for rule in alerting.inhibit:
        if all(matcher.matches(labels) for matcher in rule.target):
            yield f"while an alert with {matchers_text(rule.source)}{_equal(rule, labels)} is {in_force(rule)}"


def in_force(rule: Inhibition) -> str:
    """The state of a source in which it mutes the targets of a rule."""
    return "active" if rule.while_silenced else "active and not silenced"


def matchers_text(matchers: tuple[Matcher, ...]) -> str:
    """`severity="high", ward="icu"`."""
    return ", ".join(map(str, matchers)) or "any labels"


def _equal(rule: Inhibition, labels: Mapping[str, str]) -> str:
    if not rule.equal:
        return ""
    same = ", ".join(f"{name}={labels[name]}" if labels.get(name) else name for name in rule.equal)
    return f" and the same {same}"


def addressed_channels(alerting: Alerting) -> frozenset[str]:
    """The channels that have an address in this environment."""
    return frozenset(channel.name for channel in alerting.channels if channel.has_url)
