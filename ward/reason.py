"""Why a receiver was notified of an alert, or was not. Each decision has one; the screen shows an alert's last."""

from enum import StrEnum


class Reason(StrEnum):
    """A decision about notifications; its value is the text on screens and in messages."""

    # A notification was sent.
    HIGH_PRIORITY = "sent immediately: HIGH priority"
    FIRST_OF_BED = "sent immediately: first alert of this bed"
    GROUPED = "sent after grouping"
    PRIORITY_RAISED = "sent immediately: priority increased"
    PRIORITY_LOWERED = "sent after grouping: priority decreased"
    SIGNAL_LOST = "sent: signal lost, not known whether the alert has ended"
    SIGNAL_BACK = "sent with other updates: signal is back"
    ALERT_ENDED = "sent: alert ended"
    REPEATED = "sent again: not acknowledged"
    REMINDED = "sent again: acknowledged some time ago, and still active"
    ESCALATED = "sent to further receivers: not acknowledged"
    ON_CALL_CHANGED = "sent to who is on call now: not acknowledged by who was on call before"

    # No notification was sent.
    GROUP_WAIT = "not sent yet: waits for grouping"
    LATE_HOLD = "not sent yet: detected late or just after a start of Wardwatch, may have ended already"
    LATE_AND_ENDED = "not sent: detected late, had ended already"
    ENDED_BEFORE_SENT = "not sent: ended before it was due"
    END_NOT_WANTED = "end not sent: the receiver gets no ends"
    SILENCED = "no messages: silenced"
    MUTE_TIME = "no messages: muted at this time of day"
    INHIBITED = "no messages: inhibited by another alert"
    ACKNOWLEDGED = "no further messages: acknowledged"
    UNCHANGED = "sent earlier, unchanged since"
    NO_CHANNEL = "not sent: the receiver has no channel, only the screen shows it"

    # A finding came in.
    RAISED = "new alert"
    CHANGED = "changed"
    UPDATED = "numbers updated"
    ENDED = "ended"
    REPLAYED = "known already: ignored"
    UNKNOWN_ENDED = "end of an unknown alert: stored, no alert made"
    EXTERNAL_DUPLICATE = "another system reports an alert of our own: ignored"
    EXTERNAL_LIMIT = "another system has as many active alerts as it may: ignored"
    EXTERNAL_LATE = "another system reports an alert that has just ended: ignored"
    LATCHED = "condition ended, alert stays until acknowledged"

    # A person did something.
    ACK = "acknowledged"
    ACK_REPEATED = "acknowledged already: ignored"
    ACK_ENDED = "acknowledgement of an ended alert: ignored"
    ACK_UNKNOWN = "acknowledgement of an unknown alert: ignored"
    TAKE_OVER = "acknowledgement taken over"
    TAKE_OVER_OWN = "take-over by the person who has it: ignored"
    TAKE_OVER_NOBODY = "take-over of what nobody has acknowledged: ignored"
    SEEN = "seen by a recipient, not acknowledged"
    UNACK = "acknowledgement withdrawn"
    UNACK_WITHOUT_ACK = "withdrawal of an acknowledgement that was not there: ignored"
    ACK_REMOVED = "acknowledgement removed: priority increased"
    SILENCE = "silence set"
    SILENCE_EMPTY = "silence without content: ignored"
    SILENCE_EXPIRED = "silence ended"
    SILENCE_UNKNOWN = "end of an unknown silence: ignored"
    REPORT = "report queued for its receivers"
    REPORT_LATE = "report is too old: not queued"
    REPORT_WITHOUT_CHANNEL = "report not queued: its receivers have no channel with an address"
    TEST = "test of a channel queued"
    TEST_LATE = "test of a channel is too old: not queued"
    TEST_REFUSED = "test of a channel not queued: too many, or no address"
    TEST_RESULT = "result of a test of a channel"
    OBSERVATION = "observation of a patient"
    ACTION_REPEATED = "action repeated: ignored"

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
        Reason.SIGNAL_LOST, Reason.SIGNAL_BACK, Reason.ALERT_ENDED, Reason.REPEATED, Reason.REMINDED, Reason.ESCALATED,
        Reason.ON_CALL_CHANGED, Reason.NO_CHANNEL,
    }
)  # fmt: skip
