"""The dependencies of every handler."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ward.clock import Clock, Micros
from ward.config.live_config import LiveConfig
from ward.local_time import local_time
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
    """The mailbox of the demo."""

    def messages(self) -> Sequence[Mail]:
        """All mails, in any order."""
        ...


@dataclass(frozen=True, kw_only=True)
class Dependencies:
    """The ports, the read model, and the caller's options.

    `reload` reloads `config/` and returns its faults; without any, the new config is in force. `hosts` are further host
    names under which the screen is served. `timeout` is how long, in seconds, a handler waits for log and store.
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
    timeout: float = 5.0
    board: Board = field(init=False)

    def local_time(self, at: Micros) -> str:
        """A time for a sentence, in the zone of the site: `14:02:15 CET`, with its date where that is not today."""
        return local_time(at, self.zone, self.clock.now())

    @property
    def zone(self) -> str:
        """The time zone of the site, such as Europe/Berlin."""
        return self.live.config.alerting.timezone

    def __post_init__(self) -> None:
        object.__setattr__(self, "board", Board(self.model, self.clock))
