"""The alert that the clock of a server was set."""

from collections.abc import Iterable, Iterator

from alerts.model.internal_sources import PROGRAMS
from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.self_monitoring import texts
from alerts.self_monitoring.heartbeats import HeartbeatMonitor
from alerts.self_monitoring.internal_finding import internal_finding
from alerts.self_monitoring.program_health import ProgramHealth
from ward.clock import format_span
from ward.config.config import Config
from ward.finding import EndReason, Finding, Severity, Transition
from ward.ids import digest

CLOCK_SET = "server-clock-set"
_STEP = "wardwatch_clock_set_seconds"


def clock_findings(
    heartbeats: HeartbeatMonitor, alerts: Iterable[TrackedAlert], now: Now, config: Config
) -> Iterator[Finding]:
    """One alert, however many programs run on the server: raised while a program reports it, ended when none does.

    What the newest process of a program said last counts also when that one is dead: its silence is no recovery.
    """
    programs = heartbeats.programs().values()
    heard = [one for instances in programs for one in instances if one.is_up(now) or one is instances[-1]]
    stepped = [instance for instance in heard if _step(instance)]
    tracked = next((t for t in alerts if t.alert.active and t.alert.labels.get("alertname") == CLOCK_SET), None)
    if stepped and tracked is None:
        largest = max((_step(instance) for instance in stepped), key=abs)
        yield internal_finding(
            CLOCK_SET, PROGRAMS, digest(CLOCK_SET, now.wall, now.steady), now, config, severity=Severity.MEDIUM,
            text=_text(largest, [instance.health.program for instance in stepped]),
        )  # fmt: skip
    elif tracked is not None and not stepped:
        yield internal_finding(
            CLOCK_SET, PROGRAMS, tracked.alert.id, now, config, transition=Transition.CLEARED,
            ended=EndReason.RECOVERED, onset=tracked.alert.starts_at, severity=tracked.alert.severity,
            text=texts.CLOCK_STEADY(),
        )  # fmt: skip


def _step(instance: ProgramHealth) -> float:
    return instance.health.numbers.get(_STEP, 0.0)


def _text(step: float, programs: Iterable[str]) -> str:
    return texts.CLOCK_SET(
        direction="back" if step < 0 else "forward", span=format_span(abs(step)),
        programs=", ".join(sorted(set(programs))),
    )  # fmt: skip
