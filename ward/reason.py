"""Why somebody was told, or was not. Each decision has one; the screen shows an alert's last."""

from enum import StrEnum


class Reason(StrEnum):
    """What was decided, in words that may stand on a screen."""

    # Told.
    HIGH = "high: told at once"
    FIRST = "first of its bed: told at once"
    COMPANY = "told after waiting for company"
    WORSE = "got worse: told at once"
    MILDER = "got milder: told quietly"
    LOST = "its signal is lost and it may not be over: told"
    BACK = "its signal is back: told along with other news"
    OVER = "over: told"
    AGAIN = "nobody has it: told again"
    FURTHER = "nobody has it: told further people"

    # Not told.
    WAITING = "waits for company"
    HELD = "detected late, or just after a start of ours: waits a moment for its end"
    LATE_AND_OVER = "detected late and already over: told to nobody"
    OVER_UNTOLD = "over before anyone was told"
    OVER_UNASKED = "over: its receiver does not want to know"
    SILENCED = "silenced"
    QUIET_TIME = "equipment may be quiet at this time: its route says so"
    INHIBITED = "inhibited by another alert"
    ACKNOWLEDGED = "somebody has it"
    TOLD = "told, and nothing has changed"
    NOBODY = "no channel for it: the screen shows it"

    # What came in.
    BEGUN = "begun"
    CHANGED = "changed"
    ENDED = "ended"
    REPLAYED = "known already: changes nothing"
    END_OF_UNKNOWN = "an end of something unknown: recorded"
    ALSO = "another system tells what we found ourselves: changes nothing"
    ECHO = "another system tells what is just over: changes nothing"
    STAYS = "over, but stays until somebody acknowledges it"

    # What people did.
    ACK = "acknowledged"
    ACK_AGAIN = "acknowledgement of what somebody has already: changes nothing"
    ACK_ENDED = "acknowledgement of an ended alert: changes nothing"
    ACK_UNKNOWN = "acknowledgement of an unknown alert: changes nothing"
    UNACK = "given back"
    UNACK_NOBODY = "given back by nobody who had it: changes nothing"
    UNACKED_WORSE = "got worse after an acknowledgement: nobody has it any more"
    SILENCE = "silence set"
    SILENCE_EMPTY = "silence without content: changes nothing"
    EXPIRE = "silence ended"
    EXPIRE_UNKNOWN = "end of an unknown silence: changes nothing"
    ACTION_AGAIN = "done already: changes nothing"

    @property
    def label(self) -> str:
        """Its short name, for numbers."""
        return self.name.lower()

    @property
    def tells(self) -> bool:
        """Whether it is one to tell people something, even where there is nobody to hear it."""
        return self in _TELLS


_TELLS = frozenset(
    {
        Reason.HIGH, Reason.FIRST, Reason.COMPANY, Reason.WORSE, Reason.MILDER, Reason.LOST, Reason.BACK, Reason.OVER,
        Reason.AGAIN, Reason.FURTHER, Reason.NOBODY,
    }
)  # fmt: skip
