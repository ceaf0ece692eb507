"""Alerts of other systems, posted by HTTP, beside those that Wardwatch finds itself."""

from collections.abc import Mapping

from msgspec import structs

from alerts.model.now import Now
from alerts.tracking.alert_state import AlertState
from ward.alert import EXTERNAL, fingerprint
from ward.clock import SECOND
from ward.finding import Finding, Transition
from ward.grafana_labels import continues_ours
from ward.ids import digest
from ward.reason import Reason

# Another system that evaluates the store may notice an end so much later than Wardwatch.
NOTICES_ENDS_WITHIN = 120 * SECOND


def resolve_external(finding: Finding, labels: Mapping[str, str], state: AlertState, now: Now) -> Finding | Reason:
    """The finding of another system with the episode it belongs to, or why it changes nothing.

    It has no episode of its own: it is about the active alert with its labels, or else a new one. It changes no alert
    of our own, but a sender that may continue our alerts raises the severity. It does not raise again what has ended
    just now.
    """
    key = fingerprint(dict(labels))
    active, raised = state.active(key), finding.transition is Transition.RAISED
    if active is not None and active.alert.source != EXTERNAL:
        worse = raised and finding.severity.rank > active.alert.severity.rank
        if not worse or not continues_ours(finding.annotations):
            return Reason.EXTERNAL_DUPLICATE
        return structs.replace(finding, episode=active.alert.id, transition=Transition.CHANGED, until=None)
    ended_at = state.recent_ends.get(key) if active is None and raised else None
    if ended_at is not None and (finding.onset <= ended_at or now.wall - ended_at < NOTICES_ENDS_WITHIN):
        return Reason.EXTERNAL_LATE
    if active is not None:
        return structs.replace(finding, episode=active.alert.id)
    if raised and state.tracked(finding.episode) is not None:
        return structs.replace(finding, episode=digest(finding.episode, finding.at))
    return finding
