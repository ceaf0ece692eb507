"""The config in force now. Parts compare it with the one they know at each step, and take a new one as it is."""

from collections.abc import Sequence
from typing import Protocol

from ward.config.config import Config


class LiveConfig(Protocol):
    """Where a part asks for the config."""

    @property
    def config(self) -> Config:
        """The config in force. Another object after each successful reload, the same one until then."""
        ...

    @property
    def faults(self) -> Sequence[str]:
        """What was wrong with the last reload; empty when nothing was. The config in force is the one before."""
        ...


class FixedConfig:
    """A config that never changes: for tests."""

    faults: Sequence[str] = ()

    def __init__(self, config: Config) -> None:
        self.config = config
