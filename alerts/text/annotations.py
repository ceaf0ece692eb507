"""The words of an alert: what a nurse reads at three in the morning."""

import datetime as dt
from urllib.parse import quote
from zoneinfo import ZoneInfo

from ward.alert import Alert
from ward.clock import SECOND, Micros, format_instant, format_span
from ward.config.config import Config
from ward.finding import End, Finding
from ward.ids import printable

ENDS = {
    End.RECOVERED: "recovered",
    End.SIGNAL_LOST: "signal lost: whether it is over is not known",
    End.RULE_CHANGED: "rule changed: it is not judged any more",
    End.DISCHARGED: "discharged",
    End.PAUSED: "paused: it is not watched now",
    End.SUPERSEDED: "superseded by a newer alert of the same series",
}
LONGEST = 300


def local(at: Micros, zone: str, now: Micros | None = None) -> str:
    """`14:02:15 CET`, with the date where it is another day than `now`'s."""
    tz = ZoneInfo(zone)
    there = dt.datetime.fromtimestamp(at // SECOND, tz)
    today = now is not None and dt.datetime.fromtimestamp(now // SECOND, tz).date() == there.date()
    return there.strftime("%H:%M:%S %Z" if today else "%Y-%m-%d %H:%M:%S %Z")


def summary(finding: Finding, config: Config) -> str:
    """`ICU bed 7: SpO2 84 % < 88 for 15 s`."""
    if finding.bed:
        where = config.inventory.label(finding.bed)
    else:
        where = " ".join(part for part in (finding.ward, finding.device) if part)
    text = printable(finding.text, LONGEST)
    return f"{printable(where)}: {text}" if where else text


def of(finding: Finding, config: Config) -> dict[str, str]:
    """Everything an alert says about itself at its beginning, or at a change; empty ones are left out."""
    signal = config.catalogue.known(finding.signal)
    shown = {
        name: f"{signal.show(value)} {signal.display}".strip()
        for name, value in (("value", finding.value), ("limit", finding.limit))
        if value is not None
    }
    own = {
        "summary": summary(finding, config),
        "description": _description(finding, config),
        **shown,
        "since": format_instant(finding.onset),
        "rule": finding.rule,
        "config": finding.config,
        "override": _override(finding, config),
        "runbook_url": finding.runbook,
        "dashboard_url": page(config.alerting.external_url, finding.bed),
        "source_url": finding.url,
    }
    given = {name: printable(text, 4 * LONGEST) for name, text in finding.annotations.items()}
    theirs = {name: given[name] for name in ("summary", "description") if name in given}
    return {name: text for name, text in (given | own | theirs).items() if text}


def page(external_url: str, bed: str = "", alert: str = "") -> str:
    """Where people find the bed, or the ward, and in it an alert."""
    base = f"{external_url.rstrip('/')}/{f'bed/{quote(bed)}' if bed else ''}"
    return f"{base}?alert={quote(alert)}" if alert else base


def ending(ended: End, at: Micros, began: Micros, zone: str) -> str:
    """`recovered at 14:20:03 CET, after 18 min`."""
    return f"{ENDS[ended]}, at {local(at, zone, at)}, after {format_span((at - began) / SECOND)}"


def lost(since: Micros, now: Micros, zone: str) -> str:
    """What stands with an alert whose signal is missing."""
    return f"no data since {local(since, zone, now)}: it may not be over"


def late(alert: Alert) -> str:
    """`detected late by 14 min`."""
    return f"detected late by {format_span(alert.late)}"


def _description(finding: Finding, config: Config) -> str:
    zone = config.alerting.timezone
    span = format_span((finding.at - finding.onset) / SECOND)
    parts = [
        f"{summary(finding, config)}.",
        f"Since {local(finding.onset, zone, finding.at)}, known after {span}.",
        f"Rule {printable(finding.rule)}, config {printable(finding.config)}." if finding.config else "",
        f"Limits of its own: {why}." if (why := _override(finding, config)) else "",
    ]
    return " ".join(part for part in parts if part)


def _override(finding: Finding, config: Config) -> str:
    """Why other limits hold for this one, as far as the config that found it is still the one in force."""
    rule = next((rule for rule in config.rules if rule.name == finding.rule), None)
    if rule is None or finding.config != config.hash:
        return ""
    resolved = rule.resolve(finding.device, config.inventory.place(finding.device, finding.at, finding.ward))
    return printable(resolved.why) if resolved else ""
