"""A latched alert ends when its patient has left the bed: nobody sees it at the bed of the next patient."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.kit.alert_timeline import AlertTimeline, between, immediately, ward_config
from ward.config.config import Config
from ward.finding import EndReason
from ward.inventory import Assignment, Inventory, Period, Stay

LATCH = ["severity=high", "kind=physiological"]
CLOSED = "ALERT CLOSED (patient discharged or moved), ICU bed 1: "


def with_inventory(config: Config, **changes: Any) -> Config:
    inventory = config.inventory
    parts = {
        "wards": inventory.wards.values(), "beds": inventory.beds.values(), "stays": inventory.stays,
        "device_kinds": inventory.device_kinds.values(), "devices": inventory.devices.values(),
    }  # fmt: skip
    return replace(config, inventory=Inventory(**{**parts, **changes}))


def latched(path: Path, **changes: Any) -> AlertTimeline:
    """A HIGH alert of P-1 in bed 1, over at 20 s; its patient leaves at 60 s, and P-2 comes."""
    timeline = AlertTimeline(path, ward_config(2, latch=LATCH))
    leaves = timeline.time_at(60)
    stays = [Stay(patient="P-1", bed="icu-1", span=Period(until=leaves)), Stay(patient="P-2", bed="icu-1",
             span=Period(since=leaves))]  # fmt: skip
    timeline.live.config = with_inventory(timeline.live.config, **{"stays": stays, **changes})
    timeline.at(1).raises("spo2_low", bed=1, patient="P-1")
    timeline.at(20).clears("spo2_low", bed=1, patient="P-1", text="SpO2 95 %, back above 88")
    return timeline


@pytest.mark.guarantee("A former patient's alert that nobody has acknowledged is closed when another one has the bed.")
def test_a_latched_alert_is_closed_as_discharged_when_its_patient_has_left(tmp_path: Path) -> None:
    timeline = latched(tmp_path)
    timeline.advance_to(59)
    assert timeline.alerts()["spo2_low icu-1"].latched is EndReason.RECOVERED
    timeline.want(immediately(1), "HIGH priority, ICU bed 1: SpO2 84 % < 88")
    timeline.want(between(60, 121), CLOSED + "SpO2 95 %, back above 88 (was HIGH priority")
    timeline.run(130)
    alert = timeline.alerts()["spo2_low icu-1"]
    assert (alert.active, alert.ended, alert.latched) == (False, EndReason.DISCHARGED, None)
    assert alert.ends_at == timeline.time_at(20), "so long it lasted"
    closed = "closed: patient discharged or moved, at 16:01:00 UTC after 74 s: SpO2 95 %, back above 88"
    assert alert.annotations["ended"] == closed


def test_a_latched_alert_stays_while_its_patient_is_there_whatever_becomes_of_the_device(tmp_path: Path) -> None:
    devices = [
        replace(device, assignments=(Assignment(ward="icu", bed="icu-2"),)) if device.id == "mon-icu-1" else device
        for device in ward_config(2).inventory.devices.values()
    ]
    timeline = latched(tmp_path, stays=[Stay(patient="P-1", bed="icu-1")], devices=devices)
    timeline.advance_to(130)
    assert timeline.alerts()["spo2_low icu-1"].latched is EndReason.RECOVERED


OTHER = Stay(patient="P-3", bed="icu-2")


@pytest.mark.guarantee("A config that has lost a bed, a patient or a device closes no alert that waits for a person.")
@pytest.mark.parametrize(
    "cut", [{"beds": ()}, {"devices": (), "beds": (), "stays": ()}, {"stays": ()}, {"stays": (OTHER,)}]
)
def test_a_latched_alert_whose_bed_or_patient_the_config_no_longer_has_stays(
    tmp_path: Path, cut: dict[str, Any]
) -> None:
    timeline = latched(tmp_path)
    timeline.advance_to(30)
    timeline.live.config = with_inventory(timeline.live.config, **cut)
    timeline.advance_to(130)
    assert timeline.alerts()["spo2_low icu-1"].latched is EndReason.RECOVERED


def test_a_latched_alert_of_a_patient_whom_the_config_no_longer_has_is_closed_when_another_one_has_the_bed(
    tmp_path: Path,
) -> None:
    timeline = latched(tmp_path, stays=())
    timeline.advance_to(60)
    timeline.live.config = with_inventory(timeline.live.config, stays=(Stay(patient="P-2", bed="icu-1"),))
    timeline.advance_to(62)
    assert timeline.alerts()["spo2_low icu-1"].ended is EndReason.DISCHARGED


@pytest.mark.parametrize("left", [(), (Assignment(ward="icu"),)])
def test_where_no_patient_is_known_a_latched_alert_stays_while_its_device_has_lost_its_bed(
    tmp_path: Path, left: tuple[Assignment, ...]
) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(2, latch=LATCH))
    timeline.at(1).raises("spo2_low", bed=1)
    timeline.at(20).clears("spo2_low", bed=1)
    timeline.advance_to(30)
    devices = [replace(device, assignments=left) for device in timeline.live.config.inventory.devices.values()]
    timeline.live.config = with_inventory(timeline.live.config, devices=devices)
    timeline.advance_to(70)
    assert timeline.alerts()["spo2_low icu-1"].latched is EndReason.RECOVERED


def test_where_no_patient_is_known_a_latched_alert_ends_with_the_device_at_another_bed(tmp_path: Path) -> None:
    timeline = AlertTimeline(tmp_path, ward_config(2, latch=LATCH))
    moves = timeline.time_at(60)
    spans = Assignment(ward="icu", bed="icu-1", span=Period(until=moves)), Assignment(
        ward="icu", bed="icu-2", span=Period(since=moves))  # fmt: skip
    devices = [
        replace(device, assignments=spans) if device.id == "mon-icu-1" else device
        for device in timeline.live.config.inventory.devices.values()
    ]
    timeline.live.config = with_inventory(timeline.live.config, devices=devices)
    timeline.at(1).raises("spo2_low", bed=1)
    timeline.at(20).clears("spo2_low", bed=1)
    timeline.advance_to(58)
    assert timeline.alerts()["spo2_low icu-1"].latched is EndReason.RECOVERED
    timeline.advance_to(70)
    assert timeline.alerts()["spo2_low icu-1"].ended is EndReason.DISCHARGED


def test_an_alert_that_is_still_there_is_left_to_the_detector(tmp_path: Path) -> None:
    timeline = latched(tmp_path)
    timeline.at(10).changes("spo2_low", bed=1, patient="P-1")
    timeline.script = [one for one in timeline.script if one[0] != 20]
    timeline.advance_to(130)
    assert timeline.alerts()["spo2_low icu-1"].active
