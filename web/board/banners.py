"""Texts about problems of the system itself, which every page shows."""

from collections import Counter
from collections.abc import Iterator
from typing import Literal, NamedTuple

from ward.clock import SECOND, Micros, format_span
from ward.finding import Kind, Severity
from ward.ids import printable
from ward.local_time import local_time
from ward.program_problems import DISK_FULL
from web.model.now import Now
from web.model.read_model import ReadModel

_NO_READINGS_AFTER = 10.0  # seconds without a reading of any device
_MAX_BEDS = 4  # that a banner names
_MOST_SILENCES = 5  # shown by name
_LATE_AFTER = 60.0  # seconds that a notification may wait before a banner says so
_SERVICE_EFFECTS = {
    "log": "The log does not answer, so nothing on this screen is new",
    "store": "The store does not answer: no curves and no history; live values and alerts go on",
}
_PROGRAM_EFFECTS = {
    "bridge": "no readings are received while it is down",
    "detectors": "no new findings while it is down",
    "alerts": "nobody is notified while it is down",
}


class Banner(NamedTuple):
    """One problem; `since` is None where it is not known."""

    level: Literal["bad", "warn"]
    text: str
    since: Micros | None


def banners(model: ReadModel, now: Now) -> list[Banner]:
    """All problems, the worst first."""
    found = [
        *_services(model), *_programs(model, now), *_readings(model, now), *_evaluation(model, now),
        *_delivery(model, now), *_reported(model, now), *_refused_edits(model, now), *_silences(model),
    ]  # fmt: skip
    return sorted(found, key=lambda banner: banner.level)


def _services(model: ReadModel) -> Iterator[Banner]:
    for service, problem in model.problems.items():
        text = f"{_SERVICE_EFFECTS.get(service, f'The {service} does not answer')} ({problem.text})"
        yield Banner("bad" if service == "log" else "warn", text, problem.since)


def _programs(model: ReadModel, now: Now) -> Iterator[Banner]:
    for health in model.health.stale(now):
        effect = _PROGRAM_EFFECTS.get(health.program, "it does not work while it is down")
        yield Banner("bad", f"No heartbeat from program {printable(health.program, 60)}: {effect}", health.at)


def _readings(model: ReadModel, now: Now) -> Iterator[Banner]:
    newest = model.values.newest
    age = now.age(newest, model.values.newest_received)
    if model.config_view.inventory.beds and model.caught_up and age > _NO_READINGS_AFTER:
        yield Banner("bad", "No reading has come from any device", newest or None)


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
        which = f"{len(behind)} of {len(beds)} beds" if len(behind) > _MAX_BEDS else names
        text = f"An alert may be missing, watch the patients at the bedside: readings of {which} are not evaluated"
        yield Banner("bad", text, min(known) if len(known) == len(behind) else None)


def _reported(model: ReadModel, now: Now) -> Iterator[Banner]:
    for health in model.health.current(now):
        for problem in health.problems[:5]:
            level: Literal["bad", "warn"] = "bad" if problem.startswith(DISK_FULL) else "warn"
            yield Banner(level, f"{printable(health.program, 60)}: {printable(problem, 300)}", None)


def _refused_edits(model: ReadModel, now: Now) -> Iterator[Banner]:
    """Edits of the config that other programs refused. The header of each page has those that this program refused."""
    status = model.config_status()
    own = "\n".join(status.faults)
    if status.waiting:
        ends = f"; it would end {len(status.ends)} active alert{'s' * (len(status.ends) > 1)}" if status.ends else ""
        text = f"An edit of the config is not in force and waits for a confirmation on the pipeline page{ends}"
        _, first, *others = status.faults
        rest = f" (and {len(others)} more)" if others else ""
        yield Banner("warn", f"{text}: {printable(first, 200)}{rest}", status.refused_at)
    programs: dict[str, list[str]] = {}
    for health in model.health.current(now):
        if health.reload_error and health.reload_error != own:
            programs.setdefault(health.reload_error, []).append(printable(health.program, 60))
    for error, names in programs.items():
        first, *more = error.splitlines()
        rest = f" (and {len(more)} more)" if more else ""
        text = f"An edit of the config was refused; the old config stays in force in {', '.join(sorted(set(names)))}"
        yield Banner("warn", f"{text}: {printable(first, 200)}{rest}", None)


def _delivery(model: ReadModel, now: Now) -> Iterator[Banner]:
    """Channels that do not deliver: from the alerts about them, and before these from the metrics of the outbox."""
    problems = model.alerts.delivery_problems()
    for channel, alert in problems.items():
        text = alert.annotations.get("summary", f"channel {channel} does not deliver")
        yield Banner("bad", f"Notifications may not arrive: {printable(text, 300)}", alert.starts_at)
    numbers = model.health.samples(now)
    waiting = numbers.by("wardwatch_outbox_notifications", "channel")
    for channel, oldest in sorted(numbers.by("wardwatch_outbox_oldest_age_seconds", "channel").items()):
        if oldest >= _LATE_AFTER and waiting.get(channel) and channel not in problems:
            text = (
                f"{waiting[channel]:.0f} notifications wait for channel {printable(channel, 60)}, the oldest for "
                f"{format_span(oldest)}: they have not been delivered"
            )
            yield Banner("bad", text, now.wall - round(oldest * SECOND))


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
            yield Banner("bad", f"{_high(count)} silenced by an unknown silence", None)
            continue
        until = local_time(silence.ends_at, model.config_view.config.alerting.timezone)
        text = (
            f"{_high(count)} silenced by {printable(silence.by, 80)} until {until}: {printable(silence.comment, 160)}"
        )
        yield Banner("warn" if silence.alert else "bad", text, silence.starts_at)
    if len(muted) > _MOST_SILENCES:
        yield Banner("bad", f"{len(muted) - _MOST_SILENCES} more silences mute HIGH alerts about patients", None)


def _high(count: int) -> str:
    return "1 HIGH alert about a patient is" if count == 1 else f"{count} HIGH alerts about patients are"
