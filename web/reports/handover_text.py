"""The handover in words, the same on the page and in the mail."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ward.action import ActionType
from ward.clock import format_span
from ward.end_text import end_text
from web.reports.handover import nothing_to_say
from web.reports.rule_counts import peak
from web.reports.times import ReportTimes
from web.schemas import (
    AlertSchema,
    BedHandoverSchema,
    DeviceProblemSchema,
    HandoverSchema,
    OverrideSchema,
    RuleCountSchema,
    SilenceSchema,
)


class Item(NamedTuple):
    """One thing: its severity (empty for what is no alert), a first line, and further ones."""

    severity: str
    title: str
    lines: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The first line with the priority in words, for text without colours."""
        return f"{self.severity.upper()} priority: {self.title}" if self.severity else self.title


class Section(NamedTuple):
    """Things of one kind under a heading, of now or over."""

    heading: str
    items: tuple[Item, ...]
    over: bool = False


def bed_heading(bed: BedHandoverSchema, times: ReportTimes) -> str:
    """`ICU bed 3, patient P-F7NK6`."""
    since = f" (since {times.short(bed['patient_since'])})" if bed["patient_since"] else ""
    return f"{bed['label']}, patient {bed['patient']}{since}" if bed["patient"] else f"{bed['label']}, no patient"


def values_line(bed: BedHandoverSchema) -> str:
    """`Now: Heart rate 74 /min, …`."""
    return f"Now: {bed['now']}" if bed["now"] else "No value is known"


def bed_sections(bed: BedHandoverSchema, times: ReportTimes) -> list[Section]:
    """What a bed hands over; headings without anything below them are left out."""
    warning = (Item("", bed["not_evaluated"]),) if bed["not_evaluated"] else ()
    return _filled(
        Section("Not evaluated", warning),
        Section("Open now", tuple(open_item(alert, times) for alert in bed["open"])),
        _ended(bed["ended"], bed["ended_by_rule"], times),
        Section("Silences", tuple(silence_item(silence, times) for silence in bed["silences"])),
        Section("Limits other than the ward's", tuple(_override(override, times) for override in bed["overrides"])),
        Section("Devices", tuple(_device(device, times) for device in bed["devices"])),
    )  # fmt: skip


def ward_sections(report: HandoverSchema, times: ReportTimes) -> list[Section]:
    """What is about the ward as a whole: what is not known, silences of all beds, alerts about no bed."""
    return _filled(
        Section("Not known, or not working now", tuple(Item("", text) for text in report["not_known"])),
        Section("Silences of the whole ward", tuple(silence_item(silence, times) for silence in report["silences"])),
        Section("Open now, about no bed", tuple(open_item(alert, times) for alert in report["others"])),
        _ended(report["others_ended"], report["others_ended_by_rule"], times, ", about no bed"),
    )  # fmt: skip


def counts_line(report: HandoverSchema) -> str:
    """`3 alerts open now, 1 of them not acknowledged; 12 ended in this time`."""
    some = f", {report['unacknowledged']} of them not acknowledged" if report["unacknowledged"] else ""
    count = (
        f"{report['open']} alert{'s' * (report['open'] != 1)} open now{some}" if report["open"] else "No alert is open"
    )
    return f"{count}; {report['ended'] or 'none'} ended in this time"


def quiet_line(beds: Iterable[BedHandoverSchema]) -> str:
    """The beds about which there is nothing to say, in one line; empty without any."""
    names = [f"{bed['label']} ({bed['patient'] or 'no patient'})" for bed in beds if nothing_to_say(bed)]
    return f"Nothing to hand over, all signals evaluated: {', '.join(names)}" if names else ""


def open_item(alert: AlertSchema, times: ReportTimes) -> Item:
    """An active alert: since when, who has it, who was notified, what mutes it."""
    lines = [f"since {times.short(alert['since'])}, for {times.between(alert['since'], None)}", *_course(alert, times)]
    if alert["latched"]:
        lines.append(f"{end_text(alert['latched'])}; the alert stays until it is acknowledged")
    if alert["signal_lost_since"]:
        lines.append(f"signal lost since {times.short(alert['signal_lost_since'])}: not known whether it has ended")
    return Item(alert["severity"], alert["text"], (*lines, *_handling(alert, times)))


