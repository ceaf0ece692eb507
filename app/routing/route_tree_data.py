"""The route tree as JSON data: each node with its options, including inherited ones; durations in seconds."""

from collections.abc import Collection
from typing import Any

from alerts.routing.route_tree import RouteOptions
from app.routing.route_explain import addressed_channels, receiver_data
from ward.config.alerting import Alerting, Route


def route_tree_data(alerting: Alerting) -> dict[str, Any]:
    """The tree, and the inhibition rules."""
    return {
        "route": _node(alerting, addressed_channels(alerting), alerting.route, RouteOptions()),
        "inhibit": [
            {
                "source": [*map(str, rule.source)],
                "target": [*map(str, rule.target)],
                "equal": [*rule.equal],
                "while_silenced": rule.while_silenced,
            }
            for rule in alerting.inhibit
        ],
    }


def _node(alerting: Alerting, addressed: Collection[str], route: Route, inherited: RouteOptions) -> dict[str, Any]:
    here = inherited.child(route)
    return {
        "matchers": [*map(str, route.matchers)], **receiver_data(alerting, here.receiver, addressed),
        "continue": route.continue_, "group_by": [*here.group_by], "group_wait": here.group_wait,
        "group_interval": here.group_interval, "repeat_interval": here.repeat_interval, "mute": [*here.mute],
        "escalate": [
            {"after": step.after, **receiver_data(alerting, step.receiver, addressed)} for step in here.escalate
        ],
        "routes": [_node(alerting, addressed, child, here) for child in route.routes],
    }  # fmt: skip
