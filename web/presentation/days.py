"""The daily statistics and trends of a bed, from the measurements `days` and `trends`, as schemas of the API."""

from collections.abc import Iterable

from ward.clock import Micros
from ward.ports import Event
from web.model.config_view import ConfigView
from web.presentation.instants import rfc3339
from web.schemas import DaySchema, DaySignalSchema, TrendSchema


def days(view: ConfigView, events: Iterable[Event]) -> list[DaySchema]:
    """Points of `days` of one bed, as one row for each day, newest first. Its devices share the rows."""
    found: dict[Micros, DaySchema] = {}
    for event in events:
        row = found.setdefault(event.at, _empty(event.at))
        row["simulated"] |= bool(event.fields.get("simulated"))
        completeness = event.fields.get("completeness")
        if isinstance(completeness, float):
            known = row["completeness"]
            row["completeness"] = completeness if known is None else min(known, completeness)
        for name in view.vitals:
            if name not in row["signals"] and (signal := _signal(event, name)) is not None:
                row["signals"][name] = signal
    return [found[at] for at in sorted(found, reverse=True)]


def trends(events: Iterable[Event]) -> list[TrendSchema]:
    """The newest trend of each signal, from points of `trends`, newest first; only statistically significant ones."""
    newest: dict[tuple[str, str], Event] = {}
    for event in events:
        newest.setdefault((event.tags.get("device", ""), event.tags.get("signal", "")), event)
    return [_trend(signal, event) for (_, signal), event in sorted(newest.items()) if event.fields.get("significant")]


def _empty(at: Micros) -> DaySchema:
    return {"day": rfc3339(at)[:10], "completeness": None, "simulated": False, "signals": {}}


def _signal(event: Event, name: str) -> DaySignalSchema | None:
    mean, low, high = (event.fields.get(field) for field in (name, f"{name}_min", f"{name}_max"))
    if isinstance(mean, float) and isinstance(low, float) and isinstance(high, float):
        return {"mean": mean, "low": low, "high": high}
    return None


def _trend(signal: str, event: Event) -> TrendSchema:
    def number(name: str) -> float | None:
        value = event.fields.get(name)
        return value if isinstance(value, float) else None

    return {
        "signal": signal, "days": round(number("days") or 0), "level": number("level") or 0.0,
        "per_day": number("per_day") or 0.0, "limit": number("limit"), "days_to_limit": number("days_to_limit"),
        "simulated": bool(event.fields.get("simulated")),
    }  # fmt: skip
