"""Mute timings: the mute times of alerts.yaml, in Grafana's format."""

from typing import Any

from ward.config.alerting import Alerting
from ward.config.mute_time import TimeWindow


def mute_timings(alerting: Alerting) -> dict[str, Any]:
    """The content of Grafana's file. Grafana replaces no variables in it."""
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


def _interval(window: TimeWindow, timezone: str) -> dict[str, Any]:
    interval: dict[str, Any] = {"times": [{"start_time": window.from_, "end_time": window.until}]}
    if window.weekdays:
        interval["weekdays"] = list(window.weekdays)
    if window.on:
        year, month, day = window.on.split("-")
        interval |= {"years": [year], "months": [str(int(month))], "days_of_month": [str(int(day))]}
    return interval if timezone == "UTC" else interval | {"location": timezone}
