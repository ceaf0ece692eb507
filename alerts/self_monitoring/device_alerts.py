"""The alert about more unregistered devices than a program remembers: something may publish under invented ids."""

from collections.abc import Iterator, Sequence

from alerts.model.internal_sources import PROGRAMS
from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.self_monitoring.internal_finding import internal_finding
from alerts.self_monitoring.program_health import ProgramHealth
from ward.config.config import Config
from ward.finding import EndReason, Finding, Severity, Transition
from ward.ids import digest

TOO_MANY = "too-many-devices"
_EXCEEDED, _COUNT = "wardwatch_bridge_unregistered_devices_exceeded", "wardwatch_bridge_unregistered_devices"


def too_many_devices(
    up: Sequence[ProgramHealth], tracked: TrackedAlert | None, now: Now, config: Config
) -> Iterator[Finding]:
    """One alert, however many bridges report it: raised with the first, ended when those that are up report none."""
    reporting = [instance.health for instance in up if _EXCEEDED in instance.health.numbers]
    exceeding = [health for health in reporting if health.numbers[_EXCEEDED]]
    if exceeding and tracked is None:
        count = max(health.numbers.get(_COUNT, 0.0) for health in exceeding)
        at = min(health.at for health in exceeding)
        yield internal_finding(
            TOO_MANY, PROGRAMS, digest(TOO_MANY, at), now, config, onset=at, severity=Severity.MEDIUM,
            text=f"{count:.0f} devices send that are not in ward.yaml: the oldest are forgotten, or new ones refused; "
            "registered devices are not affected",
        )  # fmt: skip
    elif tracked is not None and reporting and not exceeding:
        yield internal_finding(
            TOO_MANY, PROGRAMS, tracked.alert.id, now, config, transition=Transition.CLEARED,
            ended=EndReason.RECOVERED, text="No more devices than there may be that are not in ward.yaml",
            onset=tracked.alert.starts_at, severity=tracked.alert.severity,
        )  # fmt: skip
