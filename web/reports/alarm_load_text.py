"""The alarm load in words, the same on the page and in the mail."""

from collections.abc import Iterator

from ward.clock import format_span
from web.reports.mail_text import MailText, joined
from web.reports.times import ReportTimes
from web.schemas import AlarmLoadSchema, LoadTotalsSchema

_MOST_BEDS, _MOST_RULES = 10, 10


def load_facts(load: AlarmLoadSchema) -> list[tuple[str, str, str]]:
    """What, in this time, and in the time before."""
    now, before = load["totals"], load["before"]
    return [
        ("Alarms", str(now["alarms"]), str(before["alarms"])),
        ("With a message to people", _part(now["notified"], now["alarms"]),
         _part(before["notified"], before["alarms"])),
        ("HIGH priority", str(now["high"]), str(before["high"])),
        ("Median time until acknowledged", _median(now), _median(before)),
        ("Ended without being acknowledged", _part(now["unacknowledged"], now["ended"]),
         _part(before["unacknowledged"], before["ended"])),
        ("HIGH, never acknowledged", _part(now["high_unacknowledged"], now["high"]),
         _part(before["high_unacknowledged"], before["high"])),
        ("Shorter than 15 s", _part(now["short"], now["alarms"]), _part(before["short"], before["alarms"])),
        ("Again within 5 min", _part(now["repeated"], now["alarms"]), _part(before["repeated"], before["alarms"])),
    ]  # fmt: skip


def budget_line(load: AlarmLoadSchema) -> str:
    """How the beds stand to the budget."""
    budget = f"budget {load['budget']:g} alarms a bed in 12 h"
    if load["per_bed_shift"] is None:
        return f"No whole shift with beds in this time ({budget})"
    mean = f"{load['per_bed_shift']:.1f} alarms a bed and shift in the mean"
    return f"{mean}; {load['over_budget']} of {load['bed_shifts']} shifts of beds were over the budget ({budget})"


def noisiest_line(load: AlarmLoadSchema) -> str:
    """The share of the noisiest tenth of the beds."""
    if load["noisiest_share"] is None:
        return "No alarm at a bed in this time"
    beds = load["noisiest_beds"]
    which = f"noisiest tenth of the beds ({beds} of {load['beds_total']})"
    return f"The {which} made {100 * load['noisiest_share']:.0f} % of the alarms at beds"


def alarm_load_mail(load: AlarmLoadSchema, zone: str, now: int, link: str) -> MailText:
    """The weekly mail; `link` is the page of it."""
    times = ReportTimes(zone, now)
    count = f"{load['totals']['alarms']} alarms, {load['before']['alarms']} in the week before"
    subject = f"Alarm load {times.span(load['start'], load['end'])}: {count}; {noisiest_line(load)}"
    return MailText(subject, joined(_lines(load, times), link), f"Alarm load of the week: {count} {link}")


def _lines(load: AlarmLoadSchema, times: ReportTimes) -> Iterator[str]:
    yield f"Alarm load of {load['ward'] or 'all wards'}"
    yield f"{times.long(load['start'])} to {times.long(load['end'])}"
    yield f"Made {times.long(load['at'])} by config {load['config']}"
    yield from ("", f"{budget_line(load)}.", f"{noisiest_line(load)}.")
    yield from (f"Note: {text}" for text in load["not_known"])
    yield from ("", "IN THIS TIME, AND IN AS LONG A TIME BEFORE")
    yield from (f"- {name}: {now} (before: {before})" for name, now, before in load_facts(load))
    yield from ("", "THE NUMBERS POINT TO")
    for tuning in load["tuning"]:
        yield from (f"- {tuning['text']}", f"    try it: {tuning['command']}")
    if not load["tuning"]:
        yield "- no single rule at a bed"
    yield from ("", f"BEDS WITH MOST ALARMS ({min(_MOST_BEDS, load['beds_total'])} of {load['beds_total']})")
    for bed in load["beds"][:_MOST_BEDS]:
        shifts = f"worst shift {bed['worst_shift']}, over budget in {bed['over_budget']}"
        yield f"- {bed['label']}: {bed['alarms']}, {shifts}"
    yield from ("", f"RULES WITH MOST ALARMS ({min(_MOST_RULES, len(load['rules']))} of {len(load['rules'])})")
    for rule in load["rules"][:_MOST_RULES]:
        hour = max(range(24), key=lambda number: rule["hours"][number])
        yield f"- {rule['rule']}: {rule['alarms']}, most of them from {hour:02}:00 to {(hour + 1) % 24:02}:00"


def _part(count: int, of: int) -> str:
    return f"{count} ({100 * count / of:.0f} %)" if of else "–"


def _median(totals: LoadTotalsSchema) -> str:
    seconds = totals["median_seconds_to_acknowledge"]
    return "– (none acknowledged)" if seconds is None else format_span(seconds)
