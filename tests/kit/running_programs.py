"""The programs of Wardwatch in one process and in virtual time: one broker, one log, one store, one clock."""

from collections.abc import Sequence
from pathlib import Path

from alerts.pipeline import Pipeline
from alerts.storage.state_file import StateFile
from app.runtime.config_keeper import ConfigKeeper
from app.runtime.confirmation_follower import ConfirmationFollower
from app.runtime.heartbeat import HeartbeatSender
from app.runtime.part_runner import Part
from app.runtime.program_parts import PROGRAMS, START_GRACE
from app.runtime.resources import Resources
from app.settings.settings import Settings
from ward.adapters.memory.broker import MemoryBroker
from ward.adapters.memory.log import MemoryLog
from ward.adapters.sqlite.store import SqliteStore
from ward.clock import ManualClock
from ward.ports import Store

CHANNEL_URLS = {f"WARDWATCH_{name}_URL": "json://127.0.0.1:9" for name in ("MAIL", "CHAT", "SMS")}


class RunningPrograms:
    """Programs with their real parts and heartbeats. A test advances `clock` and calls `step`.

    `names` are the programs, stepped in this order. Broker and log are in memory. `store` is given or a file in
    `folder`. The senders of the alerts are left out: a test reads the outbox in `settings.data`. Nothing is synced to
    the disk. Without `heartbeats` the programs send none.
    """

    def __init__(
        self, folder: Path, config: Path, names: Sequence[str], store: Store | None = None, heartbeats: bool = True
    ) -> None:
        self.clock, self.broker, self.names = ManualClock(), MemoryBroker(), names
        self.settings = Settings(data=folder / "data", config=config, log_url="memory:")
        self.settings.data.mkdir()
        self.log = MemoryLog()
        self.store = store or SqliteStore(self.settings.data / "store.db", self.clock, durable=False)
        self._heartbeats = heartbeats
        self.running: dict[str, list[Part]] = {}
        self._read_config()
        self.start(*names)

    def start_again(self) -> None:
        """All programs stop, and start as new processes, which read the config files and what the log has."""
        self.stop(*self.running)
        for part in self._config_parts:
            part.close()
        self._read_config()
        self.start(*self.names)

    def start(self, *names: str) -> None:
        """Start programs that do not run, each as a new instance."""
        self.running |= {name: [*self._parts(name), *self._heartbeat(name)] for name in names}

    def stop(self, *names: str) -> None:
        """Close all parts of some programs."""
        for name in names:
            for part in self.running.pop(name):
                part.close()

    def step(self) -> None:
        """One step of each part of each running program, then a look for edits of the config."""
        for name in self.names:
            for part in self.running.get(name, ()):
                part.step(0)
        for part in self._config_parts:
            part.step(0)

    def close(self) -> None:
        self.stop(*self.running)
        for part in self._config_parts:
            part.close()
        self.store.close()
        self.log.close()

    def _read_config(self) -> None:
        used = self.resources = Resources(
            self.settings, self.clock, environ=CHANNEL_URLS, broker=lambda: self.broker, log=self.log, store=self.store
        )
        self._config_parts: list[Part] = [used.live, ConfigKeeper(used.log, used.live, used.last_config, self.clock)]
        if used.guard is not None:
            self._config_parts.append(ConfirmationFollower(used.log, used.guard, used.live))

    def _parts(self, name: str) -> list[Part]:
        if name == "alerts":
            return [self._pipeline()]
        return [factory.make() for factory in PROGRAMS[name](self.resources)]

    def _pipeline(self) -> Pipeline:
        used, state = self.resources, StateFile.in_folder(self.settings.data, self.clock.now(), durable=False)
        return Pipeline(used.log, used.live, state, self.clock, used.metrics, grace=START_GRACE)

    def _heartbeat(self, name: str) -> list[Part]:
        if not self._heartbeats:
            return []
        used, instance = self.resources, f"host-{round(self.clock.monotonic())}"
        return [HeartbeatSender(used.log, used.live, self.clock, used.metrics, name, instance)]
