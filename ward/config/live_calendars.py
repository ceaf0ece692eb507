"""The config in force with what the calendars of its schedules say now."""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ward.clock import Clock
from ward.config.alerting import Alerting
from ward.config.calendar.process import expand_apart
from ward.config.calendar_file import CalendarFile, Expand
from ward.config.calendar_people import calendar_of
from ward.config.config import Config
from ward.config.disk_reader import DiskReader
from ward.config.edit_guard import WaitingEdit
from ward.config.live_config import LiveConfig
from ward.config.on_call import Schedule
from ward.ids import digest
from ward.periodic import Periodic

log = logging.getLogger(__name__)

EVERY = 1.0
_STEP_SECONDS = 20.0  # after which the other files are left to the next step


class LiveCalendars:
    """A `LiveConfig`, and the part that reads the calendars of another one.

    The config is that of `live`; where a schedule names a calendar, it has its events. A calendar that cannot be read
    changes nothing in the rest of the config, and its last good copy is used. `copies` is the folder of these; without
    `keeps` nothing is written there. Without a calendar nothing is read, and the config is the very object of `live`.
    Any thread may call the methods.
    """

    def __init__(
        self, live: LiveConfig, directory: Path, clock: Clock, copies: Path | None = None,
        expand: Expand = expand_apart, disk_timeout: float = 5.0, *, keeps: bool = True,
    ) -> None:  # fmt: skip
        self._live = live
        self._directory = directory
        self._clock = clock
        self._copies = copies
        self._expand = expand
        self._keeps = keeps
        self._disk = DiskReader(disk_timeout)
        self._period = Periodic(clock, EVERY)
        self._files: dict[str, CalendarFile] = {}
        self._logged: dict[str, str] = {}
        self._reading, self._joining = threading.Lock(), threading.Lock()
        self._joined: tuple[Config, Config] | None = None
        self._refresh()

    @property
    def config(self) -> Config:
        """The config in force. Another object after each reload and each change of a calendar."""
        base = self._live.config
        if not any(schedule.calendar for schedule in base.alerting.schedules):
            return base
        with self._joining:
            if self._joined is None or self._joined[0] is not base:
                self._joined = base, replace(base, alerting=with_calendars(base.alerting, self._files))
            return self._joined[1]

    @property
    def waiting(self) -> WaitingEdit | None:
        return self._live.waiting

    @property
    def faults(self) -> Sequence[str]:
        return self._live.faults

    def step(self, wait: float) -> int:
        """Look at the calendars once a second. Returns 1 if one has changed."""
        if not self._period.wait(wait):
            return 0
        changed = self._refresh()
        for name, file in self._files.items():
            if file.problem != self._logged.get(name, ""):
                log.warning("calendar %s:%s", name, file.problem or " is read again")
                self._logged[name] = file.problem
        return int(changed)

    def close(self) -> None:
        """Nothing to release."""

    def _refresh(self) -> bool:
        with self._reading:
            alerting = self._live.config.alerting
            names = {schedule.calendar for schedule in alerting.schedules if schedule.calendar}
            files = {name: self._files.get(name) or self._open(name) for name in sorted(names)}
            until = self._clock.monotonic() + _STEP_SECONDS
            changed = [file.refresh(alerting.timezone) for file in files.values() if self._clock.monotonic() < until]
            with self._joining:
                if any(changed) or files.keys() != self._files.keys():
                    self._files, self._joined = files, None
            return any(changed)

    def _open(self, name: str) -> CalendarFile:
        file = self._directory.absolute() / name
        copy = self._copies / f"{digest(file.as_posix())}.ics" if self._copies is not None else None
        return CalendarFile(file, copy, self._clock, self._disk, self._expand, keeps=self._keeps)


def with_calendars(alerting: Alerting, files: Mapping[str, CalendarFile]) -> Alerting:
    """The settings with the events of the calendars in their schedules."""

    def filled(schedule: Schedule) -> Schedule:
        name, file = schedule.calendar, files.get(schedule.calendar or "")
        if name is None or file is None:
            return schedule
        problem = f"{name}:{file.problem}" if file.problem else ""
        return schedule.with_calendar(calendar_of(name, file.expansion, file.until, alerting.people, problem))

    return alerting.model_copy(update={"schedules": tuple(map(filled, alerting.schedules))})
