"""Texts about problems of the system itself, which every page shows."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from ward.alert import ON_CALL, Alert
from ward.clock import SECOND, Micros, format_span
from ward.config.schedules import addressed_channels
from ward.finding import Kind, Severity
from ward.ids import printable
from ward.local_time import local_time
from ward.program_problems import DISK_FULL
from web.board import texts
from web.board.live_alert import live_config_status
from web.model.now import Now
from web.model.read_model import ConfigStatus, ReadModel

_NO_READINGS_AFTER = 10.0  # seconds without a reading of any device
_MAX_BEDS = 4  # that a banner names
_MOST_SILENCES = 5  # shown by name
_MOST_CLOSED = 2  # alerts that an edit would close, by their text
_LATE_AFTER = 60.0  # seconds that a notification may wait before a banner says so


class Banner(NamedTuple):
    """One problem; `since` is None where it is not known."""

    level: Literal["bad", "warn"]
    text: str
    since: Micros | None


def banners(model: ReadModel, now: Now) -> list[Banner]:
    """All problems, the worst first."""
    found = [
        *_services(model), *_programs(model, now), *_readings(model, now), *_evaluation(model, now),
        *_delivery(model, now), *_on_call(model), *_reported(model, now), *_refused_edits(model, now),
        *_reports(model, now), *_silences(model),
    ]  # fmt: skip
    return sorted(found, key=lambda banner: banner.level)


def _services(model: ReadModel) -> Iterator[Banner]:
    for service, problem in model.problems.items():
        effect = texts.SERVICE_EFFECTS.get(service) or texts.OTHER_SERVICE(service=service)
        text = texts.SERVICE(effect=effect, problem=problem.text)
        yield Banner("bad" if service == "log" else "warn", text, problem.since)


def _programs(model: ReadModel, now: Now) -> Iterator[Banner]:
    for health in model.health.stale(now):
        effect = texts.PROGRAM_EFFECTS.get(health.program, texts.OTHER_PROGRAM)
        text = texts.NO_HEARTBEAT(program=printable(health.program, 60), effect=effect)
        yield Banner("bad", text, health.at)


def _readings(model: ReadModel, now: Now) -> Iterator[Banner]:
    newest = model.values.newest
    age = now.age(newest, model.values.newest_received)
    if model.config_view.inventory.beds and model.caught_up and age > _NO_READINGS_AFTER:
        yield Banner("bad", texts.NO_READING(), newest or None)


def beds_not_evaluated(model: ReadModel, now: Now) -> dict[str, Micros | None]:
    """The beds whose readings the detectors do not evaluate now, and until when they did where that is known."""
    places = model.config_view.places
    found = {
        bed: model.detector_lag.of((device.id for device, _ in places.devices(bed, now.wall)), now)
        for bed in (model.config_view.inventory.beds if model.caught_up else ())
    }
    return {bed: evaluated.until for bed, evaluated in found.items() if not evaluated.current}


def _evaluation(model: ReadModel, now: Now) -> Iterator[Banner]:
    """All beds whose readings are not evaluated in one banner, which names them where they are few."""
    beds, behind = model.config_view.inventory.beds, beds_not_evaluated(model, now)
    if behind:
        known = [until for until in behind.values() if until is not None]
        names = ", ".join(printable(beds[bed].label, 60) for bed in behind)
        many = texts.BEDS_NOT_EVALUATED(count=len(behind), all=len(beds))
        text = texts.NOT_EVALUATED(which=many if len(behind) > _MAX_BEDS else names)
        yield Banner("bad", text, min(known) if len(known) == len(behind) else None)


def _reported(model: ReadModel, now: Now) -> Iterator[Banner]:
    for health in model.health.current(now):
        for problem in health.problems[:5]:
            level: Literal["bad", "warn"] = "bad" if problem.startswith(DISK_FULL) else "warn"
            text = texts.REPORTED(program=printable(health.program, 60), problem=printable(problem, 300))
            yield Banner(level, text, None)


def _refused_edits(model: ReadModel, now: Now) -> Iterator[Banner]:
    """Edits of the config that other programs refused. The header of each page has those that this program refused."""
    status = live_config_status(model, now)
    own = "\n".join(status.faults)
    if status.waiting:
        _, first, *others = status.faults
        text = texts.EDIT_WAITS(closes=_closes(status), first=printable(first, 200), rest=_rest(others))
        yield Banner("warn", text, status.refused_at)
    programs: dict[str, list[str]] = {}
    for health in model.health.current(now):
        if health.reload_error and health.reload_error != own:
            programs.setdefault(health.reload_error, []).append(printable(health.program, 60))
    for error, names in programs.items():
        first, *more = error.splitlines()
        programs_ = ", ".join(sorted(set(names)))
        text = texts.EDIT_REFUSED(programs=programs_, first=printable(first, 200), rest=_rest(more))
        yield Banner("warn", text, None)


def _rest(others: Sequence[str]) -> str:
    return texts.AND_MORE(count=len(others)) if others else ""


def _closes(status: ConfigStatus) -> str:
    """What active alerts an edit would close, the most severe ones by their text."""
    if not status.ends:
        return ""
    shown = "; ".join(alert_line(alert) for alert in status.ends[:_MOST_CLOSED])
    more = texts.AND_FURTHER(count=len(status.ends) - _MOST_CLOSED) if len(status.ends) > _MOST_CLOSED else ""
    count = texts.ONE_ACTIVE() if len(status.ends) == 1 else texts.SEVERAL_ACTIVE(count=len(status.ends))
    return texts.EDIT_CLOSES(count=count, shown=shown, more=more)


def alert_line(alert: Alert) -> str:
    """`HIGH priority, ICU bed 5: SpO2 55 % < 85 for 4 min`."""
    text = alert.annotations.get("summary") or alert.labels.get("alertname", "alert")
    return texts.ALERT_LINE(severity=str(alert.severity).upper(), text=printable(text, 200))


def _delivery(model: ReadModel, now: Now) -> Iterator[Banner]:
    """Channels that do not deliver: from the alerts about them, and before these from the metrics of the outbox."""
    problems = model.alerts.delivery_problems()
    for channel, alert in problems.items():
        text = alert.annotations.get("summary") or texts.CHANNEL_UNKNOWN(channel=channel)
        yield Banner("bad", texts.CHANNEL_FAILS(text=printable(text, 300)), alert.starts_at)
    numbers = model.health.samples(now)
    waiting = numbers.by("wardwatch_outbox_notifications", "channel")
    for channel, oldest in sorted(numbers.by("wardwatch_outbox_oldest_age_seconds", "channel").items()):
        if oldest >= _LATE_AFTER and waiting.get(channel) and channel not in problems:
            text = texts.CHANNEL_WAITS(
                count=f"{waiting[channel]:.0f}", channel=printable(channel, 60), span=format_span(oldest)
            )
            yield Banner("bad", text, now.wall - round(oldest * SECOND))


def _on_call(model: ReadModel) -> Iterator[Banner]:
    """Schedules by which nobody is on call, and calendars that cannot be read or end soon."""
    for alert in model.alerts.active():
        if alert.source == ON_CALL:
            level: Literal["bad", "warn"] = "warn" if alert.severity is Severity.LOW else "bad"
            yield Banner(level, printable(alert.annotations.get("summary", alert.id), 300), alert.starts_at)


def _reports(model: ReadModel, now: Now) -> Iterator[Banner]:
    """Reports that are to be mailed, and that no channel can send."""
    alerting = model.config_view.config.alerting
    wanted = {texts.HANDOVERS: alerting.handover.receivers, texts.ALARM_LOAD: alerting.alarm_load.receivers}
    for text, receivers in wanted.items():
        if receivers and not addressed_channels(alerting, receivers, now.wall):
            yield Banner("warn", text(receivers=printable(", ".join(receivers), 200)), None)


def _silences(model: ReadModel) -> Iterator[Banner]:
    """Silences that mute HIGH alerts about patients now; one of a single alert, set at its bed, is less surprising."""
    muted = Counter(
        id_
        for alert in model.alerts
        if alert.active and alert.severity is Severity.HIGH and alert.kind is Kind.PHYSIOLOGICAL
        for id_ in alert.silenced_by
    )
    for id_, count in muted.most_common(_MOST_SILENCES):
        silence = model.silences.get(id_)
        if silence is None:
            yield Banner("bad", texts.SILENCED_UNKNOWN(alerts=_high(count)), None)
            continue
        until = local_time(silence.ends_at, model.config_view.config.alerting.timezone)
        text = texts.SILENCED(
            alerts=_high(count), by=printable(silence.by, 80), until=until, comment=printable(silence.comment, 160)
        )
        yield Banner("warn" if silence.alert else "bad", text, silence.starts_at)
    if len(muted) > _MOST_SILENCES:
        yield Banner("bad", texts.MORE_SILENCES(count=len(muted) - _MOST_SILENCES), None)


def _high(count: int) -> str:
    return texts.ONE_HIGH() if count == 1 else texts.SEVERAL_HIGH(count=count)
