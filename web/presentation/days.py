"""The daily statistics and trends of a bed, from the measurements `days` and `trends`, as schemas of the API."""

from collections.abc import Iterable

from ward.clock import Micros
from ward.ports import Row
from web.model.config_view import ConfigView
from web.presentation.instants import rfc3339
from web.schemas import DaySchema, DaySignalSchema, TrendSchema


def days(view: ConfigView, rows: Iterable[Row]) -> list[DaySchema]:
    """Rows of `days` of one bed, combined by day, newest first. The devices of a bed are combined too."""
    found: dict[Micros, DaySchema] = {}
    for row in rows:
        day = found.setdefault(row.at, _empty(row.at))
        day["simulated"] |= bool(row.fields.get("simulated"))
        completeness = row.fields.get("completeness")
        if isinstance(completeness, float):
            known = day["completeness"]
            day["completeness"] = completeness if known is None else min(known, completeness)
        for name in view.vitals:
            if name not in day["signals"] and (signal := _signal(row, name)) is not None:
                day["signals"][name] = signal
    return [found[at] for at in sorted(found, reverse=True)]


def trends(rows: Iterable[Row]) -> list[TrendSchema]:
    """The newest trend of each signal, from rows of `trends`, newest first; only statistically significant ones."""
    newest: dict[tuple[str, str], Row] = {}
    for row in rows:
        newest.setdefault((row.tags.get("device", ""), row.tags.get("signal", "")), row)
    return [_trend(signal, row) for (_, signal), row in sorted(newest.items()) if row.fields.get("significant")]


def _empty(at: Micros) -> DaySchema:
    return {"day": rfc3339(at)[:10], "completeness": None, "simulated": False, "signals": {}}


def _signal(row: Row, name: str) -> DaySignalSchema | None:
    mean, low, high = (row.fields.get(field) for field in (name, f"{name}_min", f"{name}_max"))
    if isinstance(mean, float) and isinstance(low, float) and isinstance(high, float):
        return {"mean": mean, "low": low, "high": high}
    return None


def _trend(signal: str, row: Row) -> TrendSchema:
    def number(name: str) -> float | None:
        value = row.fields.get(name)
        return value if isinstance(value, float) else None

    return {
        "signal": signal, "days": round(number("days") or 0), "level": number("level") or 0.0,
        "per_day": number("per_day") or 0.0, "limit": number("limit"), "days_to_limit": number("days_to_limit"),
        "simulated": bool(row.fields.get("simulated")),
    }  # fmt: skip
