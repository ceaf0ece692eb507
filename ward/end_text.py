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
