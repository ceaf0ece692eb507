"""Labels and annotations that our alert rules in Grafana carry, for the programs that write and read them."""

from collections.abc import Mapping

ALERT = "wardwatch_alert"  # the label with the name of the alert that a rule is about
NOTIFIER = "notifier"  # the label that says which program notifies people of the alert
# `NO_NOTIFIER`: nobody is notified, as Wardwatch has notified of the same alert already.
WARDWATCH, GRAFANA, NO_NOTIFIER = "wardwatch", "grafana", "none"


def continues_ours(annotations: Mapping[str, str]) -> bool:
    """Whether an alert of another system and one of ours with its labels are one episode, which Wardwatch notifies.

    `web` lets only the annotation of a sender pass that the config trusts with it.
    """
    return annotations.get(NOTIFIER) == WARDWATCH
