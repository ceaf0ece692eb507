"""Many ended alerts, counted by rule: nothing is left out."""

from collections.abc import Iterable

from ward.finding import Severity
from web.reports.times import seconds_between
from web.schemas import AlertSchema, RuleCountSchema


def by_rule(alerts: Iterable[AlertSchema]) -> list[RuleCountSchema]:
    """One count for each rule, the gravest first and then the most frequent."""
    found: dict[str, list[AlertSchema]] = {}
    for alert in alerts:
        found.setdefault(alert["name"], []).append(alert)
    return sorted(
        (_count(name, of) for name, of in found.items()), key=lambda one: (-_rank(one["severity"]), -one["count"])
    )


def peak(alert: AlertSchema) -> str:
    """The highest severity that an alert has had."""
    return alert["peak_severity"] or alert["severity"]


def _count(name: str, alerts: list[AlertSchema]) -> RuleCountSchema:
    gravest = max(alerts, key=lambda alert: (_rank(peak(alert)), alert["since"]))
    return {
        "name": name, "severity": peak(gravest), "count": len(alerts),
        "unacknowledged": sum(alert["ack"] is None for alert in alerts), "longest_s": max(map(_duration, alerts)),
        "first": min(alert["since"] for alert in alerts), "last": max(alert["since"] for alert in alerts),
        "text": gravest["peak_text"] or gravest["text"],
    }  # fmt: skip


def _duration(alert: AlertSchema) -> float:
    return seconds_between(alert["since"], alert["ends"] or alert["updated"])


def _rank(severity: str) -> int:
    return Severity(severity).rank if severity in Severity.__members__.values() else 0
