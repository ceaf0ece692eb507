"""An alert rule of Grafana. It never reports that all is well because it could not read the data.

A rule about one thing has `noDataState` and `execErrState` *Alerting*: whether the answer is bad, empty or an error,
it is the same alert, and it stays. That takes the labels `datasource_uid` and `ref_id`. Grafana adds them to an empty
answer and to an error; without them in the rule it would see another alert, and resolve the first one.

A rule about many series cannot do that: Grafana resolves an alert whose series is missing for two evaluations
(`MissingSeries`). Such a rule has `ends: unknown`: only Wardwatch's notifier gets its ends, and asks for a proof
(`web.alertmanager.input`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grafana.alerting.rules.parts import INFLUX, Part
from grafana.alerting.variables import all_literal
from ward.grafana_labels import GRAFANA, NOTIFIER

FOLDER = "Wardwatch"
EVALUATION_INTERVAL = 10  # seconds: the shortest that Grafana has
CONDITION = "C"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule. `alert` is the name of the alert; `notifier` notifies people of it: `wardwatch`, `grafana` or `none`.

    `alert`, `kind` and `severity` may be templates over the labels of a series. `for_` is for how many seconds the
    condition must hold. `single` is a rule about one thing. `no_data` is the state without an answer: `Alerting`, or
    `NoData` for an alert of Grafana's own.
    """

    uid: str
    title: str
    parts: Sequence[Part]
    alert: str
    severity: str
    summary: str
    description: str
    for_: float
    kind: str = "technical"
    single: bool = True
    no_data: str = "Alerting"
    notifier: str = GRAFANA
    labels: Mapping[str, str] = field(default_factory=dict)

    def provisioned(self) -> dict[str, Any]:
        """The rule in Grafana's file."""
        labels = {
            "wardwatch_alert": self.alert, "severity": self.severity, "kind": self.kind, NOTIFIER: self.notifier,
            "ends": "known" if self.single else "unknown", **self.labels,
        }  # fmt: skip
        if self.single:
            labels |= {"datasource_uid": INFLUX, "ref_id": "any"}
        return {
            "uid": self.uid,
            "title": self.title,
            "condition": CONDITION,
            "data": list(self.parts),
            "noDataState": self.no_data,
            "execErrState": "Error" if self.no_data == "NoData" else self.no_data,
            "for": duration(whole_evaluations(self.for_)),
            "labels": all_literal({name: text for name, text in labels.items() if text}),
            # Grafana replaces no variables here, and there is no `$` in the texts.
            "annotations": {"summary": self.summary, "description": self.description},
        }


@dataclass(frozen=True)
class RuleGroup:
    """Rules that Grafana evaluates together, every `interval` seconds."""

    name: str
    rules: Sequence[Rule]
    interval: int = EVALUATION_INTERVAL

    def provisioned(self) -> dict[str, Any]:
        """The content of Grafana's file with this group."""
        group = {
            "orgId": 1, "name": self.name, "folder": FOLDER, "interval": duration(self.interval),
            "rules": [rule.provisioned() for rule in self.rules],
        }  # fmt: skip
        return {"apiVersion": 1, "groups": [group]}


def whole_evaluations(seconds: float) -> int:
    """Seconds, rounded up to a multiple of the shortest interval."""
    return -(-round(seconds) // EVALUATION_INTERVAL) * EVALUATION_INTERVAL


def duration(seconds: float) -> str:
    """`90` → `1m30s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest}s" if minutes and rest else f"{minutes}m" if minutes else f"{rest}s"
