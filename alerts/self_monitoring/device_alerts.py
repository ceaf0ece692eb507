"""The alerts about devices that send too much: under more ids than are remembered, or more than they can measure."""

import re
from collections.abc import Iterable, Iterator, Sequence

from alerts.model.internal_sources import PROGRAMS
from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.self_monitoring import texts
from alerts.self_monitoring.internal_finding import internal_finding
from alerts.self_monitoring.program_health import ProgramHealth
from ward.clock import SECOND
from ward.config.config import Config
from ward.finding import EndReason, Finding, Severity, Transition
from ward.ids import digest

TOO_MANY = "too-many-devices"
FLOODS = "device-floods"
_EXCEEDED, _COUNT = "wardwatch_bridge_unregistered_devices_exceeded", "wardwatch_bridge_unregistered_devices"

# A bridge that has started counts anew: so much later it has reported each device that floods.
COUNTED_AFTER = 300 * SECOND
_RATE = re.compile(r'wardwatch_bridge_flooding_device_readings_per_second\{device="(.*)"\}')


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
            text=texts.TOO_MANY(count=f"{count:.0f}"),
        )  # fmt: skip
    elif tracked is not None and reporting and not exceeding:
        yield internal_finding(
            TOO_MANY, PROGRAMS, tracked.alert.id, now, config, transition=Transition.CLEARED,
            ended=EndReason.RECOVERED, text=texts.NOT_TOO_MANY(),
            onset=tracked.alert.starts_at, severity=tracked.alert.severity,
        )  # fmt: skip


def flooding_devices(
    up: Sequence[ProgramHealth], alerts: Iterable[TrackedAlert], now: Now, config: Config
) -> Iterator[Finding]:
    """One alert a device: raised when a bridge reports it, ended when those that are up do not and have all counted."""
    known = {tracked.alert.labels.get("device_id", ""): tracked for tracked in alerts}
    bridges = [instance.health for instance in up if _EXCEEDED in instance.health.numbers]
    rates = {
        found[1]: rate for one in bridges for name, rate in one.numbers.items() if (found := _RATE.fullmatch(name))
    }
    counted = bool(bridges) and all(one.at - one.started >= COUNTED_AFTER for one in bridges)
    for device, rate in rates.items():
        if device not in known:
            yield internal_finding(
                FLOODS, PROGRAMS, digest(FLOODS, device, now.wall), now, config, severity=Severity.MEDIUM,
                labels={"device_id": device},
                text=texts.FLOODS(device=device, rate=f"{rate:,.0f}"),
            )  # fmt: skip
    for device, tracked in known.items() if counted else ():
        if device not in rates:
            yield internal_finding(
                FLOODS, PROGRAMS, tracked.alert.id, now, config, transition=Transition.CLEARED,
                ended=EndReason.RECOVERED, text=texts.NO_FLOOD(device=device),
                labels={"device_id": device}, onset=tracked.alert.starts_at, severity=tracked.alert.severity,
            )  # fmt: skip
