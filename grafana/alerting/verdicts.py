"""Rules (a): our alerts as data. The detectors decide; Grafana repeats it, and our notifier knows it already.

Each alert has one series in `active_alerts` whatever its severity. `rank` is 0 only where an end was written. An alert
that is no longer written keeps its last rank: nothing here ends because data are missing.
"""

from grafana.alerting.ask import DAY, math, question, reduce
from grafana.alerting.rule import CONDITION, Group, Rule
from ward.finding import Severity

# How long the newest word about an alert is looked for: as long as the store keeps it.
KEPT = 30 * DAY
LABELS = ("wardwatch_alert", "ward", "bed", "device_id", "metric", "kind", "program")
QUERY = (
    'SELECT last("rank") FROM "autogen"."active_alerts" WHERE $timeFilter GROUP BY '
    + ", ".join(f'"{label}"' for label in LABELS)
)  # fmt: skip


def verdicts() -> Group:
    """One rule a severity."""
    return Group("Verdicts of the detectors", [_rule(severity) for severity in Severity])


def _rule(severity: Severity) -> Rule:
    return Rule(
        uid=f"ward-verdict-{severity}",
        title=f"{str(severity).upper()} alerts of Wardwatch",
        parts=[question("A", QUERY, KEPT), reduce("B", "A", "last"), math(CONDITION, f"${{B}} == {severity.rank}")],
        alert="",  # the series' own label, and its kind
        kind="",
        severity=str(severity),
        summary="{{ if .Labels.bed }}{{ .Labels.bed }}{{ else }}{{ .Labels.ward }} {{ .Labels.device_id }}{{ end }}: "
        "{{ .Labels.wardwatch_alert }} {{ .Labels.metric }}",
        why="What the detectors found, as Wardwatch wrote it. It ends when Wardwatch writes that it is over: how, is "
        "on the ward screen. When nothing is written any more it stays, and the rules about the pipeline say why.",
        # Decided already, with a `for:` of its own, and over at a recovery limit of its own.
        lasts=0,
        one=False,
        blind="NoData",
        reach="echo",
    )
