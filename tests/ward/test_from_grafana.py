"""When an end that Grafana posts is one."""

import pytest

from ward.from_grafana import is_proved_over, translated

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
        (OURS, {"__values__": '{"C": 0}', "grafana_state_reason": "NoData"}, False),
    ],
)
def test_an_end_needs_its_proof(labels: dict[str, str], annotations: dict[str, str], over: bool) -> None:
    assert is_proved_over(labels, annotations) is over


def test_rules_of_others_lose_nothing_but_what_is_grafanas_own() -> None:
    labels, annotations = translated({**THEIRS, "device": "d1", "__x__": "y"}, {"summary": "97 %", "__orgId__": "1"})
    assert labels == {"alertname": "DiskFull", "device": "d1"}
    assert annotations == {"summary": "97 %"}
