"""The route tree as text: each node with its options, including inherited ones."""

from collections.abc import Collection, Iterator

from alerts.routing.route_tree import RouteOptions
from app.routing.route_explain import addressed_channels, in_force, matchers_text, receiver_text
from ward.clock import format_span
from ward.config.alerting import Alerting, Route


def route_tree_lines(alerting: Alerting) -> Iterator[str]:
    """The nodes, indented by depth; then the inhibition rules."""
    yield from _node(alerting, addressed_channels(alerting), alerting.route, RouteOptions(), "")
    for rule in alerting.inhibit:
        same = f" with the same {', '.join(rule.equal)}" if rule.equal else ""
        yield f"inhibited: {matchers_text(rule.target)}, while {matchers_text(rule.source)} is {in_force(rule)}{same}"


def _node(
    alerting: Alerting, addressed: Collection[str], route: Route, inherited: RouteOptions, indent: str
) -> Iterator[str]:
    here = inherited.child(route)
    on = ", continue" if route.continue_ else ""
    yield f"{indent}{here.path[-1]} => {receiver_text(alerting, here.receiver, addressed)}{on}"
    yield (
        f"{indent}    group_by {', '.join(here.group_by) or 'nothing'}; group_wait {format_span(here.group_wait)}, "
        f"group_interval {format_span(here.group_interval)}, repeat_interval {format_span(here.repeat_interval)}"
        + (f", remind_interval {format_span(here.remind_interval)}" if here.remind_interval else "")
    )
    for step in here.escalate:
        yield f"{indent}    after {format_span(step.after)} also {receiver_text(alerting, step.receiver, addressed)}"
    for child in route.routes:
        yield from _node(alerting, addressed, child, here, f"{indent}  ")
