"""Alerts and silences posted in the schemas of Alertmanager's API v2, converted to findings and actions."""

from collections.abc import Callable, Collection
from typing import NamedTuple, TypeVar

import msgspec

from ward.action import Action, ActionType
from ward.alert import EXTERNAL, fingerprint
from ward.clock import SECOND, Micros, parse_instant
from ward.config.alerting import Power
from ward.finding import EndReason, Finding, Kind, Severity, Transition
from ward.ids import digest, is_id, printable
from ward.matcher import Matcher
from ward.severity_names import SEVERITY, with_our_severity
from ward.silence import Silence
from web.alertmanager.grafana import from_grafana, has_proof_of_end, translated, trusted

MAX_BYTES = 1 << 20
MAX_ALERTS = 1000
MAX_LABELS = 64
MAX_LABEL_LENGTH = 256
MAX_TEXT_LENGTH = 2000
LONGEST_SILENCE = 366 * 86400 * SECOND

Powers = Collection[Power]
T = TypeVar("T")


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


class PostedAlerts(NamedTuple):
    """The valid alerts of a request as findings, each with its key in the log, and why the others are refused."""

    findings: list[tuple[str, Finding]]
    refused: list[str]


_ALERTS = msgspec.json.Decoder(list[msgspec.Raw])
_ALERT = msgspec.json.Decoder(_Alert)
_SILENCE = msgspec.json.Decoder(_Silence)


def posted_alerts(
    body: bytes, now: Micros, timeout: float, patient: Callable[[str], str] = lambda _: "", may: Powers = frozenset(),
) -> PostedAlerts:  # fmt: skip
    """The alerts of `POST /api/v2/alerts` as findings. An invalid alert does not affect the others of its request.

    An alert with an end in the past has ended. Any other is active until its end, or for `timeout` seconds
    where it has none; after that its state is unknown, unless it is posted again. An alert of Grafana gets our
    labels, and the patient of its bed from `patient`; its end counts only with a proof. `may` is what the config trusts
    the sender with. Raises `ValueError` for a body that is no list of at most `MAX_ALERTS` alerts.
    """
    if len(body) > MAX_BYTES:
        raise ValueError(f"a body of {len(body)} bytes; at most {MAX_BYTES}")
    posted = _decode(_ALERTS, body)
    if len(posted) > MAX_ALERTS:
        raise ValueError(f"{len(posted)} alerts in one request; at most {MAX_ALERTS}")
    found = PostedAlerts([], [])
    for number, raw in enumerate(posted):
        try:
            found.findings.append(_finding(_decode(_ALERT, bytes(raw)), now, timeout, patient, may))
        except ValueError as error:
            found.refused.append(f"alert {number}: {error}")
    return found


def posted_silence(body: bytes, now: Micros, request: str) -> Action:
    """The silence of `POST /api/v2/silences` as an action; its id is a digest of `request`, so a repeat is harmless.

    With the id of an existing silence it replaces that one. Besides Alertmanager's fields, `alert` may name the
    id of an alert: the silence ends together with it. Raises `ValueError` with the fault.
    """
    if len(body) > MAX_BYTES:
        raise ValueError(f"a body of {len(body)} bytes; at most {MAX_BYTES}")
    posted = _decode(_SILENCE, body)
    by, comment = printable(posted.created_by.strip()), printable(posted.comment.strip(), MAX_TEXT_LENGTH)
    if not by or not comment:
        raise ValueError("a silence needs its author (createdBy) and the reason (comment)")
    starts, ends = _instant(posted.starts_at, "startsAt") or now, _instant(posted.ends_at, "endsAt") or 0
    if ends <= max(starts, now):
        raise ValueError("a silence must end after it starts, and in the future (endsAt)")
    if ends > now + LONGEST_SILENCE:
        raise ValueError("a silence must end within a year (endsAt): for longer, change the rule")
    if posted.id and not is_id(posted.id):
        raise ValueError(f"not an id of a silence: {printable(posted.id)}")
    if posted.alert and not is_id(posted.alert):
        raise ValueError(f"not an id of an alert: {printable(posted.alert)}")
    if len(posted.matchers) > MAX_LABELS:
        raise ValueError(f"{len(posted.matchers)} matchers; at most {MAX_LABELS}")
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
        raise ValueError(f"not the expected JSON: {error}") from error


