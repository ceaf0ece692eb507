"""How an alert ended, in words: what is not known to have ended is never said to have."""

from ward.finding import EndReason

ENDS = {
    EndReason.RECOVERED: "ended",
    EndReason.SIGNAL_LOST: "signal lost, not known whether it has ended",
    EndReason.RULE_CHANGED: "closed, not known whether it has ended: rule changed by config, or device moved",
    EndReason.REMOVED: "closed, no longer checked: removed by config",
    EndReason.DISCHARGED: "closed: patient discharged or moved",
    EndReason.PAUSED: "closed, no longer checked: paused",
    EndReason.SUPERSEDED: "closed: replaced by a newer alert",
}
_BY_NAME = {str(end): text for end, text in ENDS.items()}


def end_text(end: str) -> str:
    """The words for the name of an `EndReason`, as the API has it.

    >>> end_text("signal lost"), end_text("")
    ('signal lost, not known whether it has ended', 'over, not known why')
    """
    return _BY_NAME.get(end, "over, not known why")
