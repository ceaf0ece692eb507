"""The days of a bed and where its signals are going, from the roll-ups' day tables, as shapes of the API."""

from collections.abc import Iterable

from ward.clock import Micros, format_instant
from ward.ports import Event
from web.model.config_view import ConfigView
from web.schemas import DaySchema, DaySignalSchema, TrendSchema


def days(config_view: ConfigView, events: Iterable[Event]) -> list[DaySchema]:
    """Points of `days` of one bed as a row a day, the newest first. Several devices share a row."""
    found: dict[Micros, DaySchema] = {}
    for event in events:
        row = found.setdefault(event.at, _empty(event.at))
        row["simulated"] |= bool(event.fields.get("simulated"))
        completeness = event.fields.get("completeness")
        if isinstance(completeness, float):
            known = row["completeness"]
            row["completeness"] = completeness if known is None else min(known, completeness)
        for name in config_view.vitals:
            if name not in row["signals"] and (signal := _signal(event, name)) is not None:
                row["signals"][name] = signal
    return [found[at] for at in sorted(found, reverse=True)]


def trends(events: Iterable[Event]) -> list[TrendSchema]:
    """The newest trend of each signal, of points of `trends`, the newest first; only those that are no chance."""
    newest: dict[tuple[str, str], Event] = {}
    for event in events:
        newest.setdefault((event.tags.get("device", ""), event.tags.get("signal", "")), event)
    return [_trend(signal, event) for (_, signal), event in sorted(newest.items()) if event.fields.get("significant")]


def _empty(at: Micros) -> DaySchema:
    return {"day": format_instant(at)[:10], "completeness": None, "simulated": False, "signals": {}}


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
        "per_day": number("per_day") or 0.0, "limit": number("limit"), "crosses_in_days": number("crosses_in_d"),
        "simulated": bool(event.fields.get("simulated")),
    }  # fmt: skip
