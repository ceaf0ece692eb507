"""The shipped inhibitions and routes: one alert instead of forty, and never a patient's."""

from collections.abc import Mapping
from functools import cache

import pytest

from alerts.model.now import Now
from alerts.model.tracked_alert import TrackedAlert
from alerts.routing.alert_routes import RouteCache
from alerts.routing.route_tree import matching_routes
from alerts.stages.batch import AlertBatch, BatchItem
from alerts.stages.inhibit import inhibit
from tests.config.test_shipped import shipped as config
from ward.alert import Alert
from ward.finding import Kind, Severity

shipped = cache(config)
Labels = Mapping[str, str]


def alert(name: str, severity: str = "medium", device: str = "mon-icu-02", **more: str) -> dict[str, str]:
    """The labels of an alert; of a device, unless `device` is empty."""
    known = {rule.name: str(rule.kind) for rule in shipped().rules}
    place = {"device_id": device, "ward": "icu", "bed": device.removeprefix("mon-")} if device else {}
    return {"alertname": name, "severity": severity, "kind": known.get(name, "technical"), **place, **more}


def inhibited(source: Labels, target: Labels) -> bool:
    """Whether the first inhibits the second."""
    items = tuple(
        BatchItem(
            tracked=TrackedAlert(
                alert=Alert(
                    id=str(n), labels=dict(labels), annotations={}, severity=Severity(labels["severity"]),
                    kind=Kind(labels["kind"]), starts_at=0, updated_at=0,
                ),
                tracked_since=0, changed_at=0, unacknowledged_since=0,
            )
        )
        for n, labels in enumerate((source, target))
    )  # fmt: skip
    batch = AlertBatch(now=Now(0, 0), config=shipped(), routes=RouteCache(shipped().alerting), items=items)
    return bool(inhibit(batch).items[1].inhibited_by)


GONE = [
    alert("program-silent", "high", "", program="bridge"),
    alert("program-silent", "high", "", program="detectors"),
    alert("program-problem", "high", "", program="bridge"),
    alert("program-problem", "high", "", program="alerts"),
]
ABSENT = ["device-silent", "device-offline", "signal-missing"]


@pytest.mark.parametrize(
    "name",
    [
        "signal-missing", "device-offline", "stuck-pulse", "stuck-saturation", "stuck-temperature", "stuck-humidity",
        "stuck-respiration", "readings-lost", "readings-late", "readings-repeated",
    ],
)  # fmt: skip
def test_a_silent_device_inhibits_its_own_technical_alerts_only(name: str) -> None:
    assert name in {rule.name for rule in shipped().rules}
    assert inhibited(alert("device-silent"), alert(name, metric="spo2"))
    assert not inhibited(alert("device-silent"), alert(name, device="mon-icu-03", metric="spo2"))
    assert not inhibited(alert(name, metric="spo2"), alert("device-silent"))


@pytest.mark.parametrize("source", GONE, ids=lambda a: f"{a['alertname']} {a['program']}")
@pytest.mark.parametrize("name", ABSENT)
def test_while_no_readings_come_silent_devices_are_inhibited(source: Labels, name: str) -> None:
    assert inhibited(source, alert(name))
    assert inhibited(source, alert(name, "high", "mon-med-07"))
    assert not inhibited(source, alert("battery-low"))


@pytest.mark.parametrize(
    "source",
    [
        alert("program-silent", "medium", "", program="web"),
        alert("program-silent", "low", "", program="simulators"),
        alert("program-problem", "medium", "", program="bridge"),
        alert("program-problem", "medium", "", program="detectors"),
        alert("config-rejected", "low", ""),
    ],
    ids=lambda a: f"{a['alertname']} {a['severity']}",
)
def test_problems_that_stop_no_readings_inhibit_no_silent_device(source: Labels) -> None:
    assert not any(inhibited(source, alert(name)) for name in ABSENT)


def test_a_dead_program_inhibits_its_own_problem() -> None:
    assert inhibited(GONE[0], alert("program-problem", "high", "", program="bridge"))
    assert not inhibited(GONE[0], alert("program-problem", "medium", "", program="web"))


SCORES = ["news2", "qsofa", "shock-index", "risk"]


def score(name: str, severity: str, bed: str = "icu-02") -> dict[str, str]:
    """The labels of an alert about a patient, which has no device."""
    return alert(name, severity, "", ward="icu", bed=bed, metric=name)


@pytest.mark.parametrize("name", ["desaturation", "bradycardia", "hypotension", "saturation-falling", *SCORES[1:]])
def test_a_high_news2_includes_the_lower_alerts_of_its_patient_and_no_high_one(name: str) -> None:
    target = score if name in SCORES else alert
    for severity in ("low", "medium"):
        assert inhibited(score("news2", "high"), target(name, severity))
        assert not inhibited(score("news2", "high", "icu-03"), target(name, severity))
        assert not inhibited(score("news2", "medium"), target(name, severity))
    assert not inhibited(score("news2", "high"), target(name, "high"))
    assert not inhibited(score("news2", "high"), alert("device-silent"))


@pytest.mark.parametrize("name", SCORES)
def test_a_high_alert_about_one_sign_includes_lower_scores_and_a_medium_one_does_not(name: str) -> None:
    for severity in ("low", "medium"):
        assert inhibited(alert("desaturation", "high"), score(name, severity))
        assert not inhibited(alert("desaturation", "high"), score(name, severity, "icu-03"))
        assert not inhibited(alert("desaturation", "medium"), score(name, severity))
    assert not inhibited(alert("desaturation", "high"), alert("bradycardia", "medium"))


def test_who_silences_one_alert_of_a_patient_has_not_silenced_the_others() -> None:
    """Where different signs mute each other; the lower alerts of one sign are the same once more."""
    by_bed = [rule for rule in shipped().alerting.inhibit if rule.equal == ("bed",)]
    assert len(by_bed) == 2
    assert not any(rule.while_silenced for rule in by_bed)


def test_nothing_inhibits_a_high_news2() -> None:
    every = [alert(rule.name, severity) for rule in shipped().rules for severity in ("low", "medium", "high")]
    assert not [source for source in (*every, *GONE) if inhibited(source, score("news2", "high"))]


def test_no_technical_alert_inhibits_a_physiological_one() -> None:
    rules = shipped().rules
    physiological = [
        alert(rule.name, severity, metric=metric)
        for rule in rules
        if rule.kind is Kind.PHYSIOLOGICAL
        for metric in rule.alert_signals
        for severity in ("low", "medium", "high")
    ]
    technical = [
        alert(rule.name, "high", metric=metric)
        for rule in rules
        if rule.kind is Kind.TECHNICAL
        for metric in rule.alert_signals
    ]
    assert len(physiological) > 40
    assert len(technical) > 20
    for source in (*technical, *GONE):
        assert not any(inhibited(source, target) for target in physiological)


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (GONE[0], "nurses_and_technicians"),
        (GONE[2], "nurses_and_technicians"),
        (alert("program-silent", "medium", "", program="web"), "technicians"),
        (alert("program-problem", "medium", "", program="bridge"), "technicians"),
        (alert("program-silent", "low", "", program="simulators"), "screen"),
        (alert("config-rejected", "low", ""), "screen"),
        (alert("server-clock-set", "medium", ""), "technicians"),
        (alert("device-silent"), "nurses"),
    ],
)
def test_receivers_of_alerts_about_wardwatch_itself(labels: Labels, receiver: str) -> None:
    assert [choice.receiver for choice in matching_routes(shipped().alerting.route, labels)] == [receiver]
