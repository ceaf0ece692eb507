"""The config of a directory, loaded again when its files change."""

import dataclasses
import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from ward.clock import Clock, Micros
from ward.config.config import Config
from ward.config.files import CONFIG_FILES
from ward.config.yaml.reader import MOST_BYTES
from ward.errors import ConfigError
from ward.ids import digest, printable
from ward.metrics import Metrics

log = logging.getLogger(__name__)

_MOST_LOGGED = 50
Stamp = dict[str, bytes]


class ConfigReloader:
    """A `LiveConfig`, and the part that reloads it.

        files change ──▶ no change for `settle` s ──▶ read ──▶ valid: in force from the next step of every part
        `request_reload`, `reload` ─────────────────▶  │
        an override ends ───────────────────────────▶  └─────▶ faults: in `faults`; the old config stays in force

    Contents are compared, not modification times: this finds an edit within the resolution of the file system's clock,
    a file that an editor replaced and a mounted directory, and no file that was only touched. Waiting for `settle`
    seconds without a change avoids half-written files.

    `read` returns the `Config` of the directory at an instant or raises `ConfigError`, as the constructor does: no
    program starts with a faulty config. Any thread may call the methods.
    """

    def __init__(
        self, directory: Path, read: Callable[[Micros], Config], clock: Clock, metrics: Metrics, settle: float = 0.3
    ) -> None:
        self._directory = directory
        self._read = read
        self._clock = clock
        self._metrics = metrics
        self._settle = settle
        self._faults: Sequence[str] = ()
        self._lock = threading.RLock()
        self._requested = threading.Event()
        self._stamp = self._look()
        self._changed: float | None = None
        self._take(read(clock.now()))

    @property
    def config(self) -> Config:
        return self._config

    @property
    def faults(self) -> Sequence[str]:
        return self._faults

    def request_reload(self) -> None:
        """Make the next step reload, whether or not a file changed. Safe in a signal handler."""
        self._requested.set()

    def reload(self) -> bool:
        """Read the directory now. Returns True if its config is in force, False if it has faults."""
        with self._lock:
            self._changed = None
            try:
                config = self._read(self._clock.now())
            except ConfigError as error:
                self._refuse(error)
                return False
            self._faults = ()
            self._metrics.config_last_reload_successful.set(1)
            if not _same(config, self._config):
                log.info("config %s is in force, after %s", config.hash, self._config.hash)
                self._take(config)
            return True

    def step(self, wait: float) -> int:
        """Reload if that is due, after waiting at most `wait` seconds for a request. Returns 1 if it has reloaded."""
        requested = self._requested.wait(wait) if wait > 0 else self._requested.is_set()
        with self._lock:
            if requested:
                self._requested.clear()
                self.reload()
            elif self._settled():
                self.reload()
            elif self._config.expires is not None and self._clock.now() >= self._config.expires:
                self._expire()
            else:
                return 0
            return 1

    def close(self) -> None:
        """Nothing to release."""

    def _settled(self) -> bool:
        """Whether a file has changed, and then none for `settle` seconds."""
        stamp, now = self._look(), self._clock.monotonic()
        if stamp != self._stamp:
            self._stamp, self._changed = stamp, now
        return self._changed is not None and now - self._changed >= self._settle

    def _look(self) -> Stamp:
        try:
            there = {path.name for path in self._directory.iterdir() if path.suffix in (".yaml", ".yml")}
        except OSError:
            return {}
        return {name: _content(self._directory / name) if name in CONFIG_FILES else b"" for name in there}

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

    def _refuse(self, error: ConfigError) -> None:
        lines = [printable(str(fault), 500) for fault in error.faults[:_MOST_LOGGED]]
        if len(error.faults) > _MOST_LOGGED:
            lines.append(f"and {len(error.faults) - _MOST_LOGGED} more: wardwatch config check lists them all")
        self._faults = tuple(lines)
        self._metrics.config_last_reload_successful.set(0)
        number = "a fault" if len(error.faults) == 1 else f"{len(error.faults)} faults"
        log.error("the new config has %s; %s stays in force", number, self._config.hash)
        for line in lines:
            log.error("%s", line)


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


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return hashlib.blake2b(stream.read(MOST_BYTES + 1), digest_size=16).digest()
    except OSError as error:
        return str(error.errno).encode()
