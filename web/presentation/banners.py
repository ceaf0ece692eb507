"""What everyone must know about the system itself, in words."""

from collections.abc import Iterator

from ward.clock import SECOND, format_instant, format_span
from ward.ids import printable
from web.model.instant import Instant
from web.model.read_model import ReadModel
from web.schemas import BannerSchema

_SILENCE = 10.0  # seconds without any reading from anybody
_WAITING = 60.0  # seconds a notice may wait before people are told that others were not
_EFFECTS = {
    "log": "The log does not answer, so nothing on this screen is new",
    "store": "The store does not answer: no curves and no history; live values and alerts go on",
}
_JOBS = {
    "bridge": "no reading comes in while it is away",
    "detectors": "nothing new is found wrong while it is away",
    "alerts": "nobody is told while it is away",
}


def banners(model: ReadModel, now: Instant) -> list[BannerSchema]:
    """The worst first."""
    found = [
        *_broken(model), *_silent(model, now), *_no_readings(model, now), *_undelivered(model, now),
        *_unhealthy(model, now), *_refused(model, now),
    ]  # fmt: skip
    return sorted(found, key=lambda banner: banner["level"])


def _broken(model: ReadModel) -> Iterator[BannerSchema]:
    for what, problem in model.problems.items():
        text = f"{_EFFECTS.get(what, f'{what} does not work')} ({problem.text})"
        yield {"level": "bad" if what == "log" else "warn", "text": text, "since": format_instant(problem.since)}


def _silent(model: ReadModel, now: Instant) -> Iterator[BannerSchema]:
    for health in model.health.silent(now):
        name = printable(health.program, 60)
        text = f"Program {name} is silent: {_JOBS.get(health.program, 'its work is not done')}"
        yield {"level": "bad", "text": text, "since": format_instant(health.at)}


def _no_readings(model: ReadModel, now: Instant) -> Iterator[BannerSchema]:
    newest = model.values.newest
    if model.config_view.inventory.beds and model.followed and now.since(newest, model.values.came) > _SILENCE:
        since = format_instant(newest) if newest else None
        yield {"level": "bad", "text": "No reading has come from any device", "since": since}


def _unhealthy(model: ReadModel, now: Instant) -> Iterator[BannerSchema]:
    for health in model.health.current(now):
        for problem in health.problems[:5]:
            yield {
                "level": "warn",
                "text": f"{printable(health.program, 60)}: {printable(problem, 200)}",
                "since": None,
            }


def _refused(model: ReadModel, now: Instant) -> Iterator[BannerSchema]:
    """Edits of the config that other programs did not take; that this one did not, the head of the page says."""
    ours = "\n".join(model.config()["faults"])
    programs: dict[str, list[str]] = {}
    for health in model.health.current(now):
        if health.reload_error and health.reload_error != ours:
            programs.setdefault(health.reload_error, []).append(printable(health.program, 60))
    for error, names in programs.items():
        first, *more = error.splitlines()
        rest = f" (and {len(more)} more)" if more else ""
        text = f"An edit of the config was refused, the old one rules in {', '.join(sorted(set(names)))}"
        yield {"level": "warn", "text": f"{text}: {printable(first, 200)}{rest}", "since": None}


def _undelivered(model: ReadModel, now: Instant) -> Iterator[BannerSchema]:
    """Channels that do not deliver, as the alerts about them say it; before there is one, as the numbers do."""
    problems = model.alerts.problems()
    for channel, alert in problems.items():
        text = f"People may not have been told: channel {printable(channel, 60)} does not deliver"
        yield {"level": "bad", "text": text, "since": format_instant(alert.starts_at)}
    numbers = model.health.numbers(now)
    waiting = numbers.by("wardwatch_outbox_notifications", "channel")
    for channel, oldest in sorted(numbers.by("wardwatch_outbox_oldest_age_seconds", "channel").items()):
        if oldest >= _WAITING and waiting.get(channel) and channel not in problems:
            text = (
                f"{waiting[channel]:.0f} notices wait for channel {printable(channel, 60)}, the oldest for "
                f"{format_span(oldest)}: people have not been told"
            )
            yield {"level": "bad", "text": text, "since": format_instant(now.at - round(oldest * SECOND))}
