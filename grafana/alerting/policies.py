"""The policy tree: to our notifier, which routes by itself; what Grafana tells goes down the tree of alerts.yaml.

every alert ─▶ wardwatch
  ├ reach=direct, ends=known    ─▶ the routes of alerts.yaml, with people who are told of ends too
  └ reach=direct, ends=unknown  ─▶ the same, with people who are told of beginnings only
"""

from collections.abc import Iterator
from typing import Any

from grafana.alerting.people import OURS, direct
from grafana.alerting.rule import span
from grafana.alerting.variables import literally
from ward.config.alerting import Alerting, Route
from ward.matcher import Matcher

# Ours is told again and again: what is not repeated is forgotten there, and a repeat wakes nobody.
AGAIN = "1m"
KNOWN_ENDS = ["ends", "=", "known"]
# Our names of labels that Grafana has for something of its own.
RENAMED = {"alertname": "wardwatch_alert"}


def policies(alerting: Alerting) -> dict[str, Any]:
    """As Grafana's file has them."""
    root = {
        "orgId": 1, "receiver": OURS, "group_by": ["..."], "group_wait": "1s", "group_interval": "10s",
        "repeat_interval": AGAIN,
        "routes": [_direct(alerting, ends=True), _direct(alerting, ends=False)],
    }  # fmt: skip
    return {"apiVersion": 1, "policies": [root]}


def _direct(alerting: Alerting, *, ends: bool) -> dict[str, Any]:
    matchers = [["reach", "=", "direct"], KNOWN_ENDS if ends else ["ends", "!=", "known"]]
    return _node(alerting.route, matchers, alerting.route.receiver or "", None, ends)


def _node(
    route: Route, matchers: list[list[str]], receiver: str, mute: tuple[str, ...] | None, ends: bool
) -> dict[str, Any]:
    receiver, mute = route.receiver or receiver, mute if route.mute is None else tuple(route.mute)
    said: dict[str, Any] = {"receiver": direct(receiver, ends=ends), "object_matchers": matchers}
    if route.group_by is not None:
        said["group_by"] = [RENAMED.get(label, label) for label in route.group_by]
    said |= {key: span(max(1.0, seconds)) for key, seconds in _waits(route)}
    if mute:
        # Grafana does not inherit them.
        said["mute_time_intervals"] = list(mute)
    if route.continue_:
        said["continue"] = True
    children = [
        _node(child, [_matcher(m) for m in child.matchers], receiver, mute, ends)
        for child in route.routes
        if not _of_reach(child)
    ]
    found: dict[str, Any] = literally(said)
    return found | ({"routes": children} if children else {})  # children are literal already


def _waits(route: Route) -> Iterator[tuple[str, float]]:
    for key in ("group_wait", "group_interval", "repeat_interval"):
        seconds: float | None = getattr(route, key)
        if seconds is not None:
            yield key, seconds


def _matcher(matcher: Matcher) -> list[str]:
    return [RENAMED.get(matcher.label, matcher.label), matcher.op, matcher.value]


def _of_reach(route: Route) -> bool:
    """Whether a route is about who tells: here that is decided already."""
    return any(matcher.label == "reach" for matcher in route.matchers)
