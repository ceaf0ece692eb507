"""The names that other systems give to a severity. Wherever a severity comes from outside, each of them means ours."""

from collections.abc import Mapping

SEVERITY = "severity"
# The label that keeps the name which the sender of an alert used, where that is not ours.
SENDER_SEVERITY = "sender_severity"

NAMES = {
    "high": ("high", "critical", "page", "emergency"),
    "medium": ("medium", "warning", "error"),
    "low": ("low", "info", "none"),
}
_OURS = {name: ours for ours, names in NAMES.items() for name in names}


def our_severity(name: str) -> str | None:
    """`high`, `medium` or `low` for a name of a severity, in any case of letters; None for an unknown one."""
    return _OURS.get(name.lower())


def with_our_severity(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels with our severity; another name of it is kept. None at all and an unknown one are `medium`."""
    sent = labels.get(SEVERITY, "")
    ours = our_severity(sent) or "medium"
    kept = {} if sent in ("", ours) else {SENDER_SEVERITY: sent}
    return {**labels, SEVERITY: ours, **kept}
