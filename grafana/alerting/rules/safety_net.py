"""The safety net: plain limits on vital signs, which Grafana holds while the detectors are down.

The limit is the widest of thresholds.yaml, overrides included: the safety net never raises what the detectors would
not have raised. It fires only while no heartbeat of the detectors arrives. A rule does not know its state before, so
the recovery limit is part of the query. A rule fires while both of these are true:

    all values of one stretch of `for` seconds, in the last ten minutes, were beyond the limit
    a value of the last `keep` seconds was beyond the limit less `hysteresis`

Both read the newest values, however old: a lost signal changes nothing for half an hour. After that the series is
missing, which is not counted as an end (`ends: unknown`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from grafana.alerting.rules.parts import DAY, MINUTE, Part, math, query, reduce
from grafana.alerting.rules.pipeline import is_program
from grafana.alerting.rules.rule import CONDITION, EVALUATION_INTERVAL, Rule, RuleGroup, duration, whole_evaluations
from grafana.queries.influxql import name
from ward.config.config import Config
from ward.config.rule import Rule as WardRule
from ward.finding import Kind
from ward.grafana_labels import GRAFANA, WARDWATCH
from ward.signals import Signal

OLDEST_VALUE = 30 * MINUTE  # the newest values may be as old as this
CROSSED_WITHIN = 10 * MINUTE  # how long ago the limit may have been crossed
HEARTBEATS_WITHIN = 2 * DAY  # without any heartbeat of the detectors in this time the rule has no answer
LABELS = '"ward", "bed", "device"'
NO_ANSWER = "grafana-safety-net-blind"
SEVERITIES = ("high", "medium", "low")  # the most severe first
_IF_NO_HEARTBEAT = "{{ if eq .Values.I.Value 0.0 }}"  # I: the heartbeats of the program `alerts`
_PLACE = "{{ if .Labels.bed }}{{ .Labels.bed }}{{ else }}{{ .Labels.device }}{{ end }}"


@dataclass(frozen=True)
class Limit:
    """One side of one signal: the widest limit of all patients, and its recovery limit, in the unit of the signal."""

    rule: WardRule
    signal: Signal
    severity: str
    value: float
    recovery: float
    above: bool

    @property
    def sign(self) -> str:
        return ">" if self.above else "<"

    @property
    def for_(self) -> int:
        """Seconds: whole evaluations, a minute at most, as time buckets are counted backwards from now."""
        return min(MINUTE, max(EVALUATION_INTERVAL, whole_evaluations(self.rule.build({})[0].for_)))

    @property
    def keep_firing_for(self) -> int:
        """Seconds beyond which the recovery limit must hold."""
        return max(EVALUATION_INTERVAL, whole_evaluations(self.rule.build({})[0].keep_firing_for))


def safety_net(config: Config) -> RuleGroup:
    """One rule for each side of a vital sign."""
    return RuleGroup("Safety net", [_rule(limit) for limit in limits(config)], interval=30)


def limits(config: Config) -> Iterator[Limit]:
    """The limits of thresholds.yaml that are about patients, at their widest values."""
    for rule in config.rules:
        signal = config.catalogue.known(rule.signals[0]) if len(rule.signals) == 1 else None
        if rule.detector != "limits" or rule.kind is not Kind.PHYSIOLOGICAL or signal is None:
            continue
        above = rule.settings["side"] == "high"
        severity = next(s for s in SEVERITIES if rule.settings.get(s) is not None)
        overridden = [o.set[severity] for o in rule.overrides if o.set.get(severity) is not None]
        values = [rule.settings[severity], *overridden]
        value = float(max(values) if above else min(values))
        hysteresis = float(rule.settings.get("hysteresis") or 0)
        yield Limit(rule, signal, severity, value, value - hysteresis if above else value + hysteresis, above)


def _rule(limit: Limit) -> Rule:
    signal, shown = limit.signal, f"{limit.sign} {limit.signal.show(limit.value)}"
    value = f'{signal.label} {{{{ printf "%.{signal.precision}f" .Values.F.Value }}}} {signal.display} {shown}'
    return Rule(
        uid=f"ward-net-{limit.rule.name}"[:40],
        title=f"Safety net: {limit.rule.label}",
        parts=_parts(limit),
        alert=_if_device(limit.rule.name, NO_ANSWER),
        kind=_if_device(Kind.PHYSIOLOGICAL, Kind.TECHNICAL),
        severity=limit.severity,
        labels={"device_id": _if_device("{{ .Labels.device }}", ""), "metric": _if_device(signal.name, "")},
        summary=_if_device(
            f"{_PLACE}: {value} for {duration(limit.for_)} (safety net: the detectors do not run)",
            "The safety net does not work: InfluxDB does not answer, or has no heartbeat of the detectors",
        ),
        description="The detectors send no heartbeat, so Grafana compares the stored values with the widest limit of "
        f"all patients. Over when {signal.label} was on the right side of {signal.show(limit.recovery)} "
        f"{signal.display} for {duration(limit.keep_firing_for)}. {limit.rule.source}",
        for_=2 * EVALUATION_INTERVAL,
        single=False,
        # While the program `alerts` sends heartbeats it notifies, with acknowledgement; else Grafana does.
        notifier=_if_device(f"{_IF_NO_HEARTBEAT}{GRAFANA}{{{{ else }}}}{WARDWATCH}{{{{ end }}}}", GRAFANA),
    )


def _parts(limit: Limit) -> list[Part]:
    inner, outer = ("min", "max") if limit.above else ("max", "min")
    field, buckets = name(limit.signal.name), CROSSED_WITHIN // limit.for_
    return [
        query("A", _newest_buckets(f"{inner}({field})", limit.for_, buckets), OLDEST_VALUE),
        query("B", _newest_buckets(f"{outer}({field})", limit.keep_firing_for, 2), OLDEST_VALUE),
        query("G", _heartbeats("detectors"), HEARTBEATS_WITHIN),
        query("N", _heartbeats("alerts"), HEARTBEATS_WITHIN),
        reduce("E", "A", outer),
        reduce("F", "B", outer),
        reduce("H", "G", "max"),
        reduce("I", "N", "max"),
        # The notifier reads D when the alert ends: whether the patient has recovered, or the detectors run again.
        math("D", f"${{E}} {limit.sign} {limit.value:g} && ${{F}} {limit.sign} {limit.recovery:g}"),
        math(CONDITION, "${D} && (${H} == 0 || ${I} == 0)"),
    ]


def _newest_buckets(what: str, width: int, count: int) -> str:
    """The newest `count` buckets of `width` seconds, for each device, that have any value."""
    return (
        f'SELECT {what} FROM "autogen"."vitals" WHERE $timeFilter GROUP BY time({width}s), {LABELS} '
        f"fill(none) ORDER BY time DESC LIMIT {count}"
    )


def _heartbeats(program: str) -> str:
    """The number of heartbeats of a program in this minute and in the one before."""
    return (
        f'SELECT count("up_since") FROM "autogen"."pipeline" WHERE {is_program(program)} AND $timeFilter '
        "GROUP BY time(1m) fill(0) ORDER BY time DESC LIMIT 2"
    )


def _if_device(text: str, otherwise: str) -> str:
    """One text for a series of a device, another for an empty answer. Not every device is at a bed."""
    return f"{{{{ if .Labels.device }}}}{text}{{{{ else }}}}{otherwise}{{{{ end }}}}"
