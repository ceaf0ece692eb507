"""A reloader of config files on a clock that tests set."""

from pathlib import Path

from tests.config.config_reader import VALID, copied, loaded
from ward.clock import ManualClock
from ward.config.config import Config
from ward.config.edit_guard import EditGuard
from ward.config.reloader import ConfigReloader
from ward.metrics import Metrics

STEP = 0.2  # how often a runner asks a part


class ReloaderHarness:
    """A reloader on a copy of a valid config directory; `reads` counts how often it was loaded."""

    def __init__(self, tmp_path: Path, guard: EditGuard | None = None, disk_timeout: float = 60.0) -> None:
        self.directory = copied(VALID, tmp_path / "config")
        self.clock, self.metrics, self.reads = ManualClock(), Metrics(), 0
        self.reloader = ConfigReloader(
            self.directory, self._read, self.clock, self.metrics, guard=guard, disk_timeout=disk_timeout
        )
        self.reads = 0

    def _read(self, now: int) -> Config:
        self.reads += 1
        return loaded(self.directory, now=now)

    def edit(self, old: str, new: str, name: str = "thresholds.yaml") -> None:
        file = self.directory / name
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def run(self, seconds: float = 1.0) -> float | None:
        """Step for some seconds. Returns after how many the config was replaced, or None."""
        before, passed = self.reloader.config, 0.0
        while passed < seconds:
            self.clock.advance(STEP)
            passed += STEP
            self.reloader.step(0)
            if self.reloader.config is not before:
                return passed
        return None

    def limit(self) -> object:
        return self.reloader.config.rules[0].settings["medium"]

    def number(self, name: str) -> float | None:
        return self.metrics.samples().get(name)

    @property
    def hash_metric(self) -> float | None:
        return self.number(f'wardwatch_config_info{{hash="{self.reloader.config.hash}"}}')
