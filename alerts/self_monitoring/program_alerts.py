"""The alerts about programs: one without heartbeat, one that reports a problem, a config that was rejected."""

from collections.abc import Iterable, Iterator, Mapping

from alerts.model.internal_sources import PROGRAMS
from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.self_monitoring import texts
from alerts.self_monitoring.alarm_code_alerts import UNKNOWN_CODE, unknown_alarm_codes
from alerts.self_monitoring.device_alerts import FLOODS, TOO_MANY, flooding_devices, too_many_devices
from alerts.self_monitoring.heartbeats import ALERTS_PROGRAM, HeartbeatMonitor
from alerts.self_monitoring.internal_finding import internal_finding
from alerts.self_monitoring.program_health import ProgramHealth
from ward.clock import SECOND
from ward.config.config import Config
from ward.finding import EndReason, Finding, Severity, Transition
from ward.ids import digest, printable
from ward.local_time import local_time
from ward.program_problems import DETECTORS_BEHIND, DISK_FULL

SILENT, PROBLEM, REJECTED = "program-silent", "program-problem", "config-rejected"
# The part of the bridge that all readings pass; its problems begin with this.
INTAKE = "intake"

SEVERITIES = {"bridge": Severity.HIGH, "detectors": Severity.HIGH, "simulators": Severity.LOW}
# A program must be back for so long before its alert ends: by then the devices that were away with it are back too,
# and the alerts that it inhibits have ended.
RECOVERED_AFTER = 30 * SECOND

# Active alerts about programs, by rule and program.
ActiveAlerts = Mapping[tuple[str, str], TrackedAlert]


def program_findings(
    heartbeats: HeartbeatMonitor, alerts: Iterable[TrackedAlert], now: Now, config: Config
) -> Iterator[Finding]:
    """What is raised, changes or ends now; nothing when called again after that is applied.

    An alert ends when the program reports that it is well, never because reports stop. Only simulators, which come and
    go, are no longer expected after a day.
    """
    ours = [tracked for tracked in alerts if tracked.alert.source == PROGRAMS and tracked.alert.active]
    active = {(t.alert.labels["alertname"], t.alert.labels.get("program", "")): t for t in ours}
    programs, grace_over = heartbeats.programs(), heartbeats.grace_over(now)
    for name, instances in programs.items():
        yield from _silent(name, instances, active, now, config, grace_over=grace_over)
        yield from _problem(name, instances, active, now, config)
    if grace_over:
        up = [instance for instances in programs.values() for instance in instances if instance.is_up(now)]
        yield from _rejected(up, active, now, config)
        yield from too_many_devices(up, active.get((TOO_MANY, "")), now, config)
        yield from flooding_devices(up, [t for t in ours if t.alert.labels["alertname"] == FLOODS], now, config)
        yield from unknown_alarm_codes(
            up, [t for t in ours if t.alert.labels["alertname"] == UNKNOWN_CODE], now, config
        )
        for (rule, name), tracked in active.items():
            if rule == SILENT and name not in programs and tracked.alert.severity is Severity.LOW:
                text = texts.NOT_EXPECTED(program=name)
                yield _ended(tracked, text, now, config, EndReason.PAUSED)


def _silent(
    name: str, instances: list[ProgramHealth], active: ActiveAlerts, now: Now, config: Config, *, grace_over: bool
) -> Iterator[Finding]:
    """Raised when no instance is up, ended when one has been for a while. Replaced instances are ignored."""
    tracked, up = active.get((SILENT, name)), [instance for instance in instances if instance.is_up(now)]
    if tracked is None and not up and grace_over:
        last = instances[-1].health.at
        since = local_time(last, config.alerting.timezone, now.wall)
        yield internal_finding(
            SILENT, PROGRAMS, digest(SILENT, name, last), now, config, onset=last, labels={"program": name},
            text=texts.SILENT(program=name, since=since, consequence=_consequence(name)),
            severity=SEVERITIES.get(name, Severity.MEDIUM),
        )  # fmt: skip
    if tracked is not None and any(now.steady - instance.up_since >= RECOVERED_AFTER for instance in up):
        yield _ended(tracked, texts.HEARTBEAT_BACK(program=name), now, config)


