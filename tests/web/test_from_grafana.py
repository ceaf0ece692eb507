"""When an end that Grafana posts is one."""

import pytest

from web.alertmanager.grafana import from_grafana, has_proof_of_end, translated

OURS = {"wardwatch_alert": "tachycardia", "grafana_folder": "Wardwatch"}
THEIRS = {"alertname": "DiskFull", "grafana_folder": "IT"}


@pytest.mark.parametrize(
    ("labels", "annotations", "over"),
    [
        (THEIRS, {}, True),
        (THEIRS, {"grafana_state_reason": "MissingSeries"}, False),
        (OURS, {}, False),
        (OURS, {"__values__": "nonsense"}, False),
        (OURS, {"__values__": '{"C": 0}'}, True),
        (OURS, {"__values__": '{"C": 1}'}, False),
        (OURS, {"__values__": '{"C": 0, "D": 1}'}, False),  # only that the detectors live again
        (OURS, {"__values__": '{"C": 0, "D": 0}'}, True),
        (OURS, {"__values__": '{"C": null}'}, False),
        (OURS, {"__values__": '{"A": 0, "B": 0}'}, False),  # questions and their numbers prove nothing
        (OURS, {"__values__": '{"C": 0}', "grafana_state_reason": "NoData"}, False),
    ],
)
def test_an_end_needs_its_proof(labels: dict[str, str], annotations: dict[str, str], over: bool) -> None:
    assert has_proof_of_end(labels, annotations) is over


def test_rules_of_others_lose_nothing_but_what_from_grafana_own() -> None:
    labels, annotations = translated({**THEIRS, "device": "d1", "__x__": "y"}, {"summary": "97 %", "__orgId__": "1"})
    assert labels == {"alertname": "DiskFull", "device": "d1"}
    assert annotations == {"summary": "97 %"}


def test_the_reason_of_grafana_for_an_end_is_not_in_the_alert() -> None:
    _, annotations = translated(OURS, {"summary": "97 %", "grafana_state_reason": "NoData"})
    assert annotations == {"summary": "97 %", "notifier": ""}


@pytest.mark.parametrize(
    ("labels", "grafanas"),
    [(OURS, True), ({"__alert_rule_uid__": "x", "alertname": "DiskFull"}, True), ({"alertname": "DiskFull"}, False)],
)
def test_what_grafana_posts_is_known_by_the_folder_or_the_rule_it_names(labels: dict[str, str], grafanas: bool) -> None:
    assert from_grafana(labels) is grafanas
