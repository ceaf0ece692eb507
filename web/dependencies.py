"""What every handler may use."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ward.clock import Clock, Micros
from ward.config.live_config import LiveConfig
from ward.metrics import Metrics
from ward.ports import Log, Store
from web.model.read_model import ReadModel
from web.presentation.board import Board


class Mail(Protocol):
    """One mail that the demo caught, as plain text."""

    @property
    def id(self) -> str: ...

    @property
    def at(self) -> Micros: ...

    @property
    def subject(self) -> str: ...

    @property
    def text(self) -> str: ...


class Mailbox(Protocol):
    """Where the demo's mails arrive."""

    def messages(self) -> Sequence[Mail]:
        """All mails, in any order."""
        ...


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """The ports, the read model, and the caller's options.

    `reload` reads `config/` anew and returns its faults (none: the new config is in force).
    `hosts` are names under which the screen may be reached, beyond those that cannot be forged.
    """

    log: Log
    store: Store
    live: LiveConfig
    clock: Clock
    metrics: Metrics
    model: ReadModel
    reload: Callable[[], Sequence[str]] | None = None
    mailbox: Mailbox | None = None
    hosts: Sequence[str] = ()
    patience: float = 5.0
    board: Board = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "board", Board(self.model, self.clock))
