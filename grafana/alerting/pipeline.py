"""Rules (b): the pipeline itself. They ask InfluxDB, not us, and tell people themselves: they hold when we are dead.

Each looks at several minutes, one by one. It holds when the newest are all bad, and is over when none of the last
`CALM` is: that is its recovery limit, which Grafana 9.4 has no word for. No answer and an error are as bad as a bad
answer.
"""

from collections.abc import Iterator

from grafana.alerting.ask import MINUTE, Part, math, name, question, reduce, text
from grafana.alerting.rule import CONDITION, Group, Rule
from ward.config.config import Config

PROGRAMS = {
    "bridge": ("high", "Nothing of any device is kept or judged. Look at the monitors themselves."),
    "detectors": ("high", "Nothing is judged. The safety net below watches the widest limits; look at the monitors."),
    "alerts": ("high", "Nobody is told of anything by Wardwatch. Grafana tells what it can; look at the monitors."),
    "web": ("medium", "The ward screens stand still. Alerts are still told."),
}
CALM = 4  # minutes without anything wrong until it is over
BACKLOG = 120  # seconds a notice may wait
RISING = 10  # messages set aside in five minutes


def pipeline(config: Config) -> Group:
    """The rules, worst first."""
    return Group("The pipeline itself", list(_rules(config)), every=30)


def _rules(config: Config) -> Iterator[Rule]:
    yield _rule(
        "nothing-arriving", "Nothing arrives", "high",
        _each_minute(_beat(config), "vitals"),
        "No vital sign of any device has been stored for more than a minute",
        "Either no device sends, or the broker, the bridge or InfluxDB does not work. Look at the monitors themselves; "
        "then at the pipeline dashboard from left to right.",
    )  # fmt: skip
    yield _rule(
        "canary-old", "The canary is old", "high",
        _each_minute("number", "canary"),
        "No canary has come through broker, bridge, log and archive into InfluxDB for more than a minute",
        "The bridge sends itself a reading every 10 s, by the way that devices' readings take: our canary. When none "
        "arrives, a part of that way stands still, and the screens made from InfluxDB show the past. The pipeline "
        "dashboard shows which. Look at the monitors themselves.",
    )  # fmt: skip
    for program, (severity, todo) in PROGRAMS.items():
        yield _rule(
            f"silent-{program}", f"No pulse of {program}", severity,
            _each_minute("up_since", "pipeline", of(program)),
            f"The program {program} has said nothing for more than a minute", todo,
        )  # fmt: skip
    rising = (
        'SELECT sum("more") FROM (SELECT non_negative_difference(last("quarantined")) AS "more"'
        ' FROM "autogen"."pipeline" WHERE $timeFilter GROUP BY time(1m), "program", "instance" fill(none))'
        " WHERE $timeFilter"
    )
    yield _rule(
        "quarantine-rising", "Quarantine is rising", "medium",
        [question("A", rising, 5 * MINUTE), reduce("B", "A", "sum"), math(CONDITION, f"${{B}} >= {RISING}")],
        _known(f"{RISING} messages or more were set aside in five minutes", "how many messages are set aside"),
        "They are kept whole, with their reasons: the pipeline dashboard shows the last ones. A device with a new "
        "software is the usual cause. It is over when fewer are set aside in five minutes.",
    )  # fmt: skip
    waiting = (
        'SELECT max("oldest_notification_seconds") FROM "autogen"."pipeline" WHERE $timeFilter'
        " GROUP BY time(1m) fill(none)"
    )
    yield _rule(
        "outbox-stuck", "Notices are stuck", "high",
        [question("A", waiting, CALM * MINUTE), reduce("B", "A", "max"), math(CONDITION, f"${{B}} > {BACKLOG}")],
        _known(f"A notice to people has been waiting for more than {BACKLOG} s", "whether notices are delivered"),
        "A mail server, chat or SMS gateway does not take it. Tell people yourself: the ward screen shows which alerts "
        f"nobody has. It is over when nothing has waited for {BACKLOG} s in each of the last {CALM} minutes.",
    )  # fmt: skip


def _known(said: str, asked: str) -> str:
    """What to say: this, or where there was no answer, that."""
    return f"{{{{ if .Values }}}}{said}{{{{ else }}}}Nobody can tell {asked}{{{{ end }}}}"


def _rule(alert: str, title: str, severity: str, parts: list[Part], summary: str, why: str) -> Rule:
    return Rule(
        uid=f"ward-pipeline-{alert}", title=title, parts=parts, alert=f"grafana-{alert}", severity=severity,
        summary=summary, why=why, lasts=MINUTE,
    )  # fmt: skip


def _each_minute(what: str, source: str, where: str = "") -> list[Part]:
    """Whether any two minutes that follow each other, of the last few, were both empty. One that has only just begun
    is as empty, so none is looked at alone."""
    return [question("A", pulses(what, source, where), CALM * MINUTE), reduce("B", "A", "min"), math("C", "${B} == 0")]


def pulses(what: str, source: str, where: str = "") -> str:
    """The mean count of two minutes, each minute; 0 where there was nothing."""
    condition = f"{where} AND " if where else ""
    return (
        f'SELECT moving_average(count({name(what)}), 2) FROM "autogen".{name(source)} WHERE {condition}$timeFilter '
        "GROUP BY time(1m) fill(0)"
    )


def of(program: str) -> str:
    """The condition that a pulse is one of this program."""
    return f"{name('program')} = {text(program)}"


def _beat(config: Config) -> str:
    """The vital sign that most kinds of devices send."""
    vitals = [signal.name for signal in config.catalogue.vitals()]
    kinds = config.inventory.device_kinds.values()
    return max(vitals, key=lambda signal: (sum(signal in kind.signals for kind in kinds), -vitals.index(signal)))
