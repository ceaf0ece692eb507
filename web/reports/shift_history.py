"""The alerts of a ward that have ended, of a span of time: from memory, and from the store."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ward.alert import Alert
from ward.clock import SECOND, Micros
from ward.ids import printable
from ward.ports import Row, Store
from web.model.now import Now
from web.model.read_model import ReadModel
from web.presentation.alerts import alert_schema
from web.presentation.stored_alerts import stored_alerts
from web.schemas import AlertSchema

# Changes of ended alerts that are read from the store: some thousand alerts.
MOST_ROWS = 20_000
# An alert of the span that ended later is found when it ended within so much time.
_LATER = 24 * 3600 * SECOND


class ShiftHistory(NamedTuple):
    """Rows of the store about ended alerts, newest first, and why they may not be all; empty where they are."""

    rows: Sequence[Row]
    problem: str = ""


def read_history(store: Store, ward: str, start: Micros, end: Micros, now: Micros) -> ShiftHistory:
    """What the store has. Raises `StoreUnavailable`."""
    until = min(now, end + _LATER)
    rows = store.rows("alerts", {"ward": ward, "state": "ended"}, start, until + 1, MOST_ROWS)
    problems = [f"{store.problem()}."] if store.problem() else []
    if len(rows) >= MOST_ROWS:
        problems.append(
            f"Only the newest {MOST_ROWS:,} changes of alerts were read: the earliest alerts of this time are missing. "
            "Choose a shorter time."
        )
    elif until < now:
        problems.append("Alerts that went on for more than a day after this time are not among those that have ended.")
    return ShiftHistory(rows, " ".join(problems))


def ended_alerts(
    model: ReadModel, history: ShiftHistory, ward: str, span: tuple[Micros, Micros], now: Now
) -> list[AlertSchema]:
    """Ended alerts of a ward that overlap the span, the last to end first. Call with the lock of the model."""
    start, end = span
    in_memory = {alert.id: alert for alert in model.alerts if not alert.active and alert.labels.get("ward") == ward}
    known = {alert.id for alert in model.alerts}
    found = [
        (alert.ends_at or alert.updated_at, alert_schema(model, alert, now))
        for alert in in_memory.values()
        if _overlaps(alert, start, end)
    ]
    for at, begin, schema in stored_alerts(model.config_view, history.rows):
        if schema["id"] not in known and at >= start and begin < end:
            found.append((at, schema))
    return [schema for _, schema in sorted(found, key=lambda pair: (-pair[0], pair[1]["id"]))]


def _overlaps(alert: Alert, start: Micros, end: Micros) -> bool:
    return alert.starts_at < end and (alert.ends_at or alert.updated_at) >= start


def simulated(alerts: Iterable[AlertSchema]) -> int:
    """How many of some alerts are of a simulated past."""
    return sum(alert["simulated"] for alert in alerts)


def without_store(error: str) -> str:
    """What a handover says where the store did not answer."""
    return (
        f"The history does not answer ({printable(error, 200)}): of the alerts that have ended only the newest ones, "
        "which are in memory, are listed."
    )
