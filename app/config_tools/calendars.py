"""The calendars of a config: their events for a command, and their faults for a check."""

from collections.abc import Iterator
from pathlib import Path

from app.settings.settings import Settings
from ward.clock import SECOND, Clock, ManualClock, Micros
from ward.config.config import Config
from ward.config.live_calendars import LiveCalendars
from ward.config.live_config import FixedConfig
from ward.config.on_call import Schedule
from ward.config.schedules import first_gap, used_schedules
from ward.config.yaml.fault import ConfigFault
from ward.local_time import local_time

_SOON = 7 * 86_400 * SECOND


def with_calendars(config: Config, settings: Settings, at: Micros) -> Config:
    """The config with what its calendars say around an instant; from the copies of the programs where one cannot be
    read."""
    copies = settings.data / "calendars"
    return LiveCalendars(FixedConfig(config), settings.config, _at(at), copies, keeps=False).config


def calendar_faults(config: Config, directory: Path, at: Micros) -> Iterator[ConfigFault]:
    """What is wrong with the calendars, in their lines. A program that runs goes on with the last good copy."""
    alerting = LiveCalendars(FixedConfig(config), directory, _at(at)).config.alerting
    used = {schedule.name for schedule, _ in used_schedules(alerting)}
    for schedule in alerting.schedules:
        if schedule.calendar is not None:
            yield from _faults(schedule, directory, alerting.timezone, at, used=schedule.name in used)


def _faults(schedule: Schedule, directory: Path, zone: str, at: Micros, *, used: bool) -> Iterator[ConfigFault]:
    events, file = schedule.events, (directory / (schedule.calendar or "")).as_posix()
    if events.problem:
        yield _fault(directory, events.problem)
        return
    for note in events.notes:
        yield _fault(directory, note, warning=True)
    if events.ends is not None and events.ends <= at:
        yield ConfigFault(file, 1, 1, "names nobody now or later")
    elif events.ends is not None and events.ends - at < _SOON:
        yield ConfigFault(file, 1, 1, f"names nobody after {local_time(events.ends, zone)}", warning=True)
    gap = first_gap(schedule, zone, at)
    if gap is not None and used:
        words = f"by schedule {schedule.name} nobody is on call at {local_time(gap, zone)}"
        yield ConfigFault(file, 1, 1, f"{words}: then the channels of the receiver are used", warning=True)


def _fault(directory: Path, placed: str, *, warning: bool = False) -> ConfigFault:
    """From `on-call.ics:12: words`."""
    file, line, words = placed.split(":", 2)
    return ConfigFault((directory / file).as_posix(), int(line), 1, words.strip(), warning)


def _at(at: Micros) -> Clock:
    return ManualClock(at)
