"""The alerts about ourselves: a program without a sign of life, one in problem, a config that was refused."""

from collections.abc import Iterable, Iterator, Mapping

from alerts.self_monitoring.delivery_alerts import ours
from alerts.self_monitoring.heartbeats import OURSELVES, HeartbeatMonitor, ProgramHealth
from alerts.text import annotations
from alerts.tracking.tracked_alert import Instant, TrackedAlert
from ward.clock import SECOND
from ward.config.config import Config
from ward.finding import Edge, End, Finding, Severity
from ward.ids import digest, printable

PROGRAMS = "programs"
SILENT, TROUBLED, REFUSED = "program-silent", "program-troubled", "config-refused"
# The part of the bridge that is the only way in.
ENTRANCE = "intake"

MEANS = {
    "bridge": "no reading comes in",
    "detectors": "nothing is judged",
    "web": "the ward screen is away",
    "simulators": "the simulated devices are away",
    OURSELVES: "nothing new is heard of",
}
GRAVE = {"bridge": Severity.HIGH, "detectors": Severity.HIGH, "simulators": Severity.LOW}
# Whoever is back must be for so long: by then the devices that were away with it are back as well, and what was kept
# quiet because of it is over.
CALM = 30 * SECOND

Known = Mapping[tuple[str, str], TrackedAlert]


def program_findings(
    pulses: HeartbeatMonitor, cases: Iterable[TrackedAlert], now: Instant, config: Config
) -> Iterator[Finding]:
    """What is raised, gets worse or ends now. Once that is entered, asking again gives nothing.

    Nothing is ever taken for over because nobody tells of it any more: a program must say so. Only simulators,
    which come and go, are let go of after a day.
    """
    known = {
        (case.alert.labels["alertname"], case.alert.labels.get("program", "")): case
        for case in cases
        if case.alert.source == PROGRAMS and case.alert.active
    }
    programs = pulses.programs()
    for name, lives in programs.items():
        yield from _silence(name, lives, known, now, config, sure=pulses.sure(now))
        yield from _problem(name, lives, known, now, config)
    if pulses.sure(now):
        yield from _refusal(
            [life for lives in programs.values() for life in lives if life.lives(now)], known, now, config
        )
        for (rule, name), case in known.items():
            if rule == SILENT and name not in programs and case.alert.severity is Severity.LOW:
                yield _ended(case, f"{name}: not heard of for a day: no longer expected", now, config, End.PAUSED)


def _silence(
    name: str, lives: list[ProgramHealth], known: Known, now: Instant, config: Config, *, sure: bool
) -> Iterator[Finding]:
    """Raised when no instance lives, ended when one has lived for a while. One that was replaced is nobody's."""
    case, alive = known.get((SILENT, name)), [life for life in lives if life.lives(now)]
    if case is None and not alive and sure:
        last = lives[-1].health.at
        since = annotations.local(last, config.alerting.timezone, now.wall)
        meaning = f": {MEANS[name]}" if name in MEANS else ""
        yield ours(
            SILENT, PROGRAMS, digest(SILENT, name, last), now, config, onset=last, labels={"program": name},
            text=f"{name}: no sign of life since {since}{meaning}", severity=GRAVE.get(name, Severity.MEDIUM),
        )  # fmt: skip
    if case is not None and any(now.steady - life.begun >= CALM for life in alive):
        yield _ended(case, f"{name} is alive", now, config)


def _problem(name: str, lives: list[ProgramHealth], known: Known, now: Instant, config: Config) -> Iterator[Finding]:
    """Raised for what a living program says is wrong with it, worse when nothing can come in any more."""
    case, ailing = known.get((TROUBLED, name)), [life for life in lives if life.ails(now)]
    if ailing:
        severity = max((_gravity(name, life) for life in ailing), key=lambda found: found.rank)
        if case is None or severity.rank > case.alert.severity.rank:
            since = min(life.since for life in ailing)
            yield ours(
                TROUBLED, PROGRAMS, digest(TROUBLED, name, since) if case is None else case.alert.id, now, config,
                edge=Edge.RAISED if case is None else Edge.CHANGED, labels={"program": name}, severity=severity,
                onset=since if case is None else case.alert.starts_at, text=_complaint(name, ailing, severity),
            )  # fmt: skip
    elif case is not None and lives and _calm(lives, now):
        yield _ended(case, f"{name} is well again", now, config)


def _calm(lives: list[ProgramHealth], now: Instant) -> bool:
    """Whether somebody has been well for a while, and nobody ill."""
    return any(life.well_for(now) >= CALM for life in lives) and not any(
        life.lives(now) and now.steady - life.ill < CALM for life in lives
    )


def _gravity(name: str, life: ProgramHealth) -> Severity:
    if name == OURSELVES and life.deaf:
        return Severity.HIGH
    if name == "bridge" and any(text.startswith(ENTRANCE) for text in life.said):
        return Severity.HIGH
    return Severity.LOW if name == "simulators" else Severity.MEDIUM


def _complaint(name: str, ailing: list[ProgramHealth], severity: Severity) -> str:
    said = "; ".join(dict.fromkeys(text for life in ailing for text in life.said))
    meaning = f": {MEANS[name]}" if severity is Severity.HIGH and name in MEANS else ""
    return f"{name} in problem{meaning}: {said}"


def _refusal(living: list[ProgramHealth], known: Known, now: Instant, config: Config) -> Iterator[Finding]:
    """One alert, however many programs read the same files: raised with the first fault, ended when all are sound."""
    case, refusing = known.get((REFUSED, "")), [life for life in living if life.health.reload_error]
    if refusing and case is None:
        first = min(refusing, key=lambda life: life.health.at).health
        fault = printable(first.reload_error.strip().partition("\n")[0], 200)
        names = ", ".join(sorted({life.health.program for life in refusing}))
        yield ours(
            REFUSED, PROGRAMS, digest(REFUSED, first.at), now, config, onset=first.at, severity=Severity.LOW,
            text=f"config refused by {names}, the one before stays in force: {fault}",
        )  # fmt: skip
    elif case is not None and living and not refusing:
        yield _ended(case, "the config is sound again", now, config)


def _ended(case: TrackedAlert, text: str, now: Instant, config: Config, ended: End = End.RECOVERED) -> Finding:
    alert = case.alert
    labels = {name: alert.labels[name] for name in ("program",) if name in alert.labels}
    return ours(
        alert.labels["alertname"], PROGRAMS, alert.id, now, config, edge=Edge.CLEARED, ended=ended, text=text,
        labels=labels, onset=alert.starts_at, severity=alert.severity,
    )  # fmt: skip
