"""The alarm load of a week: by bed, rule and hour, against the budget, and what could be tuned."""

from array import array
from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.config.shift import ShiftSpan, shifts_of
from ward.ids import printable
from ward.ports import Store
from web.presentation.instants import rfc3339
from web.reports.alarm_counts import AlarmCounts, RuleLoad, counted, read_alarms
from web.schemas import (
    AlarmLoadSchema,
    BedLoadSchema,
    LoadTotalsSchema,
    PairLoadSchema,
    RuleLoadSchema,
    TuningSchema,
)

WEEK = 7 * 86_400 * SECOND
_BUDGET_HOURS = 12
MOST_PAIRS, MOST_BEDS = 50, 100
# A rule at a bed is named for tuning from so many alarms on, and the worst of them only.
_FEWEST, _MOST_NAMED = 5, 5
_MANY = 0.4  # the share of short or repeated alarms that points to a delay


class LoadSpan(NamedTuple):
    """The time that the load is about: [start, end), of one ward or, where it is empty, of all."""

    start: Micros
    end: Micros
    ward: str = ""


def alarm_load(store: Store, config: Config, span: LoadSpan, now: Micros) -> AlarmLoadSchema:
    """Reads a span, and as long a time before it. Raises `StoreUnavailable`."""
    alerting, beds = config.alerting, _beds(config, span.ward)
    shifts = [
        shift for shift in shifts_of(alerting.handover.shifts, alerting.timezone, span.start, span.end)
        if shift.end <= span.end
    ]  # fmt: skip
    rows = read_alarms(store, span.ward, span.start, span.end, len(beds))
    counts = counted(rows, alerting.timezone, shifts)
    earlier = read_alarms(store, span.ward, 2 * span.start - span.end, span.start, len(beds))
    before = counted(earlier, alerting.timezone)
    loads = sorted((_bed(config, counts, shifts, bed) for bed in beds), key=lambda bed: (-bed["alarms"], bed["bed"]))
    pairs, of_beds = _pairs(config, counts), sum(bed["alarms"] for bed in loads)
    tenth = -(-len(loads) // 10)
    return {
        "at": rfc3339(now), "ward": span.ward, "start": rfc3339(span.start), "end": rfc3339(span.end),
        "config": config.hash, "budget": alerting.alarm_load.budget,
        "totals": _totals(counts), "before": _totals(before),
        "noisiest_beds": tenth,
        "noisiest_share": sum(bed["alarms"] for bed in loads[:tenth]) / of_beds if of_beds else None,
        "bed_shifts": len(loads) * len(shifts), "over_budget": sum(bed["over_budget"] for bed in loads),
        "per_bed_shift": sum(bed["per_shift"] for bed in loads) / len(loads) if loads and shifts else None,
        "beds": loads[:MOST_BEDS], "beds_total": len(loads),
        "pairs": pairs[:MOST_PAIRS], "pairs_total": len(pairs), "rules": _rules(counts),
        "tuning": list(_tuning(pairs, counts.total)), "not_known": list(_not_known(store, counts, before, span, now)),
    }  # fmt: skip


def budget_of(budget: float, shift: ShiftSpan) -> float:
    """The budget of one bed in one shift: that of 12 h, or its share."""
    return budget * (shift.end - shift.start) / (_BUDGET_HOURS * 3600 * SECOND)


def _beds(config: Config, ward: str) -> list[tuple[str, str]]:
    return [(bed.ward, bed.id) for bed in config.inventory.beds.values() if not ward or bed.ward == ward]


def _label(config: Config, ward: str, bed: str) -> str:
    return printable(config.inventory.label(bed) if bed else f"{ward or 'no ward'}, at no bed", 80)


def _totals(counts: AlarmCounts) -> LoadTotalsSchema:
    seconds = counts.seconds_to_acknowledge
    return {
        "alarms": counts.total, "ended": counts.ended, "unacknowledged": counts.unacknowledged, "high": counts.high,
        "high_unacknowledged": counts.high_unacknowledged, "short": counts.short, "repeated": counts.repeated,
        "notified": counts.notified, "median_seconds_to_acknowledge": round(median(seconds), 1) if seconds else None,
    }  # fmt: skip


def _bed(config: Config, counts: AlarmCounts, shifts: list[ShiftSpan], place: tuple[str, str]) -> BedLoadSchema:
    in_shifts = counts.by_shift.get(place, array("I", [0] * len(shifts)))
    budget = config.alerting.alarm_load.budget
    return {
        "ward": place[0], "bed": place[1], "label": _label(config, *place),
        "alarms": sum(rule.count for rule in counts.by_bed.get(place, {}).values()),
        "per_shift": round(sum(in_shifts) / len(shifts), 2) if shifts else 0.0,
        "worst_shift": max(in_shifts, default=0),
        "over_budget": sum(n > budget_of(budget, shift) for n, shift in zip(in_shifts, shifts, strict=True)),
    }  # fmt: skip


def _pairs(config: Config, counts: AlarmCounts) -> list[PairLoadSchema]:
    found: list[PairLoadSchema] = [
        {"ward": ward, "bed": bed, "label": _label(config, ward, bed), "rule": printable(name, 80),
         "alarms": rule.count, "short": rule.short, "repeated": rule.repeated, "unacknowledged": rule.unacknowledged,
         "hours": list(rule.hours)}
        for (ward, bed), rules in counts.by_bed.items() for name, rule in rules.items()
    ]  # fmt: skip
    return sorted(found, key=lambda pair: (-pair["alarms"], pair["label"], pair["rule"]))


def _rules(counts: AlarmCounts) -> list[RuleLoadSchema]:
    merged: dict[str, RuleLoad] = {}
    for rules in counts.by_bed.values():
        for name, load in rules.items():
            into = merged.setdefault(name, RuleLoad())
            into.hours = array("I", map(sum, zip(into.hours, load.hours, strict=True)))
            into.count += load.count
            into.short += load.short
            into.repeated += load.repeated
            into.unacknowledged += load.unacknowledged
    found: list[RuleLoadSchema] = [
        {"rule": printable(name, 80), "alarms": rule.count, "short": rule.short, "repeated": rule.repeated,
         "unacknowledged": rule.unacknowledged, "hours": list(rule.hours)}
        for name, rule in merged.items()
    ]  # fmt: skip
    return sorted(found, key=lambda rule: (-rule["alarms"], rule["rule"]))


def _tuning(pairs: list[PairLoadSchema], total: int) -> Iterator[TuningSchema]:
    """The rules at a bed that make most alarms, and which setting would spare them."""
    for pair in [pair for pair in pairs if pair["alarms"] >= _FEWEST][:_MOST_NAMED]:
        share = round(100 * pair["alarms"] / total)
        text = (
            f"{pair['rule']} at {pair['label']} makes {pair['alarms']} of {total} alarms ({share} %): {_setting(pair)}"
        )
        bed = f" --bed {pair['bed']}" if pair["bed"] else ""
        yield {"text": text, "command": f"wardwatch rules backtest --from 168h{bed} --rule {pair['rule']}"}


def _setting(pair: PairLoadSchema) -> str:
    if pair["short"] >= _MANY * pair["alarms"]:
        return f"{pair['short']} ended within 15 s; a longer `for` would not raise them"
    if pair["repeated"] >= _MANY * pair["alarms"]:
        return f"{pair['repeated']} began within 5 min after the one before; a longer `keep_firing_for` would join them"
    return "look whether its limit suits this patient; an override has a reason, a name and an end"


def _not_known(
    store: Store, counts: AlarmCounts, before: AlarmCounts, span: LoadSpan, now: Micros
) -> Iterator[str]:  # fmt: skip
    if store.problem():
        yield f"{store.problem()}."
    if counts.simulated:
        yield f"{counts.simulated} of these alarms were simulated by the demo: no patient was in those beds."
    if not before.total:
        yield "No alarm is stored of the time before: the comparison may be with a time in which nothing was recorded."
    if span.end > now - SECOND and counts.total > counts.ended:
        yield f"{counts.total - counts.ended} alarms have not ended: they are in no share of those that have."