def ended_item(alert: AlertSchema, times: ReportTimes) -> Item:
    """An alert that has ended: from when to when, and who had it."""
    end = alert["ends"] or alert["updated"]
    span = f"{times.span(alert['since'], end)}, for {times.between(alert['since'], end)}"
    simulated = ("simulated by the demo: no patient was in this bed",) if alert["simulated"] else ()
    over = f"{span}: {end_text(alert['ended'])}"
    lines = (over, *_course(alert, times), *_handling(alert, times), *simulated)
    return Item(peak(alert), alert["peak_text"] or alert["text"], lines)


def silence_item(silence: SilenceSchema, times: ReportTimes) -> Item:
    """A silence: what it mutes, from when until when, by whom and why."""
    begin = f"from {times.short(silence['starts'])} " if silence["state"] == "pending" else ""
    title = f"No messages {begin}until {times.short(silence['ends'])}: {', '.join(silence['matchers'])}"
    ends = ("it ends earlier with its alert",) if silence["alert"] else ()
    return Item("", title, (f"by {silence['by']}: {silence['comment'] or 'no reason given'}", *ends))


def rule_item(count: RuleCountSchema, times: ReportTimes) -> Item:
    """Many alerts of one rule in a few words."""
    nobody = f", {count['unacknowledged']} never acknowledged" if count["unacknowledged"] else ""
    when = times.span(count["first"], count["last"])
    title = f"{count['count']} × {count['name']}{nobody}; longest {format_span(count['longest_s'])}"
    return Item(count["severity"], title, (f"began {when}; the gravest: {count['text']}",))


def _ended(
    alerts: Iterable[AlertSchema], counts: Sequence[RuleCountSchema], times: ReportTimes, where: str = ""
) -> Section:
    if counts:
        heading = f"Ended{where}: {sum(count['count'] for count in counts)}, counted by rule"
        return Section(heading, tuple(rule_item(count, times) for count in counts), over=True)
    return Section(f"Ended{where}", tuple(ended_item(alert, times) for alert in alerts), over=True)


def _course(alert: AlertSchema, times: ReportTimes) -> Iterator[str]:
    """What an active alert was at its worst, and the severities it has had."""
    worst = alert["peak_text"]
    if not alert["ends"] and worst and (worst != alert["text"] or peak(alert) != alert["severity"]):
        yield f"at its worst {peak(alert).upper()} priority: {worst}"
    if len(alert["course"]) > 1:
        yield "course: " + ", ".join(f"{times.short(one['at'])} {one['severity'].upper()}" for one in alert["course"])


def _handling(alert: AlertSchema, times: ReportTimes) -> Iterator[str]:
    """Who acknowledged it, who was notified, and why not."""
    ack = alert["ack"]
    if ack is None:
        yield "NOT ACKNOWLEDGED" if not alert["ends"] else "nobody acknowledged it"
        seen = [action for action in alert["actions"] if action["type"] == ActionType.SEEN]
        yield from (f"seen by {action['by']} at {times.short(action['at'])}" for action in seen[-1:])
    else:
        note = f": {ack['note']}" if ack["note"] else ""
        before = f" (taken over from {ack['taken_over_from']})" if ack["taken_over_from"] else ""
        yield f"acknowledged by {ack['by']}{before} at {times.short(ack['at'] or None)}{note}"
    if alert["notified_at"]:
        names = ", ".join(recipient["receiver"] for recipient in alert["recipients"] if recipient["channels"])
        yield f"first message at {times.short(alert['notified_at'])}, to {names or 'receivers that are not known now'}"
    else:
        yield alert["reason"] or "no message was sent"
    if alert["inhibitors"]:
        yield f"inhibited by {'; '.join(other['text'] for other in alert['inhibitors'])}"


def _override(override: OverrideSchema, times: ReportTimes) -> Item:
    until = f"until {times.short(override['until'])}" if override["until"] else "without an end"
    why = f"{override['why'] or 'no reason given'} (by {override['by'] or 'nobody named'}), {until}"
    return Item("", "; ".join(override["changes"]), (why,))


def _device(device: DeviceProblemSchema, times: ReportTimes) -> Item:
    return Item("", f"{device['text']}, since {times.short(device['since'])}" if device["since"] else device["text"])


def _filled(*sections: Section) -> list[Section]:
    return [section for section in sections if section.items]
