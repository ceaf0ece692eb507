"""The config of a directory, loaded again when its files change."""

import dataclasses
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from ward.clock import Clock, Micros
from ward.config.config import Config
from ward.config.disk_reader import DiskHangs, DiskReader
from ward.config.edit_guard import EditGuard, WaitingEdit
from ward.config.folder_watch import FolderWatch
from ward.errors import ConfigError
from ward.ids import digest, printable
from ward.metrics import Metrics

log = logging.getLogger(__name__)

_MOST_LOGGED = 50
# Seconds for the first read: a busy machine is no disk that hangs, and nothing else waits for it yet.
START_WITHIN = 30.0
CONFIRMED_WITHIN = 5.0  # seconds within which the program `alerts` confirms an edit that ends no alert
_OPEN = "is open for writing in another program: it is read when that program closes it"


class ConfigReloader:
    """A `LiveConfig`, and the part that reloads it.

        files change, all are closed ─▶ read ─▶ valid ─▶ takes no watch away, or is confirmed ─▶ in force
        `request_reload`, `reload` ──▶   │        │        │
        an override ends ────────────▶   │        │        └─▶ waits for a person: in `waiting` and `faults`
                                         │        └─▶ has faults: in `faults`
                                         └─▶ the disk hangs: in `faults`

    Whatever is in `faults`, the config before it stays in force.

    `read` returns the `Config` of the directory at an instant or raises `ConfigError`. `last` returns the config that
    was in force before this start, if it is known: what the files take away from it waits like any other edit, and it
    is in force when the files have faults; where it is not known, the constructor raises `ConfigError` for these.
    `guard` decides which edits wait for a confirmation; without one, none does. A disk that does not answer within
    `disk_timeout` seconds counts as hanging. Any thread may call the methods.
    """

    def __init__(
        self, directory: Path, read: Callable[[Micros], Config], clock: Clock, metrics: Metrics, settle: float = 0.3,
        guard: EditGuard | None = None, disk_timeout: float = 10.0,
        last: Callable[[], Config | None] = lambda: None,
    ) -> None:  # fmt: skip
        self._directory = directory
        self._read = read
        self._clock = clock
        self._metrics = metrics
        self._guard = guard
        self._faults: Sequence[str] = ()
        self._waiting: WaitingEdit | None = None
        self._waiting_since: float | None = None
        self._hangs = False
        self._lock = threading.RLock()
        self._requested = threading.Event()
        self._disk = DiskReader(disk_timeout)
        try:
            self._watch = FolderWatch(directory, clock, self._disk, settle)
            self._start(last)
        except DiskHangs:
            raise ConfigError([self._hanging()]) from None

    @property
    def config(self) -> Config:
        return self._config

    @property
    def faults(self) -> Sequence[str]:
        return self._faults

    @property
    def waiting(self) -> WaitingEdit | None:
        return self._waiting

    def request_reload(self) -> None:
        """Make the next step reload, whether or not a file changed. Safe in a signal handler."""
        self._requested.set()

    def reload(self) -> bool:
        """Read the directory now. Returns True if its config is in force, False if it has faults or waits."""
        with self._lock:
            try:
                if names := self._watch.open_files():
                    return self._refuse([f"{self._directory / name}:1:1: {_OPEN}" for name in names])
                self._watch.taken()
                config = self._disk.call(lambda: self._read(self._clock.now()))
            except ConfigError as error:
                self._hangs = False
                return self._refuse([str(fault) for fault in error.faults])
            except DiskHangs:
                self._hangs = True
                return self._refuse([self._hanging()])
            self._hangs = False
            return self._consider(config)

    def compare_with(self, last: Config) -> None:
        """At a start: what the files take away from the config `last` waits, and `last` is in force meanwhile."""
        with self._lock:
            edit = self._guard.check(last, self._config, self._clock.now()) if self._guard is not None else None
            if edit is not None:
                self._take(last)
                self._wait(edit)

    def step(self, wait: float) -> int:
        """Reload if that is due, after waiting at most `wait` seconds for a request. Returns 1 if it has reloaded."""
        requested = self._requested.wait(wait) if wait > 0 else self._requested.is_set()
        with self._lock:
            if requested:
                self._requested.clear()
                self.reload()
            elif self._complete():
                self.reload()
            elif self._expired(self._clock.now()):
                self._expire()
            elif self._waiting is not None and not self._faults and self._overdue():
                self._refuse(self._waiting.lines(), self._waiting)
            else:
                return 0
            return 1

    def close(self) -> None:
        """Nothing to release."""

    def _start(self, last: Callable[[], Config | None]) -> None:
        """Take the files, or what was last in force where they have faults or take something away."""
        try:
            self._take(self._disk.call(lambda: self._read(self._clock.now()), START_WITHIN))
        except ConfigError as error:
            if (before := last()) is None:
                raise
            self._take(before)
            self._refuse([str(fault) for fault in error.faults])
        else:
            if (before := last()) is not None:
                self.compare_with(before)

    def _expired(self, now: Micros) -> bool:
        return self._config.expires is not None and now >= self._config.expires

    def _complete(self) -> bool:
        """Whether files have changed and are complete, or a disk that did not answer answers again."""
        try:
            return self._watch.complete() or self._hangs
        except DiskHangs:
            self._hangs = True
            return self._refuse([self._hanging()])

    def _consider(self, config: Config) -> bool:
        """Take a valid config, unless it waits for a confirmation."""
        now = self._clock.now()
        in_force = without_expired_overrides(self._config, now) if self._expired(now) else self._config
        edit = self._guard.check(in_force, config, now) if self._guard is not None else None
        if edit is not None:
            return self._wait(edit)
        self._waiting = self._waiting_since = None
        self._faults = ()
        self._metrics.config_last_reload_successful.set(1)
        if not _same(config, self._config):
            log.info("config %s is in force, after %s", config.hash, self._config.hash)
            self._take(config)
        return True

    def _wait(self, edit: WaitingEdit) -> bool:
        """Report an edit that takes watch away at once, and a change of rules when its confirmation is overdue."""
        if self._waiting is None or self._waiting.hash != edit.hash:
            self._waiting_since = self._clock.monotonic()
        if edit.removed or self._overdue():
            return self._refuse(edit.lines(), edit)
        self._waiting, self._faults = edit, ()  # the faults of an earlier edit are over
        return False

    def _overdue(self) -> bool:
        since = self._waiting_since
        return since is not None and self._clock.monotonic() - since >= CONFIRMED_WITHIN

    def _expire(self) -> None:
        """An override ends on time, also while the files have faults."""
        if not self.reload():
            self._take(without_expired_overrides(self._config, self._clock.now()))

    def _take(self, config: Config) -> None:
        self._config = config
        self._metrics.config_last_reload_successful.set(not self._faults)
        self._metrics.config_info.clear()
        self._metrics.config_info.labels(config.hash).set(1)
        for warning in config.warnings:
            log.warning("%s", printable(str(warning), 500))

    def _hanging(self) -> str:
        return f"{self._directory}: the disk does not answer; the config is read when it does"

    def _refuse(self, reasons: Sequence[str], waiting: WaitingEdit | None = None) -> bool:
        """The config in force stays, for these reasons: faults, or why the edit `waiting` waits. They are logged once,
        not at each attempt. Returns False."""
        self._waiting = waiting
        lines = [printable(reason, 500) for reason in reasons[:_MOST_LOGGED]]
        if len(reasons) > _MOST_LOGGED:
            lines.append(f"and {len(reasons) - _MOST_LOGGED} more: wardwatch config check lists them all")
        self._metrics.config_last_reload_successful.set(0)
        if tuple(lines) != self._faults:
            self._faults = tuple(lines)
            log.error("the edited config is not taken; %s stays in force", self._config.hash)
            for line in lines:
                log.error("%s", line)
        return False


def without_expired_overrides(config: Config, now: Micros) -> Config:
    """The config without the overrides that have ended by `now`. The result was checked when the config was loaded."""
    rules = tuple(
        dataclasses.replace(rule, overrides=tuple(o for o in rule.overrides if o.until is None or o.until > now))
        for rule in config.rules
    )
    left = [o.until for rule in rules for o in rule.overrides if o.until is not None]
    name = digest(config.hash, config.expires)[:12]
    return dataclasses.replace(config, hash=name, rules=rules, expires=min(left, default=None))


def _same(new: Config, old: Config) -> bool:
    return new.hash == old.hash and new.warnings == old.warnings and new.alerting == old.alerting
