"""The route tree of `alerts.yaml`, walked as Alertmanager walks its own: down to the deepest nodes that match."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ward.config.alerting import Alerting, Escalation, Receiver, Route

EVERYONE = "everyone"


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteOptions:
    """What holds at a node of the tree: receiver, grouping, intervals in seconds, escalation, mute times.

    `path` names the nodes from the root to this one by their matchers.
    """

    receiver: str = ""
    group_by: tuple[str, ...] = ("ward", "bed")
    group_wait: float = 10.0
    group_interval: float = 60.0
    repeat_interval: float = 600.0
    remind_interval: float = 0.0
    escalate: tuple[Escalation, ...] = ()
    mute: tuple[str, ...] = ()
    path: tuple[str, ...] = ()

    def child(self, route: Route) -> "RouteOptions":
        """What holds at a node below this one: its own settings, and what it inherits."""
        return RouteOptions(
            receiver=route.receiver or self.receiver,
            group_by=self.group_by if route.group_by is None else route.group_by,
            group_wait=_own_or_inherited(route.group_wait, self.group_wait),
            group_interval=_own_or_inherited(route.group_interval, self.group_interval),
            repeat_interval=_own_or_inherited(route.repeat_interval, self.repeat_interval),
            remind_interval=_own_or_inherited(route.remind_interval, self.remind_interval),
            escalate=self.escalate if route.escalate is None else route.escalate,
            mute=self.mute if route.mute is None else route.mute,
            path=(*self.path, ", ".join(str(m) for m in route.matchers) or "root"),
        )


def matching_routes(
    route: Route, labels: Mapping[str, str], inherited: RouteOptions | None = None
) -> Iterator[RouteOptions]:
    """The deepest nodes that match the labels, first to last; at least one, for the root matches everything."""
    here = (inherited or RouteOptions()).child(route)
    found = False
    for child in route.routes:
        if all(matcher.matches(labels) for matcher in child.matchers):
            found = True
            yield from matching_routes(child, labels, here)
            if not child.continue_:
                return
    if not found:
        yield here


def receiver_of(alerting: Alerting, name: str) -> Receiver:
    """The receiver of that name. An unknown or empty name is every channel, so that no alert is lost by a mistake."""
    for known in alerting.receivers:
        if known.name == name:
            return known
    return Receiver(name=EVERYONE, channels=tuple(channel.name for channel in alerting.channels))


def _own_or_inherited(own: float | None, inherited: float) -> float:
    return inherited if own is None else own
