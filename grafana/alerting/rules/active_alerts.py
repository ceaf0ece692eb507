"""The alerts of Wardwatch as alerts of Grafana. Detectors raise and end them; Grafana repeats their state.

Each alert has one series in `active_alerts` whatever its severity. `rank` is 0 only where an end was written. An alert
that is no longer written keeps its last rank: nothing here ends because data are missing. Alerts that another system
has posted are left out: Grafana's own would come back to Wardwatch as further ones.
"""

from grafana.alerting.rules.parts import DAY, math, query, reduce
from grafana.alerting.rules.rule import CONDITION, Rule, RuleGroup
from ward.finding import Severity
from ward.grafana_labels import NO_NOTIFIER

# How far back the newest state of an alert is looked for: as long as the store keeps it.
RETENTION = 30 * DAY
LABELS = ("wardwatch_alert", "ward", "bed", "device_id", "metric", "kind", "program")
QUERY = (
    'SELECT last("rank") FROM "autogen"."active_alerts" WHERE $timeFilter AND "source" = \'\' GROUP BY '
    + ", ".join(f'"{label}"' for label in LABELS)
)  # fmt: skip


def _choice(label: str, text: str, otherwise: str = "") -> str:
    """A template: the text where a series has the label. Grafana writes `[no value]` for a label that it has not."""
    return f"{{{{ if .Labels.{label} }}}}{text}{{{{ else }}}}{otherwise}{{{{ end }}}}"


def _labelled(label: str, after: str, otherwise: str = "") -> str:
    return _choice(label, f"{{{{ .Labels.{label} }}}}{after}", otherwise)


# Before the name of an alert stands its bed, device, program or ward: nothing where it has none of them.
_DEVICE = _choice("device_id", _labelled("ward", " ") + "{{ .Labels.device_id }}: ",
                  _labelled("program", ": ", _labelled("ward", ": ")))  # fmt: skip
_PLACE = _labelled("bed", ": ", _DEVICE)
_NAME = _labelled(
    "wardwatch_alert", _choice("metric", " {{ .Labels.metric }}"),
    "Unknown which alerts are active: the store has not answered",
)  # fmt: skip


def active_alerts() -> RuleGroup:
    """One rule for each severity."""
    return RuleGroup("Active alerts", [_rule(severity) for severity in Severity])


def _rule(severity: Severity) -> Rule:
    return Rule(
        uid=f"ward-active-{severity}",
        title=f"{str(severity).upper()} alerts of Wardwatch",
        parts=[query("A", QUERY, RETENTION), reduce("B", "A", "last"), math(CONDITION, f"${{B}} == {severity.rank}")],
        alert="",  # the series has labels with the name of the alert and its kind
        kind="",
        severity=str(severity),
        summary=_PLACE + _NAME,
        description="An alert that Wardwatch has raised. It ends when Wardwatch writes its end; the ward screen shows "
        "how it ended. If Wardwatch writes nothing, the alert stays; the pipeline rules then report the cause.",
        # Wardwatch has applied the `for` and the recovery limit already.
        for_=0,
        single=False,
        no_data="NoData",
        notifier=NO_NOTIFIER,
    )
