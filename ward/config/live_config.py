"""The config in force. At each step a part compares it with the one it uses, and switches to a new one."""

from collections.abc import Sequence
from typing import Protocol

from ward.config.config import Config
from ward.config.edit_guard import WaitingEdit


class LiveConfig(Protocol):
    """Gives the config in force."""

    @property
    def config(self) -> Config:
        """The config in force. Another object after each successful reload, the same one until then."""
        ...

    @property
    def waiting(self) -> WaitingEdit | None:
        """The edit that waits for a confirmation; None without one. Its reasons are also in `faults`."""
        ...

    @property
    def faults(self) -> Sequence[str]:
        """The faults of the last reload, empty when it succeeded. With faults the config before it stays in force."""
        ...


class FixedConfig:
    """A config that never changes: for tests."""

    faults: Sequence[str] = ()
    waiting: WaitingEdit | None = None

    def __init__(self, config: Config) -> None:
        self.config = config