def _finding(
    alert: _Alert, now: Micros, timeout: float, patient: Callable[[str], str], may: Powers
) -> tuple[str, Finding]:  # fmt: skip
    proved = True
    labels = _checked(alert.labels, MAX_LABEL_LENGTH, "label")
    annotations = _checked(alert.annotations, MAX_TEXT_LENGTH, "annotation")
    if from_grafana(labels):
        proved = has_proof_of_end(labels, annotations)
        labels, annotations = translated(labels, annotations)
        if "bed" in labels and (who := patient(labels["bed"])):
            labels["patient_id"] = who
    onset = _instant(alert.starts_at, "startsAt") or now
    ends = _instant(alert.ends_at, "endsAt")
    if not labels:
        raise ValueError("at least one label is needed")
    labels, annotations = trusted(with_our_severity(labels), annotations, may)
    name = labels.get("alertname", EXTERNAL)
    over = ends is not None and ends <= now
    key = fingerprint(labels)
    finding = Finding(
        episode=digest(EXTERNAL, key, alert.starts_at or now),
        transition=Transition.CLEARED if over else Transition.RAISED,
        rule=name, detector=EXTERNAL,
        kind=Kind.PHYSIOLOGICAL if labels.get("kind") == Kind.PHYSIOLOGICAL else Kind.TECHNICAL,
        severity=Severity(labels[SEVERITY]),
        onset=min(onset, now), at=ends if over and ends is not None else now, received_at=now,
        text=annotations.get("summary") or annotations.get("description") or _named(name, labels),
        ended=(EndReason.RECOVERED if proved else EndReason.SIGNAL_LOST) if over else None, labels=labels,
        annotations=annotations,
        until=None if over else ends or now + round(timeout * SECOND),
        url=printable(alert.generator_url, MAX_TEXT_LENGTH), runbook=annotations.get("runbook_url", ""),
        ward=_id(labels, "ward"), bed=_id(labels, "bed"), patient=_id(labels, "patient_id"),
        device=_id(labels, "device_id"), signal=_id(labels, "metric"),
    )  # fmt: skip
    return key, finding


def _checked(pairs: dict[str, str], max_length: int, what: str) -> dict[str, str]:
    """Labels or annotations, without empty ones. Raises `ValueError` for a bad name or a value that is too long."""
    if len(pairs) > MAX_LABELS:
        raise ValueError(f"{len(pairs)} {what}s; at most {MAX_LABELS}")
    for name, value in pairs.items():
        if not _is_name(name):
            raise ValueError(f"not the name of a {what}: {printable(name)}")
        if len(value) > max_length:
            raise ValueError(f"{what} {name}: {len(value)} characters; at most {max_length}")
    return {name: printable(value, 2 * max_length) for name, value in pairs.items() if value}


def _instant(text: str | None, field: str) -> Micros | None:
    """An instant; None where there is none, which some clients write as 0001-01-01."""
    if not text:
        return None
    try:
        at = parse_instant(text)
    except ValueError as error:
        raise ValueError(f"{field}: {error}") from error
    return at if at > 0 else None


def _matcher(posted: _Matcher) -> Matcher:
    if not _is_name(posted.name):
        raise ValueError(f"not the name of a label: {printable(posted.name)}")
    if posted.is_regex:
        return Matcher(posted.name, "=~" if posted.is_equal else "!~", posted.value)
    return Matcher(posted.name, "=" if posted.is_equal else "!=", posted.value)


def _is_name(name: str) -> bool:
    """Whether a label may have this name: as in Alertmanager any text, but without control characters."""
    return bool(name) and name.isprintable() and len(name) <= MAX_LABEL_LENGTH


def _id(labels: dict[str, str], name: str) -> str:
    """The value of a label if it is a valid id, else empty."""
    return value if is_id(value := labels.get(name, "")) else ""


def _named(name: str, labels: dict[str, str]) -> str:
    which = labels.get("instance") or labels.get("job") or ""
    return f"{name} {which}".strip()
