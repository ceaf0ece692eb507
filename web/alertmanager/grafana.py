"""Alerts as Grafana posts them, in our words.

Our rules in Grafana (`grafana/alerting`) name the alert they are about in the label `wardwatch_alert`, as the name that
Grafana gives is the rule's title. With Grafana's own labels taken away, one episode has the same labels whoever tells
of it, and so the same fingerprint.
"""

from collections.abc import Mapping

import msgspec

from ward.grafana_labels import ALERT, DIRECT, REACH

_FOLDER, _REASON, _VALUES = "grafana_folder", "grafana_state_reason", "__values__"
_THEIRS = frozenset({_FOLDER, "datasource_uid", "ref_id", "ends", "device", ALERT})
# The parts of our rules that tell whether a condition still holds: the first that is there.
_PROOFS = ("D", "C")


def is_grafanas(labels: Mapping[str, str]) -> bool:
    """Whether Grafana posted an alert with these labels."""
    return _FOLDER in labels or "__alert_rule_uid__" in labels


def translated(
    labels: Mapping[str, str], annotations: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:  # fmt: skip
    """Labels and annotations in our words; those of rules that are not ours lose only what is Grafana's own."""
    ours = labels.get(ALERT, "")
    drop = _THEIRS if ours else frozenset({_FOLDER})
    own = {name: text for name, text in labels.items() if not _private(name) and name not in drop}
    said = {name: text for name, text in annotations.items() if not _private(name) and name != _REASON}
    if ours:
        reach = own.pop(REACH, "")
        own["alertname"] = ours
        said[REACH] = reach
        if reach == DIRECT:
            own[REACH] = reach  # told already: another alert than one that we tell
    return own, said


def is_proved_over(labels: Mapping[str, str], annotations: Mapping[str, str]) -> bool:
    """Whether an end that Grafana posts is one.

    It is none where Grafana gives a reason: a series it does not see, an answer it did not get. One of our own rules
    must show the number that says that its condition is over: a rule that was taken away posts an end, too.
    """
    if annotations.get(_REASON):
        return False
    if ALERT not in labels:
        return True
    try:
        values = msgspec.json.decode(annotations.get(_VALUES, ""), type=dict[str, float | None])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return next((values[part] == 0 for part in _PROOFS if part in values), False)


def _private(name: str) -> bool:
    return name.startswith("__")