def _problem(
    name: str, instances: list[ProgramHealth], active: ActiveAlerts, now: Now, config: Config
) -> Iterator[Finding]:
    """Raised for a problem that a program reports, and changed to HIGH when no readings or findings come any more."""
    tracked, failing = active.get((PROBLEM, name)), [instance for instance in instances if instance.has_problem(now)]
    if failing:
        severity = max((_severity(name, instance) for instance in failing), key=lambda found: found.rank)
        if tracked is None or severity.rank > tracked.alert.severity.rank:
            since = min(instance.problem_since_wall for instance in failing)
            yield internal_finding(
                PROBLEM, PROGRAMS, digest(PROBLEM, name, since) if tracked is None else tracked.alert.id, now, config,
                transition=Transition.RAISED if tracked is None else Transition.CHANGED, labels={"program": name},
                severity=severity,
                onset=since if tracked is None else tracked.alert.starts_at,
                text=_problem_text(name, failing, severity),
            )  # fmt: skip
    elif tracked is not None and instances and _healthy(instances, now):
        yield _ended(tracked, texts.NO_PROBLEM(program=name), now, config)


def _healthy(instances: list[ProgramHealth], now: Now) -> bool:
    """Whether one instance has been healthy for a while, and none has a problem."""
    return any(instance.healthy_for(now) >= RECOVERED_AFTER for instance in instances) and not any(
        instance.is_up(now) and now.steady - instance.last_problem < RECOVERED_AFTER for instance in instances
    )


def _severity(name: str, instance: ProgramHealth) -> Severity:
    if _stopped(name, instance) or any(text.startswith(DISK_FULL) for text in instance.problems):
        return Severity.HIGH
    return Severity.LOW if name == "simulators" else Severity.MEDIUM


def _stopped(name: str, instance: ProgramHealth) -> bool:
    """Whether no readings or findings come because of the problem."""
    if name == ALERTS_PROGRAM:
        return instance.without_log
    beginning = {"bridge": INTAKE, "detectors": DETECTORS_BEHIND}.get(name)
    return beginning is not None and any(text.startswith(beginning) for text in instance.problems)


def _problem_text(name: str, failing: list[ProgramHealth], severity: Severity) -> str:
    problems = "; ".join(dict.fromkeys(text for instance in failing for text in instance.problems))
    stopped = severity is Severity.HIGH and any(_stopped(name, instance) for instance in failing)
    template = texts.PROBLEM_STOPS if stopped else texts.PROBLEM
    return template(program=name, consequence=texts.CONSEQUENCES.get(name, ""), problems=problems)


def _consequence(program: str) -> str:
    return f"; {texts.CONSEQUENCES[program]}" if program in texts.CONSEQUENCES else ""


def _rejected(up: list[ProgramHealth], active: ActiveAlerts, now: Now, config: Config) -> Iterator[Finding]:
    """One alert, however many programs read the same files: raised with the first fault, ended when all take them."""
    tracked, rejecting = active.get((REJECTED, "")), [one for one in up if one.health.reload_error]
    if rejecting and tracked is None:
        first = min(rejecting, key=lambda instance: instance.health.at).health
        fault = printable(first.reload_error.strip().partition("\n")[0], 200)
        names = ", ".join(sorted({instance.health.program for instance in rejecting}))
        yield internal_finding(
            REJECTED, PROGRAMS, digest(REJECTED, first.at), now, config, onset=first.at, severity=Severity.LOW,
            text=texts.REJECTED(programs=names, fault=fault),
        )  # fmt: skip
    elif tracked is not None and up and not rejecting:
        yield _ended(tracked, texts.ACCEPTED(), now, config)


def _ended(
    tracked: TrackedAlert, text: str, now: Now, config: Config, ended: EndReason = EndReason.RECOVERED
) -> Finding:
    alert = tracked.alert
    labels = {name: alert.labels[name] for name in ("program",) if name in alert.labels}
    return internal_finding(
        alert.labels["alertname"], PROGRAMS, alert.id, now, config, transition=Transition.CLEARED, ended=ended,
        text=text,
        labels=labels, onset=alert.starts_at, severity=alert.severity,
    )  # fmt: skip
