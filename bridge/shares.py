"""The shares of the devices that this bridge has, with an intake for each.

    held, and certain ▸ earlier producers of the share fenced ▸ intake: opens the share's session at the broker
          not certain ▸ nothing is received; what is in flight is finished
given to another one  ▸ intake closed

A share is a session at the broker: each session receives all messages, and the intake takes those of its devices. What
is not acknowledged stays in the session, so a bridge that gets a share continues as after a restart.
"""

import logging
from collections.abc import Callable, Set
from contextlib import suppress
from functools import partial

from bridge.intake import Intake
from bridge.share import Share
from ward.clock import Clock
from ward.errors import LogUnavailable, ProducerFenced
from ward.ports import Log, Ownership, TransactionalProducer
from ward.program_role import role_of_shares

log = logging.getLogger(__name__)

NAME = "bridge"
# Where the log neither confirms nor denies that this bridge has its shares, it receives nothing for so many seconds,
# and then goes on, as long as the broker has not given its session to another bridge.
ALONE_AFTER = 15.0
# After a longer pause between two steps this process was frozen.
_FROZEN = 5.0
# Seconds for what is in flight when a share is given up.
_FINISH_WITHIN = 2.0

# A share, whether its session may be opened, and the producer of its records, if not that of the log → its intake.
OpenIntake = Callable[[Share, Callable[[], bool], TransactionalProducer | None], Intake]


class Shares:
    """A part: asks the log which of `count` shares are those of this bridge, and steps their intakes.

    A bridge that was frozen believes that it has its shares. It opens no session before the log confirms that, so it
    disconnects nobody; and the log refuses what it sends (`Log.transactions`), where there is more than one share.
    """

    def __init__(self, log_: Log, count: int, open_intake: OpenIntake, clock: Clock) -> None:
        self._log = log_
        self._count = count
        self._open_intake = open_intake
        self._clock = clock
        self._ownership: Ownership | None = None
        self._intakes: dict[int, Intake] = {}
        self._receives = False
        self._unanswered = ""
        self._unsure_since = self._last_step = clock.monotonic()

    def step(self, wait: float) -> int:
        """Returns how many messages were acknowledged."""
        sure = self._ask(0 if self._intakes else wait)
        if sure:
            self._match()
        else:
            self._close_lost()
        self._receives = self._may_receive(sure)
        if not self._receives and self._intakes:
            self._clock.wait(wait)
        return sum(self._step(number, wait / len(self._intakes)) for number in sorted(self._intakes))

    def role(self) -> str:
        """Which shares it has, for people. Any thread may call this."""
        return role_of_shares([number + 1 for number in list(self._intakes)], self._count)

    def problem(self) -> str:
        """What is wrong now. Any thread may call this."""
        intakes = list(self._intakes.values())
        if intakes and not self._receives:
            return "the log does not confirm that no other bridge has the devices of this one: nothing is received"
        return next((text for intake in intakes if (text := intake.problem())), "" if intakes else self._unanswered)

    def close(self) -> None:
        """Finish what is in flight, then give all shares up: other bridges have them within a second or two."""
        self._close(set(self._intakes))
        if self._ownership is not None:
            self._ownership.close()

    def _ask(self, wait: float) -> bool:
        """Whether it is certain which shares are those of this bridge. Raises `LogUnavailable` where it cannot ask."""
        self._ownership = self._ownership or self._join()
        try:
            self._ownership.poll(wait)
            self._unanswered = ""
        except LogUnavailable as error:
            self._unanswered = f"the log does not say which devices are those of this bridge: {error}"
            log.debug("%s", self._unanswered)
            self._clock.wait(wait)
        return self._certain()

    def _join(self) -> Ownership:
        ownership = self._log.ownership(NAME, self._count, self._close)
        if ownership.places != self._count:
            log.error(
                "the devices are in %d shares in the log, which holds for all bridges, not in %d: to change that, see "
                "docs/install.md", ownership.places, self._count,
            )  # fmt: skip
            self._count = ownership.places
        return ownership

    def _certain(self) -> bool:
        held = self._ownership
        return held is not None and bool(held.held) and self._clock.monotonic() < held.certain_until

    def _has(self, number: int) -> bool:
        """Whether a share certainly is that of this bridge. Any thread may call this."""
        return self._ownership is not None and number in self._ownership.held and self._certain()

    def _match(self) -> None:
        """Close the shares of others, and open one of those that this bridge has: the others follow in later steps.

        The former producers of those are fenced now: a transaction that one of them has left open hides what stands
        after it in the log from the intake, which reads what is known of its devices there.
        """
        assert self._ownership is not None
        held = self._ownership.held
        self._close(self._intakes.keys() - held)
        new = [Share(number, self._count) for number in sorted(held - self._intakes.keys())]
        for share in new[1:]:
            self._log.transactions(f"{NAME}-{share.name}").close()
        for share in new[:1]:
            producer = self._log.transactions(f"{NAME}-{share.name}") if share.name else None
            self._intakes[share.number] = self._open_intake(share, partial(self._has, share.number), producer)
            log.warning("this bridge has the devices of share %s now", share)

    def _close_lost(self) -> None:
        """Close the shares that were lost, and whose session another bridge may have opened meanwhile."""
        held = self._ownership.held if self._ownership is not None else set()
        for number in self._intakes.keys() - held:
            if self._intakes[number].problem() and self._finished(number, 0):
                self._close({number})

    def _may_receive(self, sure: bool) -> bool:
        now = self._clock.monotonic()
        if sure or now - self._last_step > _FROZEN:
            self._unsure_since = now
        self._last_step = now
        return sure or now - self._unsure_since >= ALONE_AFTER

    def _step(self, number: int, wait: float) -> int:
        """A step of one share. Where another bridge has fenced it, it is closed."""
        intake = self._intakes[number]
        try:
            if self._receives:
                return intake.step(wait)
            intake.finish(0)
        except ProducerFenced as error:
            log.warning("another bridge has the devices of share %d: %s", number + 1, error)
            del self._intakes[number]
            intake.close()
        return 0

    def _close(self, numbers: Set[int]) -> None:
        for number in sorted(numbers & self._intakes.keys()):
            if not self._finished(number, _FINISH_WITHIN):
                log.warning("what is in flight is received again by the bridge that has share %d now", number + 1)
            self._intakes.pop(number).close()
            log.warning("this bridge does not have the devices of share %s any more", Share(number, self._count))

    def _finished(self, number: int, wait: float) -> bool:
        """Whether nothing is in flight, after at most `wait` seconds."""
        with suppress(LogUnavailable, ProducerFenced):
            return self._intakes[number].finish(wait)
        return True
