"""The notification policies: every alert goes to Wardwatch's notifier, which has routes of its own.

What Grafana notifies itself goes down the routes of alerts.yaml:

every alert ─▶ wardwatch
  ├ notifier=grafana, ends=known    ─▶ the routes of alerts.yaml, with contact points that are notified of ends too
  └ notifier=grafana, ends=unknown  ─▶ the same routes, with contact points that are not notified of ends
"""

from collections.abc import Iterator
from typing import Any

from grafana.alerting.contact_points import WARDWATCH, direct
from grafana.alerting.rules.rule import duration
from grafana.alerting.variables import all_literal
from ward.config.alerting import Alerting, Route
from ward.finding import Severity
from ward.grafana_labels import GRAFANA, NOTIFIER
from ward.matcher import Matcher
from ward.regular_expression import full_match
from ward.severity_names import SEVERITY

# The notifier forgets an alert that is not repeated. A repeat notifies nobody.
REPEAT_INTERVAL = "1m"
KNOWN_ENDS = ["ends", "=", "known"]
# Labels that have another name in Grafana, which uses the name for something of its own.
GRAFANA_LABELS = {"alertname": "wardwatch_alert"}


def policies(alerting: Alerting) -> dict[str, Any]:
    """The content of Grafana's file."""
    root = {
        "orgId": 1, "receiver": WARDWATCH, "group_by": ["..."], "group_wait": "1s", "group_interval": "10s",
        "repeat_interval": REPEAT_INTERVAL,
        "routes": [_direct(alerting, ends=True), _direct(alerting, ends=False)],
    }  # fmt: skip
    return {"apiVersion": 1, "policies": [root]}


def _direct(alerting: Alerting, *, ends: bool) -> dict[str, Any]:
    matchers = [[NOTIFIER, "=", GRAFANA], KNOWN_ENDS if ends else ["ends", "!=", "known"]]
    return _policy(alerting.route, matchers, alerting.route.receiver or "", None, ends)


def _policy(
    route: Route, matchers: list[list[str]], receiver: str, mute: tuple[str, ...] | None, ends: bool
) -> dict[str, Any]:
    receiver, mute = route.receiver or receiver, mute if route.mute is None else tuple(route.mute)
    policy: dict[str, Any] = {"receiver": direct(receiver, ends=ends), "object_matchers": matchers}
    if route.group_by is not None:
        policy["group_by"] = [GRAFANA_LABELS.get(label, label) for label in route.group_by]
    policy |= {key: duration(max(1.0, seconds)) for key, seconds in _intervals(route)}
    if mute:
        # In Grafana a policy does not inherit the mute timings of its parent.
        policy["mute_time_intervals"] = list(mute)
    if route.continue_:
        policy["continue"] = True
    children = [
        _policy(child, [_matcher(m) for m in child.matchers], receiver, mute, ends)
        for child in route.routes
        if not _matches_notifier(child)
    ]
    found: dict[str, Any] = all_literal(policy)
    return found | ({"routes": children} if children else {})  # children are literal already


def _intervals(route: Route) -> Iterator[tuple[str, float]]:
    for key in ("group_wait", "group_interval", "repeat_interval"):
        seconds: float | None = getattr(route, key)
        if seconds is not None:
            yield key, seconds


def _matcher(matcher: Matcher) -> list[str]:
    return [GRAFANA_LABELS.get(matcher.label, matcher.label), matcher.op, _value(matcher)]


def _value(matcher: Matcher) -> str:
    """The value in Grafana, where the severities of our rules have our names alone."""
    if matcher.label != SEVERITY or matcher.op in ("=", "!="):
        return matcher.value
    wanted = Matcher(SEVERITY, "=~", matcher.value)
    matched = [severity for severity in Severity if wanted.matches({SEVERITY: severity})]
    exact = [severity for severity in Severity if full_match(matcher.value, severity)]
    return matcher.value if matched == exact else "|".join(matched)


def _matches_notifier(route: Route) -> bool:
    """Whether the route depends on who notifies: for alerts on this way it is always Grafana."""
    return any(matcher.label == NOTIFIER for matcher in route.matchers)
