"""Alerts that Grafana posts, with our labels and annotations.

Our rules in Grafana (`grafana/alerting`) name their alert in the label `wardwatch_alert`, because the `alertname` of
Grafana is the title of the rule. Without the labels that Grafana adds, an episode has the same labels, and so the same
fingerprint, whether Grafana or we report it.
"""

from collections.abc import Collection, Mapping

import msgspec

from ward.config.alerting import Power
from ward.grafana_labels import ALERT, GRAFANA, NOTIFIER
from ward.tag_text import text_of_tag

_FOLDER, _REASON, _VALUES = "grafana_folder", "grafana_state_reason", "__values__"
_GRAFANA_LABELS = frozenset({_FOLDER, "datasource_uid", "ref_id", "ends", "device", ALERT})
# The parts of our rules whose value says whether the condition still holds; the first one present counts.
_PROOF_PARTS = ("D", "C")


def from_grafana(labels: Mapping[str, str]) -> bool:
    """Whether Grafana posted an alert with these labels."""
    return _FOLDER in labels or "__alert_rule_uid__" in labels


def translated(
    labels: Mapping[str, str], annotations: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:  # fmt: skip
    """Our labels and annotations. Alerts of rules that are not ours lose only the labels that Grafana adds."""
    ours = labels.get(ALERT, "")
    drop = _GRAFANA_LABELS if ours else frozenset({_FOLDER})
    own = {name: text for name, text in labels.items() if not _private(name) and name not in drop}
    texts = {name: text for name, text in annotations.items() if not _private(name) and name != _REASON}
    if ours:
        own = {name: text_of_tag(text) for name, text in own.items()}
        notifier = own.pop(NOTIFIER, "")
        own["alertname"] = text_of_tag(ours)
        texts[NOTIFIER] = notifier
        if notifier == GRAFANA:
            own[NOTIFIER] = notifier  # Grafana has notified: the label makes it another alert than ours
    return own, texts


def trusted(
    labels: Mapping[str, str], annotations: Mapping[str, str], may: Collection[Power]
) -> tuple[dict[str, str], dict[str, str]]:  # fmt: skip
    """Without the label that keeps Wardwatch from notifying, and the annotation of an episode that is also ours.

    They stay where the config trusts the sender with that.
    """
    own = {name: text for name, text in labels.items() if name != NOTIFIER or "notify" in may}
    texts = {name: text for name, text in annotations.items() if name != NOTIFIER or "continue" in may}
    return own, texts


def has_proof_of_end(labels: Mapping[str, str], annotations: Mapping[str, str]) -> bool:
    """Whether an end that Grafana posts proves that the condition is over.

    It does not where Grafana gives a reason, such as a missing series or a failed query. An alert of our own rules
    needs the value of its condition as a proof: Grafana posts an end for a removed rule, too.
    """
    if annotations.get(_REASON):
        return False
    if ALERT not in labels:
        return True
    try:
        values = msgspec.json.decode(annotations.get(_VALUES, ""), type=dict[str, float | None])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return next((values[part] == 0 for part in _PROOF_PARTS if part in values), False)


def _private(name: str) -> bool:
    return name.startswith("__")
