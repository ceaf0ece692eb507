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
    """One alert a device and code: raised when a bridge reports it, ended when the bridges that are up do not.

    A bridge that has just started has not heard each device yet, so it ends none.
    """
    known = {(t.alert.labels.get("device_id", ""), t.alert.labels.get("code", "")): t for t in alerts}
    bridges = [instance.health for instance in up if _BRIDGE in instance.health.numbers]
    reported = {(f[2], f[1]) for one in bridges for name in one.numbers if (f := _CODE.fullmatch(name))}
    settled = bool(bridges) and all(one.at - one.started >= COUNTED_AFTER for one in bridges)
    for device, code in sorted(reported - known.keys()):
        yield internal_finding(
            UNKNOWN_CODE, PROGRAMS, digest(UNKNOWN_CODE, device, code, now.wall), now, config, severity=Severity.LOW,
            labels={"device_id": device, "code": code}, text=texts.UNKNOWN_ALARM(device=device, code=code),
        )  # fmt: skip
    for (device, code), tracked in known.items() if settled else ():
        if (device, code) not in reported:
            yield internal_finding(
                UNKNOWN_CODE, PROGRAMS, tracked.alert.id, now, config, transition=Transition.CLEARED,
                ended=EndReason.RECOVERED, text=texts.NO_UNKNOWN_ALARM(device=device, code=code),
                labels={"device_id": device, "code": code}, onset=tracked.alert.starts_at,
                severity=tracked.alert.severity,
            )  # fmt: skip
