"""Alerts and silences in the schemas of Alertmanager's API v2, for its tools.

Pure functions; `web.alertmanager.input` is the other direction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ward.alert import Alert
from ward.clock import SECOND, Micros, format_instant
from ward.matcher import Matcher
from ward.silence import Silence

Json = dict[str, Any]
# Alertmanager's format needs an end, and reads a past one as resolved: an active alert gets one in the future.
_ACTIVE_FOR = 300 * SECOND
MAX_MATCHERS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The parameters of `GET /api/v2/alerts`."""

    matchers: tuple[Matcher, ...] = ()
    receiver: Matcher | None = None
    active: bool = True
    silenced: bool = True
    inhibited: bool = True
    unprocessed: bool = True

    def matches(self, alert: Alert) -> bool:
        """Whether an alert matches. An ended one never does: Alertmanager does not list it either."""
        if not alert.active or not all(matcher.matches(alert.labels) for matcher in self.matchers):
            return False
        if self.receiver and not any(self.receiver.matches({"receiver": name}) for name in alert.receivers):
            return False
        hidden = (
            (state(alert) == "active" and not self.active)
            or (state(alert) == "unprocessed" and not self.unprocessed)
            or (bool(alert.silenced_by) and not self.silenced)
            or (bool(alert.inhibited_by) and not self.inhibited)
        )
        return not hidden


def query(filters: Iterable[str] = (), receiver: str = "", **flags: bool) -> Query:
    """A query from the parameters of a request or a command line. Raises `ValueError` with the fault.

    A filter is a matcher, or several in braces: `{severity="high", ward=~"icu|hdu"}`.
    """
    matchers = tuple(matcher for text in filters for matcher in Matcher.parse_list(text))
    if len(matchers) > MAX_MATCHERS:
        raise ValueError(f"{len(matchers)} matchers; at most {MAX_MATCHERS}")
    return Query(matchers=matchers, receiver=Matcher("receiver", "=~", receiver) if receiver else None, **flags)


def select(alerts: Iterable[Alert], wanted: Query) -> list[Alert]:
    """The alerts that match a query, in Alertmanager's order."""
    return sorted((alert for alert in alerts if wanted.matches(alert)), key=lambda alert: alert.fingerprint)


def state(alert: Alert) -> str:
    """`active`, `suppressed` or, before the first decision about it, `unprocessed`."""
    if alert.silenced_by or alert.inhibited_by:
        return "suppressed"
    return "active" if alert.reason else "unprocessed"


def alert_json(alert: Alert, now: Micros) -> Json:
    """A `gettableAlert`. Fields that the format does not have are annotations."""
    return {
        "labels": dict(alert.labels),
        "annotations": {**alert.annotations, **_extra_annotations(alert)},
        "startsAt": format_instant(alert.starts_at),
        "endsAt": format_instant(now + _ACTIVE_FOR if alert.ends_at is None else alert.ends_at),
        "updatedAt": format_instant(alert.updated_at),
        "fingerprint": alert.fingerprint,
        "generatorURL": alert.annotations.get("source_url") or alert.annotations.get("dashboard_url", ""),
        "receivers": [{"name": name} for name in alert.receivers],
        "status": {
            "state": state(alert),
            "silencedBy": list(alert.silenced_by),
            "inhibitedBy": list(alert.inhibited_by),
            "mutedBy": [],
        },
    }


def groups_json(alerts: Iterable[Alert], now: Micros) -> list[Json]:
    """`alertGroups`: by receiver, ward and bed."""
    found: dict[tuple[str, str, str], list[Alert]] = {}
    for alert in alerts:
        for name in alert.receivers:
            found.setdefault((name, alert.labels.get("ward", ""), alert.labels.get("bed", "")), []).append(alert)
    return [
        {
            "receiver": {"name": receiver},
            "labels": {name: value for name, value in (("ward", ward), ("bed", bed)) if value},
            "alerts": [alert_json(alert, now) for alert in members],
        }
        for (receiver, ward, bed), members in sorted(found.items())
    ]


def silence_json(silence: Silence, now: Micros) -> Json:
    """A `gettableSilence`."""
    return {
        "id": silence.id,
        "status": {"state": str(silence.state(now))},
        "matchers": [
            {"name": m.label, "value": m.value, "isRegex": "~" in m.op, "isEqual": not m.op.startswith("!")}
            for m in silence.matchers
        ],
        "startsAt": format_instant(silence.starts_at),
        "endsAt": format_instant(silence.ends_at),
        "updatedAt": format_instant(silence.updated_at),
        "createdBy": silence.by,
        "comment": silence.comment,
    }


def silences_json(silences: Iterable[Silence], matchers: Iterable[Matcher], now: Micros) -> list[Json]:
    """The `gettableSilences` that have all of the matchers, active ones first, as Alertmanager sorts them."""
    wanted = set(matchers)
    order = {"active": 0, "pending": 1, "expired": 2}
    found = [silence for silence in silences if wanted <= set(silence.matchers)]
    found.sort(key=lambda s: (order[s.state(now)], s.ends_at if s.state(now) == "active" else -s.ends_at))
    return [silence_json(silence, now) for silence in found]


def status_json(version: str, started: Micros, config: str) -> Json:
    """An `alertmanagerStatus` without a cluster."""
    return {
        "cluster": {"name": "", "status": "disabled", "peers": []},
        "versionInfo": {
            "version": version, "revision": "", "branch": "", "buildUser": "", "buildDate": "", "goVersion": "",
        },
        "config": {"original": config},
        "uptime": format_instant(started),
    }  # fmt: skip


def _extra_annotations(alert: Alert) -> dict[str, str]:
    found = {"alert_id": alert.id, "decision": alert.reason}
    if alert.ack is not None:
        note = f": {alert.ack.note}" if alert.ack.note else ""
        found["acknowledged"] = f"by {alert.ack.by} at {format_instant(alert.ack.at)}{note}"
    return {name: text for name, text in found.items() if text}
