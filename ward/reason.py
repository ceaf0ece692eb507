"""Why a receiver was notified of an alert, or was not. Each decision has one; the screen shows an alert's last."""

from enum import StrEnum


class Reason(StrEnum):
    """What was decided, in words for the screen and for messages."""

    # A notification was sent.
    HIGH_PRIORITY = "high: told at once"
    FIRST_OF_BED = "first of its bed: told at once"
    GROUPED = "told after waiting for company"
    PRIORITY_RAISED = "got worse: told at once"
    PRIORITY_LOWERED = "got milder: told quietly"
    SIGNAL_LOST = "its signal is lost and it may not be over: told"
    SIGNAL_BACK = "its signal is back: told along with other news"
    ALERT_ENDED = "over: told"
    REPEATED = "nobody has it: told again"
    ESCALATED = "nobody has it: told further people"

    # No notification was sent.
    GROUP_WAIT = "waits for company"
    LATE_HOLD = "detected late, or just after a start of ours: waits a moment for its end"
    LATE_AND_ENDED = "detected late and already over: told to nobody"
    ENDED_BEFORE_SENT = "over before anyone was told"
    END_NOT_WANTED = "over: its receiver does not want to know"
    SILENCED = "silenced"
    MUTE_TIME = "equipment may be quiet at this time: its route says so"
    INHIBITED = "inhibited by another alert"
    ACKNOWLEDGED = "somebody has it"
    UNCHANGED = "told, and nothing has changed"
    NO_CHANNEL = "no channel for it: the screen shows it"

    # A finding came in.
    RAISED = "begun"
    CHANGED = "changed"
    ENDED = "ended"
    REPLAYED = "known already: changes nothing"
    UNKNOWN_ENDED = "an end of something unknown: recorded"
    EXTERNAL_DUPLICATE = "another system tells what we found ourselves: changes nothing"
    EXTERNAL_LATE = "another system tells what is just over: changes nothing"
    LATCHED = "over, but stays until somebody acknowledges it"

    # A person did something.
    ACK = "acknowledged"
    ACK_REPEATED = "acknowledgement of what somebody has already: changes nothing"
    ACK_ENDED = "acknowledgement of an ended alert: changes nothing"
    ACK_UNKNOWN = "acknowledgement of an unknown alert: changes nothing"
    UNACK = "given back"
    UNACK_WITHOUT_ACK = "given back by nobody who had it: changes nothing"
    ACK_REMOVED = "got worse after an acknowledgement: nobody has it any more"
    SILENCE = "silence set"
    SILENCE_EMPTY = "silence without content: changes nothing"
    SILENCE_EXPIRED = "silence ended"
    SILENCE_UNKNOWN = "end of an unknown silence: changes nothing"
    ACTION_REPEATED = "done already: changes nothing"

    @property
    def label(self) -> str:
        """Its short name, for metrics."""
        return self.name.lower()

    @property
    def notifies(self) -> bool:
        """Whether it is a reason to notify, even where the receiver has no channel."""
        return self in _NOTIFIES


_NOTIFIES = frozenset(
    {
        Reason.HIGH_PRIORITY, Reason.FIRST_OF_BED, Reason.GROUPED, Reason.PRIORITY_RAISED, Reason.PRIORITY_LOWERED,
        Reason.SIGNAL_LOST, Reason.SIGNAL_BACK, Reason.ALERT_ENDED, Reason.REPEATED, Reason.ESCALATED,
        Reason.NO_CHANNEL,
    }
)  # fmt: skip
