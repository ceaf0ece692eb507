"""The routes of an alert: one for each receiver, with the alert group it belongs to there."""

from typing import NamedTuple

from msgspec import structs

from alerts.model.route_match import RouteMatch
from alerts.routing.route_tree import RouteOptions, matching_routes, receiver_of
from ward.alert import DELIVERY, EXTERNAL, Alert
from ward.config.alerting import Alerting
from ward.finding import Kind, Severity
from ward.severity_names import SENDER_SEVERITY

# Technical alerts are not grouped by these labels: one fault raises alerts of many beds.
_LABELS_OF_ONE_BED = frozenset({"bed", "device_id", "patient_id", "metric"})
MOST_REMEMBERED = 20_000


class AlertRoutes(NamedTuple):
    """The routes of an alert, and after how many seconds without acknowledgement which further ones are added."""

    routes: tuple[RouteMatch, ...]
    escalations: tuple[tuple[float, RouteMatch], ...]


class RouteCache:
    """The routes of alerts by one config. They are remembered: of the labels of an alert only the severity changes."""

    def __init__(self, alerting: Alerting) -> None:
        self._alerting = alerting
        self._known: dict[tuple[str, Severity, str], AlertRoutes] = {}

    def routes(self, alert: Alert) -> AlertRoutes:
        """The routes of an alert at its present severity."""
        key = (alert.id, alert.severity, alert.labels.get(SENDER_SEVERITY, ""))
        if key not in self._known:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[key] = alert_routes(self._alerting, alert)
        return self._known[key]


def alert_routes(alerting: Alerting, alert: Alert) -> AlertRoutes:
    """Follows the tree. An alert about a channel that does not deliver goes to all other channels instead."""
    if alert.source == DELIVERY:
        return AlertRoutes((_other_channels(alerting, alert),), ())
    matching = list(matching_routes(alerting.route, alert.labels))
    routes = [route_match(alerting, options, alert) for options in matching]
    escalations = [
        (step.after, route_match(alerting, options, alert, step.receiver, escalated=True))
        for options in matching
        for step in options.escalate
    ]
    # Of several routes to one receiver the first one counts.
    by_receiver = {route.receiver: route for route in reversed(routes)}
    return AlertRoutes(tuple(by_receiver.values())[::-1], tuple(escalations))


def route_match(
    alerting: Alerting, options: RouteOptions, alert: Alert, name: str = "", *, escalated: bool = False
) -> RouteMatch:
    """The route of an alert to the receiver of a node, or to `name` where an escalation of the node names another."""
    receiver = receiver_of(alerting, name or options.receiver)
    group_by = options.group_by
    if alert.kind is Kind.TECHNICAL:
        group_by = (*(label for label in group_by if label not in _LABELS_OF_ONE_BED), "alertname", "ward", "kind")
    elif "..." in group_by:
        group_by = tuple(alert.labels)
    labels = {label: alert.labels.get(label, "") for label in sorted(set(group_by) - {"..."})}
    if alert.source == EXTERNAL:
        labels["source"] = EXTERNAL  # they delay no notification of our own
    shown = ",".join(f'{label}="{value}"' for label, value in labels.items() if value)
    return RouteMatch(
        receiver=receiver.name, channels=receiver.channels, group=f"{receiver.name}{{{shown}}}",
        group_wait=options.group_wait, group_interval=options.group_interval, repeat_interval=options.repeat_interval,
        remind_interval=options.remind_interval,
        send_resolved=receiver.send_resolved, escalated=escalated, mute=options.mute,
        on_call=receiver.name if receiver.schedule else "",
    )  # fmt: skip


def _other_channels(alerting: Alerting, alert: Alert) -> RouteMatch:
    broken = alert.labels.get("channel", "")
    options = next(matching_routes(alerting.route, alert.labels))
    others = tuple(channel.name for channel in alerting.channels if channel.name != broken)
    name = f"all channels but {broken}"
    return structs.replace(route_match(alerting, options, alert), receiver=name, channels=others, group=f"{name}{{}}")
