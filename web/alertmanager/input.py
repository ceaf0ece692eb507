"""Alerts and silences that other systems post in the shapes of Alertmanager's API v2, read into our own words."""

import re
from collections.abc import Callable
from typing import TypeVar

import msgspec

from ward.action import Action, ActionType
from ward.alert import EXTERNAL, fingerprint
from ward.clock import SECOND, Micros, parse_instant
from ward.finding import Edge, End, Finding, Kind, Severity
from ward.ids import digest, is_id, printable
from ward.matcher import Matcher
from ward.silence import Silence
from web.alertmanager.grafana import is_grafanas, is_proved_over, translated

MOST_BYTES = 1 << 20
MOST_ALERTS = 1000
MOST_LABELS = 64
LONGEST_LABEL = 256
LONGEST_TEXT = 2000

T = TypeVar("T")

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*", re.ASCII)
_SEVERITIES = {
    "high": Severity.HIGH, "critical": Severity.HIGH, "page": Severity.HIGH, "emergency": Severity.HIGH,
    "medium": Severity.MEDIUM, "warning": Severity.MEDIUM, "error": Severity.MEDIUM,
    "low": Severity.LOW, "info": Severity.LOW, "none": Severity.LOW,
}  # fmt: skip


class _Alert(msgspec.Struct, rename="camel"):
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: str | None = None
    ends_at: str | None = None
    generator_url: str = msgspec.field(name="generatorURL", default="")


class _Matcher(msgspec.Struct, rename="camel"):
    name: str
    value: str
    is_regex: bool
    is_equal: bool = True


class _Silence(msgspec.Struct, rename="camel"):
    matchers: list[_Matcher]
    starts_at: str
    ends_at: str
    created_by: str
    comment: str
    id: str | None = None
    alert: str = ""


_ALERTS = msgspec.json.Decoder(list[_Alert])
_SILENCE = msgspec.json.Decoder(_Silence)


def posted_alerts(
    body: bytes, now: Micros, timeout: float, patient: Callable[[str], str] = lambda _: ""
) -> list[tuple[str, Finding]]:  # fmt: skip
    """The alerts of `POST /api/v2/alerts` as findings, each with its key in the log.

    One with an end in the past is over because its sender said so. Any other holds until its end,
    or for `timeout` seconds where it has none, and is then not over but unknown, unless it is
    posted again. Grafana's are told in our words, with the patient of their bed as `patient` knows it, and their
    ends are believed where they are proved. Raises `ValueError` with what is wrong, and with which alert.
    """
    if len(body) > MOST_BYTES:
        raise ValueError(f"a body of {len(body)} bytes; at most {MOST_BYTES}")
    posted = _decode(_ALERTS, body)
    if len(posted) > MOST_ALERTS:
        raise ValueError(f"{len(posted)} alerts in one request; at most {MOST_ALERTS}")
    return [_finding(alert, number, now, timeout, patient) for number, alert in enumerate(posted)]


def posted_silence(body: bytes, now: Micros, request: str) -> Action:
    """The silence of `POST /api/v2/silences` as an action; `request` makes its id, and a repeat of it harmless.

    With the id of one that exists it replaces it. Beyond Alertmanager's fields, `alert` may name
    an alert's id, with which the silence ends too. Raises `ValueError` with what is wrong.
    """
    if len(body) > MOST_BYTES:
        raise ValueError(f"a body of {len(body)} bytes; at most {MOST_BYTES}")
    posted = _decode(_SILENCE, body)
    by, comment = printable(posted.created_by.strip()), printable(posted.comment.strip(), LONGEST_TEXT)
    if not by or not comment:
        raise ValueError("a silence needs its author (createdBy) and the reason (comment)")
    starts, ends = _instant(posted.starts_at, "startsAt") or now, _instant(posted.ends_at, "endsAt") or 0
    if ends <= max(starts, now):
        raise ValueError("a silence must end after it starts, and in the future (endsAt)")
    if posted.id and not is_id(posted.id):
        raise ValueError(f"not an id of a silence: {printable(posted.id)}")
    if posted.alert and not is_id(posted.alert):
        raise ValueError(f"not an id of an alert: {printable(posted.alert)}")
    if len(posted.matchers) > MOST_LABELS:
        raise ValueError(f"{len(posted.matchers)} matchers; at most {MOST_LABELS}")
    silence = Silence(
        id=posted.id or digest("silence", request), matchers=tuple(_matcher(m) for m in posted.matchers),
        starts_at=starts, ends_at=ends, by=by, comment=comment, updated_at=now, alert=posted.alert,
    )  # fmt: skip
    return Action(
        id=digest("silence", silence.id, request), type=ActionType.SILENCE, subject=silence.id, by=by, at=now,
        note=comment, silence=silence,
    )  # fmt: skip


