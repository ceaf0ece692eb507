"""A part that works in one process at a time; in the others it waits until the log gives it to them."""

import logging
from collections.abc import Callable

from app.runtime.part_runner import HasProblem, Part
from ward.clock import Clock
from ward.errors import LogUnavailable
from ward.ports import Log, Ownership
from ward.program_role import ACTIVE, STANDBY

log = logging.getLogger(__name__)


class OneAtATime:
    """Makes its part when this process is the one, and closes it as soon as that is not certain any more.

    `name` is that of the right in the log, and of the part in log lines.
    """

    def __init__(self, name: str, log_: Log, make: Callable[[], Part], clock: Clock) -> None:
        self._name = name
        self._log = log_
        self._make = make
        self._clock = clock
        self._ownership: Ownership | None = None
        self._part: Part | None = None
        self._waits = False

    def step(self, wait: float) -> int:
        """A step of the part, or a look whether this process is the one now."""
        if self._is_the_one(wait):
            if self._part is None:
                log.info("%s: this process does it now", self._name)
                self._part, self._waits = self._make(), False
            return self._part.step(wait)
        if self._part is not None:
            self._close_part()
        elif not self._waits:
            self._waits = True
            log.info("%s: this process does it as soon as the log says that no other one does", self._name)
        return 0

    def role(self) -> str:
        """`active` or `standby`. Any thread may call this."""
        return STANDBY if self._part is None else ACTIVE

    def problem(self) -> str:
        """What is wrong with the part. Any thread may call this."""
        part = self._part
        return part.problem() if isinstance(part, HasProblem) else ""

    def close(self) -> None:
        self._close_part()
        if self._ownership is not None:
            self._ownership.close()

    def _is_the_one(self, wait: float) -> bool:
        try:
            self._ownership = self._ownership or self._log.ownership(self._name)
            self._ownership.poll(wait if self._part is None else 0)
        except LogUnavailable as error:
            log.debug("%s: the log does not say who does it: %s", self._name, error)
            self._clock.wait(wait)
            return False
        return bool(self._ownership.held) and self._clock.monotonic() < self._ownership.certain_until

    def _close_part(self) -> None:
        if self._part is not None:
            part, self._part = self._part, None
            part.close()
