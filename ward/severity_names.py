"""The names that other systems give to a severity. Wherever a severity is read, each of them means ours."""

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
