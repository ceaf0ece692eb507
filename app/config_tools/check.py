"""Checks a config directory, including its settings file."""

import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.config_tools.calendars import calendar_faults
from app.console.cli_context import LONGEST_LINE, config_environment
from app.settings.config_reader import config_faults, config_reader
from app.settings.loader import load_settings, misspelled_variables
from app.settings.settings import Settings
from ward.clock import SystemClock
from ward.config.config import Config
from ward.config.yaml.fault import ConfigFault, report
from ward.errors import ConfigError, SettingsError
from ward.ids import printable

_PLACED = re.compile(r"(.+?):(\d+):(\d+): (.*)", re.DOTALL)
# The file name of a fault of a setting that is in no file.
ENVIRONMENT = "environment"


@dataclass(frozen=True)
class CheckResult:
    """The result of a check. `config` is None when a fault prevents reading it; warnings do not."""

    directory: Path
    faults: list[ConfigFault]
    config: Config | None

    @property
    def valid(self) -> bool:
        return not any(not fault.warning for fault in self.faults)

    def text(self) -> str:
        """One line for each fault, and a summary."""
        lines = [printable(str(fault), LONGEST_LINE) for fault in self.faults]
        if self.config is None or not self.valid:
            return "\n".join([*lines, report(self.faults).splitlines()[-1]])
        counts = ", ".join(f"{number} {what}" for what, number in self._counts().items())
        return "\n".join(
            [*lines, f"{printable(self.directory.as_posix())}: valid; config {self.config.hash}: {counts}"]
        )

    def data(self) -> dict[str, Any]:
        """The result as JSON data."""
        config = self.config
        return {
            "directory": self.directory.as_posix(),
            "valid": self.valid,
            "faults": [asdict(fault) for fault in self.faults],
            "config": None if config is None else {"hash": config.hash, **self._counts()},
        }

    def _counts(self) -> dict[str, int]:
        if self.config is None:
            return {}
        inventory = self.config.inventory
        return {
            "wards": len(inventory.wards), "beds": len(inventory.beds), "devices": len(inventory.devices),
            "rules": len(self.config.rules),
        }  # fmt: skip


def check_config(directory: Path | None) -> CheckResult:
    """Check the config in a directory, or in that of the settings. Returns every fault and warning."""
    faults: list[ConfigFault] = []
    settings: Settings | None = None
    try:
        settings = load_settings({"config": directory})
    except SettingsError as error:
        faults += map(_fault, str(error).splitlines())
    where = directory or (settings.config if settings else Path(os.environ.get("WARDWATCH_CONFIG") or "config"))
    faults += [ConfigFault(ENVIRONMENT, 1, 1, text, warning=True) for text in misspelled_variables(os.environ)]
    now = SystemClock().now()
    try:
        config = config_reader(where, config_environment(settings))(now)
    except ConfigError:
        return CheckResult(where, [*faults, *config_faults(where, config_environment(settings), now)], None)
    return CheckResult(where, [*faults, *config.warnings, *calendar_faults(config, where, now)], config)


def _fault(line: str) -> ConfigFault:
    placed = _PLACED.fullmatch(line)
    if placed is None:
        return ConfigFault(ENVIRONMENT, 1, 1, line)
    file, row, col, message = placed.groups()
    return ConfigFault(file, int(row), int(col), message)
