"""A rule of Grafana's. It never says that all is well because it could not ask.

`noDataState` and `execErrState` are Alerting for a rule that is about one thing: whether the answer is bad, empty or
an error, it is the same alert, and it stays. That needs the labels `datasource_uid` and `ref_id`, which Grafana adds
to an empty answer and to an error, and by which it would take them for other alerts, and the first for over.

A rule that is about many series cannot be kept like that: what Grafana does not see for two rounds it takes for over,
and says so (`MissingSeries`). Such rules have `ends: unknown`: nobody is told of their ends but our own notifier,
which asks for a proof (`web.alertmanager.input`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grafana.alerting.ask import INFLUX, Part
from grafana.alerting.variables import literally

FOLDER = "Wardwatch"
EVERY = 10  # seconds between two rounds of a group: the least Grafana has
CONDITION = "C"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule. `alert` is the alert's name in our words, `reach` who tells people of it: `wardwatch` or `direct`.

    `alert`, `kind` and `severity` may be templates over the labels of a series. `lasts` is for how many seconds it
    must hold. `blind` is what no answer is: `Alerting`, or `NoData` for an alert of Grafana's own.
    """

    uid: str
    title: str
    parts: Sequence[Part]
    alert: str
    severity: str
    summary: str
    why: str
    lasts: float
    kind: str = "technical"
    one: bool = True
    blind: str = "Alerting"
    reach: str = "direct"
    labels: Mapping[str, str] = field(default_factory=dict)

    def provisioned(self) -> dict[str, Any]:
        """As Grafana's file has it."""
        labels = {
            "wardwatch_alert": self.alert, "severity": self.severity, "kind": self.kind, "reach": self.reach,
            "ends": "known" if self.one else "unknown", **self.labels,
        }  # fmt: skip
        if self.one:
            labels |= {"datasource_uid": INFLUX, "ref_id": "any"}
        return {
            "uid": self.uid,
            "title": self.title,
            "condition": CONDITION,
            "data": list(self.parts),
            "noDataState": self.blind,
            "execErrState": "Error" if self.blind == "NoData" else self.blind,
            "for": span(rounds(self.lasts)),
            "labels": literally({name: text for name, text in labels.items() if text}),
            # As they are: Grafana looks for no variables here, and no `$` is in them.
            "annotations": {"summary": self.summary, "description": self.why},
        }


@dataclass(frozen=True)
class Group:
    """Rules that Grafana looks at together. Everything in a group is asked anew every so many seconds."""

    name: str
    rules: Sequence[Rule]
    every: int = EVERY

    def provisioned(self) -> dict[str, Any]:
        """As a whole file of Grafana's."""
        group = {
            "orgId": 1, "name": self.name, "folder": FOLDER, "interval": span(self.every),
            "rules": [rule.provisioned() for rule in self.rules],
        }  # fmt: skip
        return {"apiVersion": 1, "groups": [group]}


def rounds(seconds: float) -> int:
    """Up to a whole round of Grafana's: it knows nothing shorter."""
    return -(-round(seconds) // EVERY) * EVERY


def span(seconds: float) -> str:
    """`90` → `1m30s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest}s" if minutes and rest else f"{minutes}m" if minutes else f"{rest}s"
