"""The handover as a mail in plain text."""

from collections.abc import Iterable, Iterator

from web.reports.handover import nothing_to_say
from web.reports.handover_text import (
    Section,
    bed_heading,
    bed_sections,
    counts_line,
    quiet_line,
    values_line,
    ward_sections,
)
from web.reports.mail_text import MailText, joined
from web.reports.times import ReportTimes
from web.schemas import HandoverSchema


def handover_mail(report: HandoverSchema, zone: str, now: int, link: str) -> MailText:
    """The mail about a handover; `link` is the page of it."""
    times = ReportTimes(zone, now)
    shift = f"{report['shift']} shift " if report["shift"] else ""
    span = f"{shift}{times.span(report['start'], report['end'])}"
    counts = counts_line(report)
    lines = [*_head(report, times, counts), *_body(report, times)]
    return MailText(
        f"Handover {report['ward_name']}, {span}: {counts}",
        joined(lines, link),
        f"Handover {report['ward']}: {counts} {link}",
    )


def _head(report: HandoverSchema, times: ReportTimes, counts: str) -> Iterator[str]:
    shift = f"{report['shift']} shift, " if report["shift"] else ""
    yield f"Handover {report['ward_name']} ({report['ward']})"
    yield f"{shift}{times.long(report['start'])} to {times.long(report['end'])}"
    yield f"Made {times.long(report['at'])} by config {report['config']}. What is open, and values, are as of then."
    yield "Advisory: look at the patients."
    yield ""
    yield f"{counts}."


def _body(report: HandoverSchema, times: ReportTimes) -> Iterator[str]:
    yield from _sections(ward_sections(report, times), "")
    for bed in report["beds"]:
        if not nothing_to_say(bed):
            yield from ("", f"=== {bed_heading(bed, times)} ===", values_line(bed))
            yield from _sections(bed_sections(bed, times), "  ")
    if not report["beds"]:
        yield from ("", "This ward has no beds.")
    if quiet := quiet_line(report["beds"]):
        yield from ("", quiet)


def _sections(sections: Iterable[Section], indent: str) -> Iterator[str]:
    for section in sections:
        yield from ("", f"{indent}{section.heading.upper()}")
        for item in section.items:
            yield f"{indent}- {item.text}"
            yield from (f"{indent}    {line}" for line in item.lines)
