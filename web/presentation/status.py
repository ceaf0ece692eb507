"""The head of every page, as a schema of the API."""

from ward.simulated_past import SimulatedPast
from web.board.banners import alert_line
from web.board.state import Status
from web.model.read_model import ConfigStatus
from web.presentation.instants import rfc3339
from web.schemas import ConfigSchema, SimulatedPastSchema, StatusSchema


def status_schema(status: Status) -> StatusSchema:
    """The state of the system."""
    counts = status.counts
    return {
        "at": rfc3339(status.now.wall), "age": round(status.age, 2), "ready": status.ready,
        "counts": {
            "active": counts.active, "unacknowledged": counts.unacknowledged,
            "high": counts.high, "medium": counts.medium, "low": counts.low,
        },
        "not_evaluated": status.not_evaluated, "config": config_schema(status.config),
        "banners": [{"level": b.level, "text": b.text, "since": rfc3339(b.since)} for b in status.banners],
        "simulated_past": _simulated_past(status.simulated_past),
    }  # fmt: skip


def config_schema(config: ConfigStatus) -> ConfigSchema:
    """The config in force, and the faults of the last edit."""
    return {"hash": config.hash, "faults": list(config.faults), "refused_at": rfc3339(config.refused_at),
            "waiting": config.waiting, "ends": [alert.id for alert in config.ends],
            "closes": [alert_line(alert) for alert in config.ends]}  # fmt: skip


def _simulated_past(past: SimulatedPast | None) -> SimulatedPastSchema | None:
    if past is None:
        return None
    return {
        "start": rfc3339(past.start), "end": rfc3339(past.end), "written": past.written, "periods": dict(past.periods),
    }  # fmt: skip
