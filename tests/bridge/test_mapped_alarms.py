"""Alarms of a device by a mapping: codes that begin, repeat and end, and those that no mapping has."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.unknown_alarms import MOST_REPORTED, UnknownAlarms
from tests.app.calling import SHIPPED, call
from tests.bridge.mapped import mapped
from tests.config.config_reader import copied
from tests.docs.pages import ROOT, blocks
from tests.kit.simulated_ward import simulated_ward
from ward.metrics import Metrics

(PAGE,) = [block for block in blocks(ROOT / "docs" / "devices.md", "yaml") if "    alarms:\n" in block]
CODES = {
    "OCCLUSION": {"alert": "pump-occlusion", "severity": "high", "text": "Line occluded"},
    "17": {"alert": "pump-air", "severity": "medium", "text": "Air in the line"},
}


def decoded(payload: Any, **alarms: Any) -> Any:
    codec = mapped({"flow": "flow"}, alarms={"path": "alarm", "none": ["", "NONE"], "codes": CODES} | alarms)
    (reading,) = codec.decode(["acme", "p1", "pump"], json.dumps(payload).encode())
    return reading


@pytest.mark.parametrize(
    ("alarm", "occlusion", "air"),
    [
        ("OCCLUSION", 1, 0), (" OCCLUSION ", 1, 0), (["OCCLUSION", 17], 1, 1), (17, 0, 1), ("17", 0, 1), ("NONE", 0, 0),
        ("", 0, 0), (None, 0, 0), ([], 0, 0), (["NONE"], 0, 0), (["OCCLUSION", "OCCLUSION"], 1, 0),
    ],
)  # fmt: skip
def test_each_code_is_one_or_zero_in_every_report(alarm: Any, occlusion: int, air: int) -> None:
    reading = decoded({"flow": 4, "alarm": alarm})
    assert reading.values == {"flow": 4, "alarm.pump-occlusion": occlusion, "alarm.pump-air": air}
    assert (reading.unknown_alarms, reading.refused) == ((), [])


def test_a_payload_without_the_place_says_nothing_unless_it_means_no_alarm() -> None:
    reading = decoded({"flow": 4})
    assert (reading.values, reading.unknown_alarms) == ({"flow": 4}, None)
    reading = decoded({"flow": 4}, missing="none")
    assert reading.values["alarm.pump-occlusion"] == 0
    assert reading.unknown_alarms == ()


def test_a_payload_with_an_alarm_alone_is_a_reading() -> None:
    assert decoded({"alarm": "OCCLUSION"}).values == {"alarm.pump-occlusion": 1, "alarm.pump-air": 0}


@pytest.mark.parametrize("alarm", [True, {"code": 1}, [None], [["x"]], ["x"] * 51])
def test_what_is_no_code_is_refused_alone_and_ends_no_alarm(alarm: Any) -> None:
    reading = decoded({"flow": 4, "alarm": alarm})
    assert (reading.values, reading.unknown_alarms) == ({"flow": 4}, None)
    (part,) = reading.refused
    assert part.detail.startswith("alarms at `alarm`: ")


def test_unknown_codes_are_reported_beside_known_ones() -> None:
    reading = decoded({"flow": 4, "alarm": ["E 99", "OCCLUSION", 3.5]})
    assert reading.values["alarm.pump-occlusion"] == 1
    assert reading.unknown_alarms == ("E 99", "3.5")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6,
)  # fmt: skip


@given(JSON_VALUES)
def test_any_json_in_its_place_costs_no_value_beside_it(alarm: Any) -> None:
    reading = decoded({"flow": 4, "alarm": alarm})
    assert reading.values["flow"] == 4
    assert {reading.values.get("alarm.pump-occlusion"), reading.values.get("alarm.pump-air")} <= {None, 0.0, 1.0}


def test_an_unknown_code_is_a_metric_until_the_device_reports_without_it() -> None:
    metrics = Metrics()
    unknown = UnknownAlarms(metrics)

    def shown() -> list[str]:
        return [name for name in metrics.samples() if "unknown_alarm_code{" in name]

    unknown.note("p1", ("E 99", "E 98"))
    unknown.note("p1", ("E 99",))
    unknown.note("p1", None)
    assert shown() == ['wardwatch_bridge_unknown_alarm_code{code="E 99",device="p1"}']
    unknown.note("p1", ('a"b\\' + "\x1b" + "x" * 5000,))
    (name,) = shown()
    assert len(name) < 150
    assert name.isprintable()
    assert name.count('"') == 4
    unknown.note("p1", ())
    assert shown() == []
    for i in range(MOST_REPORTED + 9):
        unknown.note(f"d{i}", ("x",))
    assert len(shown()) == MOST_REPORTED
    unknown.close()
    assert shown() == []


def test_codes_of_ids_that_anybody_invents_hide_no_code_of_a_registered_device() -> None:
    metrics = Metrics()
    unknown = UnknownAlarms(metrics)
    for i in range(MOST_REPORTED + 9):
        unknown.note(f"d{i}", ("x",))
    unknown.note("pump-1", ("E 99",), registered=True)
    assert 'wardwatch_bridge_unknown_alarm_code{code="E 99",device="pump-1"}' in metrics.samples()


def test_a_report_whose_code_is_not_shown_is_counted() -> None:
    metrics = Metrics()
    unknown = UnknownAlarms(metrics)
    for i in range(MOST_REPORTED + 9):
        unknown.note(f"d{i}", ("x",))
        unknown.note(f"d{i}", ())
    assert metrics.samples()["wardwatch_bridge_unknown_alarm_codes_not_shown_total"] == 0
    for i in range(MOST_REPORTED + 9):
        unknown.note(f"d{i}", ("x",))
    assert metrics.samples()["wardwatch_bridge_unknown_alarm_codes_not_shown_total"] == 9


def test_a_device_with_several_unknown_codes_shows_one_until_it_ends() -> None:
    """Otherwise its alert would change with each message that lists them in another order."""
    metrics = Metrics()
    unknown = UnknownAlarms(metrics)
    for codes in (("E 1", "E 2"), ("E 2", "E 1"), ("E 2", "E 1", "E 3")):
        unknown.note("p1", codes)
        assert 'wardwatch_bridge_unknown_alarm_code{code="E 1",device="p1"}' in metrics.samples()
    unknown.note("p1", ("E 2",))
    assert 'wardwatch_bridge_unknown_alarm_code{code="E 2",device="p1"}' in metrics.samples()


def with_pumps(config: Path) -> Path:
    """The config with the mapping of the page."""
    line, _, mappings = PAGE.partition("mappings:\n")
    bridge = config / "bridge.yaml"
    text = bridge.read_text(encoding="utf-8").replace("\ntopics:\n", f"\ntopics:\n{line}")
    assert "\nmappings:" not in text
    bridge.write_text(f"{text}\nmappings:\n{mappings}", encoding="utf-8")
    return config


@pytest.mark.guarantee("A device's own alarm is an alert while the device reports it; its silence does not end it.")
def test_an_alarm_of_a_pump_is_notified_once_and_ends_when_the_pump_says_so(tmp_path: Path) -> None:
    topic = "acme/pump-1/pump"
    with simulated_ward(tmp_path) as ward:
        with_pumps(ward.config)
        inventory = ward.config / "ward.yaml"
        text = inventory.read_text(encoding="utf-8")
        kind = "\ndevice_kinds:\n  pump: {label: Infusion pump, signals: {flow: 1s}}\n"
        device = "\ndevices:\n  pump-1: {device_kind: pump, bed: icu-01}\n"
        inventory.write_text(text.replace("\ndevice_kinds:\n", kind).replace("\ndevices:\n", device), encoding="utf-8")
        ward.start_again()
        ward.expect_alert(3, 5, "pump-occlusion", "pump-1")
        ward.expect_alert(30, 60, "device-silent", "pump-1")

        def report(alarm: str, seconds: int) -> None:
            for _ in range(seconds):
                ward.publish(topic, json.dumps({"flow": 4, "alarm": alarm}).encode())
                ward.run(1)

        report("NONE", 3)
        report("OCCLUSION", 27)
        text = "Infusion line occluded: check line and cannula"
        assert [s for s in ward.subjects() if text in s] == [f"HIGH priority, ICU bed 1: {text}"]
        alert = ward.alert("pump-occlusion", "pump-1")
        assert (alert.severity, alert.kind, alert.active) == ("high", "technical", True)
        ward.run(30)
        assert ward.alert("pump-occlusion", "pump-1").active
        report("OCCLUSION", 3)
        report("NONE", 65)
        ended = ward.alert("pump-occlusion", "pump-1")
        assert ended.ended == "recovered"
        assert [s for s in ward.subjects() if "its alarm has ended" in s] == [
            "ALERT ENDED, ICU bed 1: Infusion pump: its alarm has ended (Infusion line occluded) "
            f"(was HIGH priority: {text}; lasted 60 s)"
        ]
        assert ended.id == alert.id


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("severity: low", "severity: lo", "severity must be one of"),
        ("alert: pump-air", "alert: pump air", "'pump air' is no id"),
        ("alert: pump-air", "alert: pump-occlusion", "there is a rule 'pump-occlusion' already"),
        ("alert: pump-air", "alert: desaturation", "there is a rule 'desaturation' already"),
        ("      path: alarm\n", "      path: alarm[\n", "path"),
        ('text: "Air in the infusion line: stop and vent"', 'text: "a\\nb"', "one line of printable text"),
        ("      none: [", "      non: [", "unknown key 'non'; did you mean 'none'?"),
    ],
)
def test_a_wrong_mapping_of_alarms_is_a_fault_with_its_place(tmp_path: Path, old: str, new: str, fault: str) -> None:
    config = with_pumps(copied(SHIPPED, tmp_path / "config"))
    bridge = config / "bridge.yaml"
    good = bridge.read_text(encoding="utf-8")
    assert call("config", "check", config).exit_code == 0
    assert good.count(old) == 1
    bridge.write_text(good.replace(old, new), encoding="utf-8")
    found = call("config", "check", config)
    assert found.exit_code == 1
    line = good[: good.index(old)].count("\n") + 1
    (shown,) = [text for text in found.stdout.splitlines() if fault in text]
    assert shown.startswith(f"{bridge}:{line}:")


def test_a_route_may_name_the_alert_and_device_try_shows_the_code(tmp_path: Path) -> None:
    config = with_pumps(copied(SHIPPED, tmp_path / "config"))
    found = call("routes", "test", "alertname=pump-occlusion", "bed=icu-07", "severity=high", "--config", config)
    assert "warning" not in found.stdout
    payload = tmp_path / "pump.json"
    payload.write_text('{"flow": 4, "alarm": "E 99"}', encoding="utf-8")
    found = call("device", "try", "--config", config, "--topic", "acme/p1/pump", payload)
    assert "value   alarm.pump-occlusion 0" in found.stdout
