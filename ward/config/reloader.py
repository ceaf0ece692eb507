"""The config of a directory, taken anew when its files change."""

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

_MOST_TOLD = 50
Stamp = dict[str, bytes]


class ConfigReloader:
    """A `LiveConfig` config and the part that keeps it so.

        files change ──▶ nothing changes for `settle` s ──▶ read ──▶ sound: in force from the next step of every part
        `ask`, `reload` ──────────────────────────────────▶  │
        an override ends ─────────────────────────────────▶  └─────▶ faults: kept for people; the old one stays

    Contents are compared, not times: an edit within the grain of a file system's clock, an editor that
    puts a new file in the place of the old one and a directory mounted from elsewhere are all seen, and
    a file that was only touched is not. Waiting until all is quiet spares us half-written files.

    `read` makes a `Config` of the directory as of an instant or raises `ConfigError`, as the
    constructor does: nothing starts on a config with faults. Methods may be called from any thread.
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
        self._asked = threading.Event()
        self._stamp = self._look()
        self._changed: float | None = None
        self._take(read(clock.now()))

    @property
    def config(self) -> Config:
        return self._config

    @property
    def faults(self) -> Sequence[str]:
        return self._faults

    def ask(self) -> None:
        """Let the next step reload, whether or not anything changed. Safe in a signal handler."""
        self._asked.set()

    def reload(self) -> bool:
        """Read the directory now. True if what it says is in force, False if it has faults."""
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
        asked = self._asked.wait(wait) if wait > 0 else self._asked.is_set()
        with self._lock:
            if asked:
                self._asked.clear()
                self.reload()
            elif self._quiet_again():
                self.reload()
            elif self._config.expires is not None and self._clock.now() >= self._config.expires:
                self._expire()
            else:
                return 0
            return 1

    def close(self) -> None:
        """Nothing is held."""

    def _quiet_again(self) -> bool:
        """Whether something has changed, and then nothing for a while."""
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
        """An override must end on time, even while the files are broken."""
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
        told = [printable(str(fault), 500) for fault in error.faults[:_MOST_TOLD]]
        if len(error.faults) > _MOST_TOLD:
            told.append(f"and {len(error.faults) - _MOST_TOLD} more: wardwatch config check tells them all")
        self._faults = tuple(told)
        self._metrics.config_last_reload_successful.set(0)
        number = "a fault" if len(error.faults) == 1 else f"{len(error.faults)} faults"
        log.error("the new config has %s; %s stays in force", number, self._config.hash)
        for line in told:
            log.error("%s", line)


def without_expired_overrides(config: Config, now: Micros) -> Config:
    """The config less the overrides that have ended by `now`. Every such remainder was checked when it was read."""
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
