"""Rules about Wardwatch itself. They read InfluxDB and notify by Grafana, so they work while Wardwatch does not.

Each rule looks at several minutes, one by one. It fires when the newest are all bad, and ends when none of the last
`RECOVERY` minutes is bad: Grafana 9.4 has no recovery threshold. An empty answer and an error count as bad.
"""

from collections.abc import Iterator

from grafana.alerting.rules.parts import MINUTE, Part, math, query, reduce
from grafana.alerting.rules.rule import CONDITION, Rule, RuleGroup
from grafana.queries.influxql import name, text
from ward.config.config import Config

PROGRAMS = {
    "bridge": ("high", "Readings of devices are neither stored nor evaluated. Look at the monitors themselves."),
    "detectors": (
        "high", "Readings are not evaluated. The safety net holds the widest limits; look at the monitors themselves.",
    ),
    "alerts": (
        "high", "Wardwatch notifies nobody. Grafana notifies of what it can see; look at the monitors themselves.",
    ),
    "web": ("medium", "The ward screens are not updated. Notifications are still sent."),
}  # fmt: skip
RECOVERY = 4  # minutes without a fault after which a rule ends
OLDEST_NOTIFICATION = 120  # seconds a notification may wait
QUARANTINED = 10  # messages quarantined in five minutes


def pipeline(config: Config) -> RuleGroup:
    """The rules, the most severe first."""
    return RuleGroup("Pipeline", list(_rules(config)), interval=30)


def _rules(config: Config) -> Iterator[Rule]:
    yield _rule(
        "nothing-arriving", "No vital signs stored", "high",
        _no_points_per_minute(_most_common_vital(config), "vitals"),
        "No vital sign of any device has been stored for more than a minute",
        "No device sends, or the broker, the bridge or InfluxDB does not work. Look at the monitors themselves; then "
        "at the dashboard Pipeline, from top to bottom.",
    )  # fmt: skip
    yield _rule(
        "canary-old", "Canary reading missing", "high",
        _no_points_per_minute("number", "canary"),
        "No canary reading has been stored for more than a minute",
        "The bridge sends itself a test reading (the canary) every 10 s through broker, bridge, log and archive to "
        "InfluxDB. When none arrives, one of these does not work, and the dashboards show old data. The dashboard "
        "Pipeline shows which. Look at the monitors themselves.",
    )  # fmt: skip
    for program, (severity, action) in PROGRAMS.items():
        yield _rule(
            f"silent-{program}", f"No heartbeat of {program}", severity,
            _no_points_per_minute("up_since", "pipeline", is_program(program)),
            f"The program {program} has sent no heartbeat for more than a minute", action,
        )  # fmt: skip
    yield _quarantine_rule()
    yield _outbox_rule()


def _quarantine_rule() -> Rule:
    rising = (
        'SELECT sum("more") FROM (SELECT non_negative_difference(last("quarantined")) AS "more"'
        ' FROM "autogen"."pipeline" WHERE $timeFilter GROUP BY time(1m), "program", "instance" fill(none))'
        " WHERE $timeFilter"
    )
    return _rule(
        "quarantine-rising", "Quarantine rising", "medium",
        [query("A", rising, 5 * MINUTE), reduce("B", "A", "sum"), math(CONDITION, f"${{B}} >= {QUARANTINED}")],
        _or_unknown(f"{QUARANTINED} messages or more were quarantined in five minutes", "messages are quarantined"),
        "Quarantined messages are stored whole, with a reason: the dashboard Pipeline shows the last ones. The usual "
        "cause is a device with new software. Over when fewer are quarantined in five minutes.",
    )  # fmt: skip


def _outbox_rule() -> Rule:
    waiting = (
        'SELECT max("oldest_notification_seconds") FROM "autogen"."pipeline" WHERE $timeFilter'
        " GROUP BY time(1m) fill(none)"
    )
    over = f"${{B}} > {OLDEST_NOTIFICATION}"
    return _rule(
        "outbox-stuck", "Notifications not delivered", "high",
        [query("A", waiting, RECOVERY * MINUTE), reduce("B", "A", "max"), math(CONDITION, over)],
        _or_unknown(
            f"A notification has been waiting for more than {OLDEST_NOTIFICATION} s", "notifications are delivered"
        ),
        "A mail server, chat or SMS gateway does not accept it. Inform people yourself: the ward screen shows the "
        f"unacknowledged alerts. Over when no notification has waited for {OLDEST_NOTIFICATION} s in each of the last "
        f"{RECOVERY} minutes.",
    )  # fmt: skip


def _or_unknown(fault: str, what: str) -> str:
    """The summary: the fault where there was an answer, else that it is unknown whether `what`."""
    return f"{{{{ if .Values }}}}{fault}{{{{ else }}}}Unknown whether {what}: no answer{{{{ end }}}}"


def _rule(alert: str, title: str, severity: str, parts: list[Part], summary: str, description: str) -> Rule:
    return Rule(
        uid=f"ward-pipeline-{alert}", title=title, parts=parts, alert=f"grafana-{alert}", severity=severity,
        summary=summary, description=description, for_=MINUTE,
    )  # fmt: skip


def _no_points_per_minute(field: str, measurement: str, condition: str = "") -> list[Part]:
    """Whether any two successive minutes of the last few were both empty.

    One minute alone proves nothing: the newest may have only just begun.
    """
    influxql = points_per_minute(field, measurement, condition)
    return [query("A", influxql, RECOVERY * MINUTE), reduce("B", "A", "min"), math(CONDITION, "${B} == 0")]


def points_per_minute(field: str, measurement: str, condition: str = "") -> str:
    """For each minute the mean number of points in it and in the one before; 0 where there were none."""
    where = f"{condition} AND " if condition else ""
    return (
        f'SELECT moving_average(count({name(field)}), 2) FROM "autogen".{name(measurement)} WHERE {where}$timeFilter '
        "GROUP BY time(1m) fill(0)"
    )


def is_program(program: str) -> str:
    """The condition that a heartbeat is of this program."""
    return f"{name('program')} = {text(program)}"


def _most_common_vital(config: Config) -> str:
    """The vital sign that most kinds of devices send."""
    vitals = [signal.name for signal in config.catalogue.vitals()]
    kinds = config.inventory.device_kinds.values()
    return max(vitals, key=lambda signal: (sum(signal in kind.signals for kind in kinds), -vitals.index(signal)))