def _decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not what this address takes: {error}") from error


def _finding(
    alert: _Alert, number: int, now: Micros, timeout: float, patient: Callable[[str], str]
) -> tuple[str, Finding]:  # fmt: skip
    proved = True
    try:
        labels = _checked(alert.labels, LONGEST_LABEL, "label")
        annotations = _checked(alert.annotations, LONGEST_TEXT, "annotation")
        if is_grafanas(labels):
            proved = is_proved_over(labels, annotations)
            labels, annotations = translated(labels, annotations)
            if "bed" in labels and (who := patient(labels["bed"])):
                labels["patient_id"] = who
        onset = _instant(alert.starts_at, "startsAt") or now
        ends = _instant(alert.ends_at, "endsAt")
    except ValueError as error:
        raise ValueError(f"alert {number}: {error}") from error
    if not labels:
        raise ValueError(f"alert {number}: at least one label is needed")
    name = labels.get("alertname", EXTERNAL)
    over = ends is not None and ends <= now
    key = fingerprint(labels)
    finding = Finding(
        episode=digest(EXTERNAL, key, alert.starts_at or now), edge=Edge.CLEARED if over else Edge.RAISED,
        rule=name, detector=EXTERNAL,
        kind=Kind.PHYSIOLOGICAL if labels.get("kind") == Kind.PHYSIOLOGICAL else Kind.TECHNICAL,
        severity=_SEVERITIES.get(labels.get("severity", "").lower(), Severity.MEDIUM),
        onset=min(onset, now), at=ends if over and ends is not None else now, seen=now,
        text=annotations.get("summary") or annotations.get("description") or _named(name, labels),
        ended=(End.RECOVERED if proved else End.SIGNAL_LOST) if over else None, labels=labels, annotations=annotations,
        until=None if over else ends or now + round(timeout * SECOND), url=printable(alert.generator_url, LONGEST_TEXT),
        runbook=annotations.get("runbook_url", ""),
        ward=_id(labels, "ward"), bed=_id(labels, "bed"), patient=_id(labels, "patient_id"),
        device=_id(labels, "device_id"), signal=_id(labels, "metric"),
    )  # fmt: skip
    return key, finding


def _checked(pairs: dict[str, str], longest: int, what: str) -> dict[str, str]:
    """Labels or annotations without empty ones. Raises `ValueError` for what cannot be one."""
    if len(pairs) > MOST_LABELS:
        raise ValueError(f"{len(pairs)} {what}s; at most {MOST_LABELS}")
    for name, value in pairs.items():
        if not _NAME.fullmatch(name) or len(name) > LONGEST_LABEL:
            raise ValueError(f"not the name of a {what}: {printable(name)}")
        if len(value) > longest:
            raise ValueError(f"{what} {name}: {len(value)} characters; at most {longest}")
    return {name: printable(value, 2 * longest) for name, value in pairs.items() if value}


def _instant(text: str | None, field: str) -> Micros | None:
    """An instant; None for none, which some clients write as the first of January of the year 1."""
    if not text:
        return None
    try:
        at = parse_instant(text)
    except ValueError as error:
        raise ValueError(f"{field}: {error}") from error
    return at if at > 0 else None


def _matcher(posted: _Matcher) -> Matcher:
    if not _NAME.fullmatch(posted.name):
        raise ValueError(f"not the name of a label: {printable(posted.name)}")
    if posted.is_regex:
        return Matcher(posted.name, "=~" if posted.is_equal else "!~", posted.value)
    return Matcher(posted.name, "=" if posted.is_equal else "!=", posted.value)


def _id(labels: dict[str, str], name: str) -> str:
    """The value of a label that names something of ours; empty where it could not."""
    return value if is_id(value := labels.get(name, "")) else ""


def _named(name: str, labels: dict[str, str]) -> str:
    which = labels.get("instance") or labels.get("job") or ""
    return f"{name} {which}".strip()
