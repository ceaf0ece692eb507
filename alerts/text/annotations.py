"""The annotations of an alert."""

from alerts.text import texts
from alerts.text.limits import LONGEST_LINE
from alerts.text.links import screen_link
from alerts.text.places import prefix
from ward.alert import Alert
from ward.clock import SECOND, Micros, format_span
from ward.config.config import Config
from ward.end_text import ENDS
from ward.finding import EndReason, Finding
from ward.ids import printable
from ward.local_time import local_time


def annotations(finding: Finding, config: Config) -> dict[str, str]:
    """All annotations of an alert when it is raised or changed. Empty ones are left out.

    The annotations of an alert of another system are kept; our own take precedence, but for summary and description.
    """
    signal = config.catalogue.known(finding.signal)
    shown = {
        "value": None if finding.value is None else signal.show_beside(finding.value, finding.limit),
        "limit": None if finding.limit is None else signal.show_limit(finding.limit),
    }
    values = {name: f"{text} {signal.display}".strip() for name, text in shown.items() if text is not None}
    own = {
        "summary": summary(finding, config),
        "description": _description(finding, config),
        **values,
        "since": local_time(finding.onset, config.alerting.timezone),
        "rule": finding.rule,
        "config": finding.config,
        "override": _override(finding, config),
        "runbook_url": finding.runbook,
        "dashboard_url": screen_link(config.alerting.external_url, finding.bed),
        "source_url": finding.url,
    }
    external = {name: printable(text, 4 * LONGEST_LINE) for name, text in finding.annotations.items()}
    kept = {name: external[name] for name in ("summary", "description") if name in external}
    return {name: text for name, text in (external | own | kept).items() if text}


def summary(finding: Finding, config: Config) -> str:
    """`ICU bed 7: SpO2 84 % < 88`."""
    where = prefix(finding.bed, finding.ward, finding.device, config.inventory)
    return where + printable(finding.text, LONGEST_LINE)


def peak_summary(alert: Alert, config: Config) -> str:
    """The same of an alert that is over: its condition at its worst."""
    labels, found = alert.labels, alert.annotations.get("summary", "")
    where = prefix(labels.get("bed", ""), labels.get("ward", ""), labels.get("device_id", ""), config.inventory)
    return where + printable(alert.peak_text, LONGEST_LINE) if found.startswith(where) and alert.peak_text else found


def ended_text(end: EndReason, at: Micros, began: Micros, zone: str, text: str = "") -> str:
    """`ended, at 14:20:03 CET after 3 min: SpO2 95 %, back above 90`."""
    how = texts.ENDED_AT(end=ENDS[end], time=local_time(at, zone, at), span=format_span((at - began) / SECOND))
    return f"{how}: {printable(text, LONGEST_LINE)}" if text else how


def signal_lost_text(since: Micros, now: Micros, zone: str) -> str:
    """What an active alert says while its signal is missing."""
    return texts.NO_DATA_SINCE(time=local_time(since, zone, now))


def late_text(late: float) -> str:
    """`detected late by 14 min`; `late` is in seconds."""
    return texts.LATE(span=format_span(late))


def _description(finding: Finding, config: Config) -> str:
    since = local_time(finding.onset, config.alerting.timezone, finding.at)
    span = format_span((finding.at - finding.onset) / SECOND)
    why = _override(finding, config)
    parts = [
        texts.DESCRIPTION(summary=summary(finding, config), since=since, span=span),
        texts.BY_RULE(rule=printable(finding.rule), config=printable(finding.config)) if finding.config else "",
        texts.SPECIAL_LIMITS(why=f"{why}.") if why else "",
    ]
    return " ".join(part for part in parts if part)


def _override(finding: Finding, config: Config) -> str:
    """Why other limits hold for this device or bed, if the config that raised the finding is still in force."""
    rule = next((rule for rule in config.rules if rule.name == finding.rule), None)
    if rule is None or finding.config != config.hash:
        return ""
    resolved = rule.resolve(finding.device, config.inventory.place(finding.device, finding.at, finding.ward))
    return printable(resolved.why) if resolved else ""
