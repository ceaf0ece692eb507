"""The alert that a device reports an alarm of its own whose code is in no mapping: nobody knows what it means."""

import re
from collections.abc import Iterable, Iterator, Sequence

from alerts.model.internal_sources import PROGRAMS
from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.self_monitoring import texts
from alerts.self_monitoring.device_alerts import COUNTED_AFTER
from alerts.self_monitoring.internal_finding import internal_finding
from alerts.self_monitoring.program_health import ProgramHealth
from ward.config.config import Config
from ward.finding import EndReason, Finding, Severity, Transition
from ward.ids import digest

UNKNOWN_CODE = "unknown-alarm-code"
_BRIDGE = "wardwatch_bridge_unregistered_devices"
_CODE = re.compile(r'wardwatch_bridge_unknown_alarm_code\{code="(.*)",device="([^"]*)"\}')


def unknown_alarm_codes(
    up: Sequence[ProgramHealth], alerts: Iterable[TrackedAlert], now: Now, config: Config
) -> Iterator[Finding]:
    """One alert a device: raised when a bridge reports a code, changed with the code, ended when none is reported.

    A bridge that has just started has not heard each device yet, so it ends none.
    """
    known = {tracked.alert.labels.get("device_id", ""): tracked for tracked in alerts}
    bridges = [instance.health for instance in up if _BRIDGE in instance.health.numbers]
    reported = {f[2]: f[1] for one in bridges for name in sorted(one.numbers) if (f := _CODE.fullmatch(name))}
    settled = bool(bridges) and all(one.at - one.started >= COUNTED_AFTER for one in bridges)
    for device, code in reported.items():
        tracked, text = known.get(device), texts.UNKNOWN_ALARM(device=device, code=code)
        if tracked is None:
            yield _finding(device, digest(UNKNOWN_CODE, device, now.wall), text, now, config)
        elif tracked.alert.annotations.get("summary") != text:
            yield _finding(device, tracked.alert.id, text, now, config, tracked, Transition.CHANGED)
    for device, tracked in known.items() if settled else ():
        if device not in reported:
            text = texts.NO_UNKNOWN_ALARM(device=device)
            yield _finding(device, tracked.alert.id, text, now, config, tracked, Transition.CLEARED)


def _finding(
    device: str, episode: str, text: str, now: Now, config: Config, tracked: TrackedAlert | None = None,
    transition: Transition = Transition.RAISED,
) -> Finding:  # fmt: skip
    return internal_finding(
        UNKNOWN_CODE, PROGRAMS, episode, now, config, severity=Severity.LOW, labels={"device_id": device}, text=text,
        transition=transition, onset=None if tracked is None else tracked.alert.starts_at,
        ended=EndReason.RECOVERED if transition is Transition.CLEARED else None,
    )  # fmt: skip
