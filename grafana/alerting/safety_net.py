"""Rules (c): plain limits on vital signs, for when the detectors are down.

The widest limit that anybody has in thresholds.yaml, overrides included: the net never tells what the detectors would
have let pass. It holds only while no detector's pulse arrives. With no memory of what a rule said before, it is over
at its recovery limit all the same:

    raised   all values of some stretch of `for` seconds, of the last ten minutes, were beyond the limit, and
    goes on  a value of the last `keep` seconds was beyond the limit less `hysteresis`

Both look at the newest values there are, however old: a signal that is lost changes nothing for half an hour, and
after that the series is gone, which nobody takes for an end (`ends: unknown`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from grafana.alerting.ask import DAY, MINUTE, Part, math, name, question, reduce
from grafana.alerting.pipeline import of
from grafana.alerting.rule import CONDITION, EVERY, Group, Rule, rounds, span
from ward.config.config import Config
from ward.config.rule import Rule as WardRule
from ward.finding import Kind
from ward.signals import Signal

SEEN = 30 * MINUTE  # the newest values may be so old
MEMORY = 10 * MINUTE  # for so long it is known that the limit was crossed
PULSES = 2 * DAY  # a pulse of the detectors must have come in this time, or nobody knows what to expect
LABELS = '"ward", "bed", "device"'
BLIND = "grafana-safety-net-blind"
GRAVEST = ("high", "medium", "low")
_WHERE = "{{ if .Labels.bed }}{{ .Labels.bed }}{{ else }}{{ .Labels.device }}{{ end }}"


@dataclass(frozen=True)
class Limit:
    """One side of one signal: the widest limit anybody has, and the one at which it is over."""

    rule: WardRule
    signal: Signal
    severity: str
    value: float
    over: float
    above: bool

    @property
    def sign(self) -> str:
        return ">" if self.above else "<"

    @property
    def raised(self) -> int:
        """How long, in seconds: whole rounds, a minute at most, as buckets are counted backwards from now."""
        return min(MINUTE, max(EVERY, rounds(self.rule.build({})[0].for_)))

    @property
    def keep(self) -> int:
        return max(EVERY, rounds(self.rule.build({})[0].keep))


def safety_net(config: Config) -> Group:
    """One rule a side of a vital sign."""
    return Group("Safety net", [_rule(limit) for limit in limits(config)], every=30)


def limits(config: Config) -> Iterator[Limit]:
    """The limits of thresholds.yaml that are about patients, widest values."""
    for rule in config.rules:
        signal = config.catalogue.known(rule.signals[0]) if len(rule.signals) == 1 else None
        if rule.detector != "limits" or rule.kind is not Kind.PHYSIOLOGICAL or signal is None:
            continue
        above = rule.settings["side"] == "high"
        severity = next(s for s in GRAVEST if rule.settings.get(s) is not None)
        given = [rule.settings[severity], *(o.set[severity] for o in rule.overrides if o.set.get(severity) is not None)]
        value = float(max(given) if above else min(given))
        back = float(rule.settings.get("hysteresis") or 0)
        yield Limit(rule, signal, severity, value, value - back if above else value + back, above)


def _rule(limit: Limit) -> Rule:
    signal, shown = limit.signal, f"{limit.sign} {limit.signal.show(limit.value)}"
    said = f'{signal.label} {{{{ printf "%.{signal.precision}f" .Values.F.Value }}}} {signal.display} {shown}'
    return Rule(
        uid=f"ward-net-{limit.rule.name}"[:40],
        title=f"Safety net: {limit.rule.label}",
        parts=_parts(limit),
        alert=_of_a_device(limit.rule.name, BLIND),
        kind=_of_a_device(Kind.PHYSIOLOGICAL, Kind.TECHNICAL),
        severity=limit.severity,
        labels={
            "device_id": _of_a_device("{{ .Labels.device }}", ""),
            "metric": _of_a_device(signal.name, ""),
        },
        summary=_of_a_device(
            f"{_WHERE}: {said} for {span(limit.raised)} (safety net: the detectors are silent)",
            "The safety net is blind: InfluxDB does not answer, or knows of no detectors",
        ),
        why=f"The detectors give no pulse, so Grafana itself holds the widest limit of all patients against the stored "
        f"values. Over when {signal.label} was on the right side of {signal.show(limit.over)} {signal.display} for "
        f"{span(limit.keep)}. {limit.rule.source}",
        lasts=2 * EVERY,
        one=False,
        # While our notifier has a pulse it tells people, with acknowledgement; else Grafana does, without.
        reach=_of_a_device("{{ if eq .Values.I.Value 0.0 }}direct{{ else }}wardwatch{{ end }}", "direct"),
    )


def _parts(limit: Limit) -> list[Part]:
    inner, outer = ("min", "max") if limit.above else ("max", "min")
    field, buckets = name(limit.signal.name), MEMORY // limit.raised
    return [
        question("A", _newest(f"{inner}({field})", limit.raised, buckets), SEEN),
        question("B", _newest(f"{outer}({field})", limit.keep, 2), SEEN),
        question("G", _pulse("detectors"), PULSES),
        question("N", _pulse("alerts"), PULSES),
        reduce("E", "A", outer),
        reduce("F", "B", outer),
        reduce("H", "G", "max"),
        reduce("I", "N", "max"),
        # D is what our notifier asks for when this ends: whether the patient is well, or only somebody looks again.
        math("D", f"${{E}} {limit.sign} {limit.value:g} && ${{F}} {limit.sign} {limit.over:g}"),
        math(CONDITION, "${D} && (${H} == 0 || ${I} == 0)"),
    ]


def _newest(what: str, width: int, count: int) -> str:
    """The newest so many stretches of a device that have any value."""
    return (
        f'SELECT {what} FROM "autogen"."vitals" WHERE $timeFilter GROUP BY time({width}s), {LABELS} '
        f"fill(none) ORDER BY time DESC LIMIT {count}"
    )


def _pulse(program: str) -> str:
    """How many pulses a program gave in this minute and in the one before."""
    return (
        f'SELECT count("up_since") FROM "autogen"."pipeline" WHERE {of(program)} AND $timeFilter '
        "GROUP BY time(1m) fill(0) ORDER BY time DESC LIMIT 2"
    )


def _of_a_device(said: str, otherwise: str) -> str:
    """One thing for a series, another for an answer without any. Not every device is at a bed."""
    return f"{{{{ if .Labels.device }}}}{said}{{{{ else }}}}{otherwise}{{{{ end }}}}"
