"""Mute timings: the mute times of alerts.yaml in Grafana's words."""

from typing import Any

from ward.config.alerting import Alerting
from ward.config.mute_time import TimeWindow


def mute_timings(alerting: Alerting) -> dict[str, Any]:
    """As Grafana's file has them. Names and times hold no variables there: Grafana takes them as they are."""
    return {
        "apiVersion": 1,
        "muteTimes": [
            {
                "orgId": 1, "name": time.name,
                "time_intervals": [_interval(window, alerting.timezone) for window in time.windows],
            }
            for time in alerting.mute_times
        ],
    }  # fmt: skip


def _interval(window: TimeWindow, zone: str) -> dict[str, Any]:
    said: dict[str, Any] = {"times": [{"start_time": window.from_, "end_time": window.until}]}
    if window.weekdays:
        said["weekdays"] = list(window.weekdays)
    if window.on:
        year, month, day = window.on.split("-")
        said |= {"years": [year], "months": [str(int(month))], "days_of_month": [str(int(day))]}
    return said if zone == "UTC" else said | {"location": zone}
