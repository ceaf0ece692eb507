"""The board: the values, data state and priority of each bed."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.web.scene import Scene, hospital, mixed
from tests.web.test_overview import newest, write
from ward.alert import REBUILT
from ward.clock import SECOND
from ward.config.config import Config
from ward.finding import EndReason, Kind, Severity
from ward.inventory import Assignment, Bed, Device, Inventory, Period, Stay, Ward
from ward.reading import Flag, Reading
from ward.topics import READINGS
from ward.wire import READING_WIRE


def beds(scene: Scene) -> list[dict[str, Any]]:
    scene.tick(0.6)  # longer than the board is cached
    found: list[dict[str, Any]] = scene.http.json("/api/v1/board")["beds"]
    return found


def bed(scene: Scene, id_: str) -> dict[str, Any]:
    return next(tile for tile in beds(scene) if tile["id"] == id_)


def value(tile: dict[str, Any], signal: str) -> dict[str, Any]:
    return next(v for v in tile["values"] if v["signal"] == signal)


def test_beds_are_sorted_by_priority_gravest_sign_and_then_in_the_order_of_the_inventory(scene: Scene) -> None:
    mixed(scene, 1)
    assert [(tile["id"], tile["priority"]) for tile in beds(scene)] == [
        ("icu-03", "high"), ("hdu-04", "medium"), ("icu-07", "medium"), ("hdu-02", "low"),
        ("icu-05", "acknowledged"), ("hdu-06", "acknowledged"), ("hdu-08", "signal lost"), ("icu-09", "no data"),
        *((id_, "no alert") for id_ in ("icu-01", "icu-02", "icu-04", "icu-06", "icu-08", "icu-10", "hdu-01", "hdu-03",
                                    "hdu-05", "hdu-07", "hdu-09")),
        ("hdu-10", "not monitored"),
    ]  # fmt: skip


@pytest.mark.guarantee("The gravest sign of a bed heads its tile; patients come before equipment of equal severity.")
def test_the_gravest_sign_heads_the_tile_and_patients_come_before_equipment(scene: Scene) -> None:
    """A bed in shock, beside one whose monitor has a wrong clock."""
    medium = Severity.MEDIUM
    scene.alert("icu-01", "clock", "Monitor clock 10 min slow", severity=medium, kind=Kind.TECHNICAL,
                metric="clock_skew", ago=5)  # fmt: skip
    for ago, (name, metric) in enumerate([("tachypnoea", "respiratory_rate"), ("tachycardia", "heart_rate"),
                                          ("hypotension", "systolic_bp")], 10):  # fmt: skip
        scene.alert("icu-02", name, name, severity=medium, metric=metric, ago=ago)
    scene.alert("icu-02", "probe", "Temperature artefacts", severity=medium, kind=Kind.TECHNICAL, ago=1)
    scene.alert("icu-03", "tachypnoea", "Respiratory rate 26", severity=medium, metric="respiratory_rate", ago=1)
    found = beds(scene)
    assert [tile["id"] for tile in found[:3]] == ["icu-02", "icu-03", "icu-01"]
    assert [alert["name"] for alert in found[0]["alerts"]] == ["hypotension", "tachycardia", "tachypnoea", "probe"]
    listed = scene.http.json("/api/v1/alerts?state=active")["alerts"]
    assert [alert["name"] for alert in listed] == [
        "hypotension", "tachycardia", "tachypnoea", "tachypnoea", "probe", "clock",
    ]  # fmt: skip


def test_what_holds_now_comes_before_what_has_ended_unacknowledged(scene: Scene) -> None:
    ended = scene.alert("icu-01", "hypoxia", metric="spo2", ago=10)
    scene.send(replace(ended, latched=EndReason.RECOVERED))
    scene.alert("icu-01", "tachycardia", metric="heart_rate", ago=60)
    assert [alert["name"] for alert in bed(scene, "icu-01")["alerts"]] == ["tachycardia", "hypoxia"]


@pytest.mark.guarantee("The text of an alert that is over says that it was: it is never read as the value of now.")
def test_what_is_over_says_so_in_its_text_and_its_bed_stands_below_what_holds_now(scene: Scene) -> None:
    for second in ("hdu-01", "icu-02"):
        scene.healthy(second)
    over = scene.alert("hdu-01", "hypoxia", "SpO2 77 % < 85", severity=Severity.MEDIUM, metric="spo2", ago=240)
    over = replace(over, latched=EndReason.RECOVERED, latched_at=over.starts_at + 60 * SECOND)
    scene.send(replace(over, peak_severity=Severity.HIGH, worst=77.0, worst_at=over.starts_at))
    scene.alert("icu-02", "fever", "Temperature 39.1 °C > 38.5", severity=Severity.MEDIUM, metric="temperature")
    assert [tile["id"] for tile in beds(scene)[:2]] == ["icu-02", "hdu-01"]
    assert bed(scene, "hdu-01")["alerts"][0]["text"] == "Was HIGH priority: SpO2 77 % < 85"
    write(scene)
    rows = {row.fields["bed"]: str(row.fields["summary"]) for row in newest(scene, "hdu")}
    assert rows["hdu-01"] == "Was HIGH priority: SpO2 77 % < 85 (ended 3 min 2 s ago, not acknowledged)"


def test_equipment_that_is_over_says_so_and_a_rebuilt_state_is_never_over(scene: Scene) -> None:
    """The alert about a rebuilt state reports one moment: it has no condition that could end."""
    silent = scene.alert("icu-01", "device-silent", "no data for 15 s", kind=Kind.TECHNICAL, metric="")
    rebuilt = scene.alert("", "state-rebuilt", "State rebuilt", kind=Kind.TECHNICAL, metric="", device="x")
    for alert in (silent, replace(rebuilt, source=REBUILT)):
        scene.send(replace(alert, latched=EndReason.RECOVERED, latched_at=alert.starts_at))
    scene.tick()
    found = {alert["name"]: alert for alert in scene.http.json("/api/v1/alerts")["alerts"]}
    shown = {name: (alert["text"], alert["latched"]) for name, alert in found.items()}
    assert shown == {
        "device-silent": ("Was HIGH priority: no data for 15 s", "recovered"), "state-rebuilt": ("State rebuilt", ""),
    }  # fmt: skip


def test_a_value_has_its_age_its_limits_and_the_limit_that_it_is_beyond(scene: Scene) -> None:
    scene.healthy("icu-01", heart_rate=131)
    scene.tick(3)
    shown = value(bed(scene, "icu-01"), "heart_rate")
    assert (shown["value"], shown["text"], shown["age"], shown["state"]) == (131, "131", 3.6, "live")
    assert (shown["low"], shown["high"], shown["beyond"]) == (50, 120, "high")
    assert value(bed(scene, "icu-01"), "spo2")["beyond"] == ""
    scene.healthy("icu-01", heart_rate=120)
    scene.tick(1)
    assert value(bed(scene, "icu-01"), "heart_rate")["beyond"] == "", "a value at its limit is not beyond it"


def test_a_bed_with_limits_of_its_own_shows_these(scene: Scene) -> None:
    for id_ in ("icu-01", "icu-02"):
        scene.healthy(id_, spo2=90)
    assert [value(bed(scene, id_), "spo2")["beyond"] for id_ in ("icu-01", "icu-02")] == ["low", ""]


def test_no_data_shows_within_ten_seconds_with_the_time_of_the_last_value(scene: Scene) -> None:
    scene.healthy("icu-01")
    last = scene.clock.now()
    scene.tick(7)
    assert bed(scene, "icu-01")["data"] == "live"
    scene.tick(1)
    tile = bed(scene, "icu-01")
    assert (tile["priority"], tile["data"]) == ("no data", "none")
    assert (scene.clock.now() - last) / SECOND <= 10
    assert tile["data_since"] == "2025-11-24T16:00:00.000Z"


def test_a_monitor_that_never_sent_anything_is_no_data(scene: Scene) -> None:
    tile = bed(scene, "icu-01")
    assert (tile["priority"], tile["data"], tile["data_since"]) == ("no data", "none", None)
    assert {v["state"] for v in tile["values"]} == {"never"}


@pytest.mark.guarantee("A bed with one missing signal is shown as signal lost.")
def test_a_bed_with_one_missing_signal_is_signal_lost(scene: Scene) -> None:
    scene.healthy("icu-01")
    scene.tick(9)
    scene.healthy("icu-01", spo2=float("nan"))
    tile = bed(scene, "icu-01")
    assert (tile["priority"], tile["data"]) == ("signal lost", "lost")
    assert [(lost["signal"], lost["since"]) for lost in tile["lost"]] == [("spo2", "2025-11-24T16:00:00.000Z")]


def test_an_alert_has_priority_over_missing_data_and_both_are_shown(scene: Scene) -> None:
    scene.healthy("icu-01")
    scene.alert("icu-01", lost=5)
    scene.tick(12)
    tile = bed(scene, "icu-01")
    assert (tile["priority"], tile["data"], tile["alerts"][0]["signal_lost_since"]) == (
        "high",
        "none",
        "2025-11-24T15:59:55.000Z",
    )


def test_a_signal_about_the_device_itself_does_not_count_as_data_of_the_bed(scene: Scene) -> None:
    scene.healthy("icu-01")
    scene.tick(12)
    scene.reading("mon-icu-01", online=1, battery=80)
    assert bed(scene, "icu-01")["data"] == "none"


def test_a_last_will_does_not_change_last_seen(scene: Scene) -> None:
    scene.healthy("icu-01")
    scene.tick(12)
    scene.reading("mon-icu-01", flags=Flag.STATUS, online=0)
    scene.tick()
    assert scene.http.json("/api/v1/devices/mon-icu-01")["last_seen"] == "2025-11-24T16:00:00.000Z"
    assert any("No reading has come" in banner["text"] for banner in scene.http.json("/api/v1/status")["banners"])


def test_a_pump_that_sends_only_its_battery_is_no_data(scene: Scene) -> None:
    scene.reading("pump-3", flow=4.25, battery=81)
    scene.tick(60)
    scene.reading("pump-3", battery=81)
    scene.tick()
    assert scene.http.json("/api/v1/board")["unassigned"][0]["data"] == "none"


def test_the_text_of_an_alert_does_not_repeat_the_bed(scene: Scene) -> None:
    scene.alert("icu-03")
    assert bed(scene, "icu-03")["alerts"][0]["text"] == "SpO2 84 % < 88"


def test_an_acknowledged_alert_names_the_person_and_sorts_below_an_unacknowledged_low_one(scene: Scene) -> None:
    scene.alert("icu-01", ack="Nurse Ada")
    scene.alert("icu-02", severity=Severity.LOW, kind=Kind.TECHNICAL)
    first, second = beds(scene)[:2]
    assert (first["id"], second["id"]) == ("icu-02", "icu-01")
    assert second["alerts"][0]["ack"]["by"] == "Nurse Ada"


def test_an_ended_alert_is_not_shown_at_its_bed(scene: Scene) -> None:
    alert = scene.alert("icu-03")
    scene.healthy("icu-03")
    scene.tick()
    scene.ended(alert)
    assert bed(scene, "icu-03")["priority"] == "no alert"


def test_an_implausible_value_is_marked_and_never_shown_as_a_value(scene: Scene) -> None:
    scene.healthy("icu-01", spo2=97)
    scene.tick(1)
    scene.reading("mon-icu-01", implausible={"spo2": 250.0}, heart_rate=70)
    shown = value(bed(scene, "icu-01"), "spo2")
    assert (shown["value"], shown["implausible"]) == (97, 250)
    scene.tick(1)
    scene.healthy("icu-01", spo2=96)
    assert value(bed(scene, "icu-01"), "spo2")["implausible"] is None


def test_a_retained_reading_without_a_time_is_ignored(scene: Scene) -> None:
    scene.reading("mon-icu-01", flags=Flag.RETAINED | Flag.UNTIMED, heart_rate=70)
    assert bed(scene, "icu-01")["data"] == "none"


def test_values_of_a_backlog_show_their_real_age(scene: Scene) -> None:
    scene.reading("mon-icu-01", ago=600, flags=Flag.BACKLOG, heart_rate=70)
    shown = value(bed(scene, "icu-01"), "heart_rate")
    assert (shown["state"], shown["age"]) == ("old", 600.6)


def test_the_age_of_a_value_with_clock_skew_counts_from_the_time_at_the_bridge(scene: Scene) -> None:
    scene.reading("mon-icu-01", ago=600, flags=Flag.CLOCK_SKEWED, heart_rate=70)
    shown = value(bed(scene, "icu-01"), "heart_rate")
    assert (shown["state"], shown["age"]) == ("live", 0.6)


def test_a_clock_that_is_set_back_makes_no_value_look_new(scene: Scene) -> None:
    scene.healthy("icu-01")
    scene.health("detectors")
    alert = scene.alert("icu-03")
    scene.tick()
    scene.clock.step(-3600)
    scene.tick(20)
    assert bed(scene, "icu-01")["data"] == "none"
    banners = [banner["text"] for banner in scene.http.json("/api/v1/status")["banners"]]
    assert any("No heartbeat from program detectors" in text for text in banners)
    assert any("No reading has come" in text for text in banners)
    scene.ended(alert)  # at an instant before its start
    scene.tick()
    assert scene.http.json("/api/v1/alerts")["alerts"] == []


def test_a_late_reading_does_not_replace_a_newer_one(scene: Scene) -> None:
    scene.healthy("icu-01", heart_rate=80)
    scene.reading("mon-icu-01", ago=20, flags=Flag.OUT_OF_ORDER, heart_rate=60)
    assert value(bed(scene, "icu-01"), "heart_rate")["value"] == 80


def test_values_of_the_last_patient_or_of_another_bed_are_not_shown(tmp_path: Path) -> None:
    full = hospital()
    now = 1_764_000_000 * SECOND
    moved = Config(
        "moved", full.catalogue,
        Inventory(
            wards=[Ward(id="icu", name="ICU")], beds=[Bed(id=b, ward="icu", label=b) for b in ("icu-01", "icu-02")],
            device_kinds=full.inventory.device_kinds.values(),
            devices=[
                Device(id="mon-icu-01", device_kind="bedside_monitor", assignments=(
                    Assignment(ward="icu", bed="icu-02", span=Period(until=now)),
                    Assignment(ward="icu", bed="icu-01", span=Period(since=now)),
                )),
                Device(id="mon-icu-02", device_kind="bedside_monitor", assignments=(
                    Assignment(ward="icu", bed="icu-02"),
                )),
            ],
            stays=[
                Stay(patient="old", bed="icu-02", span=Period(until=now)),
                Stay(patient="new", bed="icu-02", span=Period(since=now)),
            ],
        ),
        full.rules,
    )  # fmt: skip
    scene = Scene(tmp_path, moved)
    try:
        scene.reading("mon-icu-01", ago=1, heart_rate=61)  # while it was at the other bed
        scene.reading("mon-icu-02", ago=1, heart_rate=62)  # while another patient was there
        for id_ in ("icu-01", "icu-02"):
            assert {v["state"] for v in bed(scene, id_)["values"]} == {"never"}
        scene.reading("mon-icu-02", heart_rate=63)
        assert value(bed(scene, "icu-02"), "heart_rate")["value"] == 63
        assert bed(scene, "icu-02")["patient"] == "new"
        sparklines = scene.http.json("/api/v1/sparklines?signal=heart_rate")["sparklines"]
        assert [(t["bed"], t["value"]) for t in sparklines] == [("icu-02", [63.0])]
    finally:
        scene.close()


def test_an_unregistered_device_is_shown_as_unassigned_with_its_alert(scene: Scene) -> None:
    scene.reading("x7", "icu", heart_rate=190)
    scene.alert("", device="x7", metric="heart_rate")
    scene.tick()
    board = scene.http.json("/api/v1/board")
    (tile,) = board["unassigned"]
    assert (tile["id"], tile["priority"], tile["ward"]) == ("x7", "high", "icu")
    assert (tile["values"][0]["value"], tile["values"][0]["high"]) == (190, 120)
    assert (board["unassigned_total"], board["others"]) == (1, [])
    assert scene.http.json("/api/v1/board?ward=hdu")["unassigned"] == []


def test_a_logger_attached_to_an_imaging_device_is_not_unassigned(scene: Scene) -> None:
    logger = b'{"v":3,"device":"g","ward":"","at":1,"received_at":1,"values":{},"attached":"M"}'
    scene.log.send(READINGS, [("g", logger)])
    scene.tick()
    assert scene.http.json("/api/v1/board")["unassigned"] == []


def test_an_alert_without_a_bed_is_among_the_others_and_counted(scene: Scene) -> None:
    scene.alert("", device="MRI-12", kind=Kind.TECHNICAL)
    scene.tick()
    board = scene.http.json("/api/v1/board")
    assert [alert["device"] for alert in board["others"]] == ["MRI-12"]
    assert board["status"]["counts"]["unacknowledged"] == 1


def test_the_board_has_the_first_of_the_other_alerts_and_says_how_many_there_are(scene: Scene) -> None:
    for n in range(100):
        scene.alert("", device=f"x{n}", severity=Severity.HIGH if n == 99 else Severity.LOW, kind=Kind.TECHNICAL)
    scene.tick()
    for path in ("/api/v1/board", "/api/v1/board?ward=icu"):
        board = scene.http.json(path)
        assert (len(board["others"]), board["others_total"]) == (60, 100)
        assert board["others"][0]["device"] == "x99", "the most urgent is the first"
    assert scene.http.json("/api/v1/board?ward=hdu")["others_total"] == 0


def test_the_counts_are_of_unacknowledged_alerts(scene: Scene) -> None:
    mixed(scene, 0.5)
    scene.tick()
    assert scene.http.json("/api/v1/status")["counts"] == {
        "active": 8, "unacknowledged": 6, "high": 2, "medium": 3, "low": 1,
    }  # fmt: skip
    wards = scene.http.json("/api/v1/wards")["wards"]
    assert [(w["id"], w["beds"], w["unacknowledged"]) for w in wards] == [("icu", 10, 4), ("hdu", 10, 2)]


def test_the_board_is_cached_for_half_a_second(scene: Scene) -> None:
    first = scene.deps.board.all()
    assert scene.deps.board.all() is first
    scene.clock.advance(0.6)
    assert scene.deps.board.all() is not first


def test_a_sparkline_has_the_last_ten_minutes_only(scene: Scene) -> None:
    for ago in range(900, 0, -3):
        scene.healthy("icu-01", ago=ago, heart_rate=60 + ago % 5)
    scene.tick(0)
    (trail,) = scene.http.json("/api/v1/sparklines?signal=heart_rate")["sparklines"]
    assert (trail["start"], trail["after"][0], trail["after"][-1]) == ("2025-11-24T15:50:00.000Z", 0, 594)
    assert len(trail["after"]) == len(trail["value"]) <= 151


def test_the_board_of_a_hundred_beds_and_thousands_of_devices_is_small(tmp_path: Path) -> None:
    scene = Scene(tmp_path, hospital(120))
    for id_ in list(scene.live.config.inventory.beds)[:-1]:
        scene.healthy(id_)
    readings = [
        Reading(device=f"x{i}", ward="icu", at=scene.clock.now(), received_at=scene.clock.now(), values={"flow": 1.0})
        for i in range(3000)
    ]
    scene.log.send(READINGS, [(reading.device, READING_WIRE.encode(reading)) for reading in readings])
    scene.tick()
    answer = scene.http.get("/api/v1/board", headers={"accept-encoding": "gzip"})
    board = answer.json()
    assert (len(board["beds"]), len(board["unassigned"]), board["unassigned_total"]) == (120, 60, 3000)
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < 30_000
    scene.close()


def test_a_new_config_is_in_force_at_once(scene: Scene) -> None:
    scene.healthy("icu-01")
    assert value(bed(scene, "icu-01"), "heart_rate")["high"] == 120
    old = scene.live.config
    scene.live.config = Config("new", old.catalogue, old.inventory)
    assert value(bed(scene, "icu-01"), "heart_rate")["high"] is None
    assert scene.http.json("/api/v1/status")["config"]["hash"] == "new"


def test_a_refused_edit_is_in_the_status_with_its_time(scene: Scene) -> None:
    scene.live.faults = ("thresholds.yaml:3:1: low above high",)
    scene.tick(2)
    scene.tick(60)
    assert scene.http.json("/api/v1/status")["config"] == {
        "hash": "3f9a51c7e0d24b68", "faults": ["thresholds.yaml:3:1: low above high"],
        "refused_at": "2025-11-24T16:00:02.000Z", "waiting": "", "ends": [], "closes": [],
    }  # fmt: skip
    scene.live.faults = ()
    scene.tick(2)
    assert scene.http.json("/api/v1/status")["config"]["refused_at"] is None
