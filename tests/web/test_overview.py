"""The snapshots for the Grafana overview: what the ward screen shows, place by place, and nothing while it is stale."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import msgspec
import pytest

from tests.web.browser.score_scene import news2, scored
from tests.web.scene import NoStore, Scene, hospital, mixed
from tests.web.test_scores import send
from ward.action import ActionType
from ward.adapters.influx.line_protocol import LineProtocol
from ward.alert import ABSENT, Ack, ActionRecord, Alert
from ward.clock import SECOND
from ward.config.config import Config
from ward.errors import SettingsError, StoreRefused, StoreUnavailable
from ward.finding import Kind
from ward.inventory import Bed, Inventory, Ward
from ward.ports import Row, Store
from web.board.state import BoardState
from web.overview.snapshot import ALL, BEATS, LEVELS, MOST, snapshot
from web.overview.writer import EVERY, OverviewWriter
from web.presentation.alerts import worst_text


def writer(scene: Scene, store: Store | None = None) -> OverviewWriter:
    return OverviewWriter(store or scene.own, scene.deps.board, scene.model, scene.clock, scene.metrics)


def write(scene: Scene) -> None:
    scene.tick(0.6)
    assert writer(scene).step(0) > 0


def newest(scene: Scene, ward: str, measurement: str = "overview") -> list[Row]:
    """The points of the last snapshot, by place."""
    now = scene.clock.now()
    rows = scene.own.rows(measurement, {"ward": ward}, now, now + 1, 500)
    return sorted(rows, key=lambda row: row.tags.get("place", ""))


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Twenty beds in all states, and one snapshot of them."""
    made = Scene(tmp_path_factory.mktemp("busy"))
    mixed(made, 5)
    write(made)
    yield made
    made.close()


def test_places_are_numbered_by_priority_in_each_ward_and_in_the_hospital(busy: Scene) -> None:
    icu = newest(busy, "icu")
    assert [row.tags["place"] for row in icu] == [f"{n:02}" for n in range(1, 11)]
    assert [row.fields["bed"] for row in icu][:4] == ["icu-03", "icu-07", "icu-05", "icu-09"]
    assert [row.fields["bed"] for row in newest(busy, ALL)][:4] == ["icu-03", "hdu-04", "icu-07", "hdu-02"]
    assert len(newest(busy, ALL)) == 20


def test_the_snapshot_equals_the_board_of_the_screens(busy: Scene) -> None:
    board = busy.deps.board.all()
    for row, tile in zip(newest(busy, ALL), board["beds"], strict=True):
        assert (row.fields["bed"], row.fields["priority"], row.fields["state"]) == (
            tile["id"], tile["priority"], tile["data"],
        )  # fmt: skip
        for value in tile["values"]:
            assert row.fields.get(value["signal"]) == value["value"]
            assert row.fields.get(f"{value['signal']}_age") == value["age"]


def test_the_text_has_the_alert_its_acknowledgement_and_missing_data(busy: Scene) -> None:
    texts = {row.fields["bed"]: row.fields["summary"] for row in newest(busy, ALL)}
    assert texts["icu-03"] == "SpO2 84 % < 88 (61 s so far)"
    assert texts["icu-05"] == "Systolic pressure 82 mmHg < 85 (2 min 21 s so far, acknowledged by Nurse Ada)"
    assert texts["hdu-04"] == "SpO2 91 % < 92 (3 min 1 s so far); signal lost for 71 s: SpO2"
    assert texts["hdu-08"] == "signal lost for 2 min 11 s: Temperature"
    assert texts["icu-09"] == "no data for 3 min 11 s"
    assert texts["icu-01"] == "no alert"
    assert texts["hdu-10"] == "not monitored"


def with_alerts(busy: Scene, bed: str, *alerts: Alert) -> str:
    """The text of a bed that has these alerts."""
    board = busy.deps.board.state()
    tile = next(tile for tile in board.beds if tile.id == bed)
    points = snapshot(replace(board, beds=(replace(tile, alerts=alerts),)), busy.model.config_view, busy.clock.now())
    return str(next(point.fields["summary"] for point in points if point.fields.get("bed") == bed))


def test_a_bed_whose_alert_is_about_missing_data_has_their_age_once_and_as_it_is_now(busy: Scene) -> None:
    (one,) = next(tile.alerts for tile in busy.deps.board.state().beds if tile.id == "icu-03")
    missing = msgspec.structs.replace(one, source=ABSENT)
    assert with_alerts(busy, "icu-09", missing, one) == "no data for 3 min 11 s; and 1 more"
    taken = msgspec.structs.replace(missing, ack=Ack(by="Nurse Ada", at=0))
    assert "acknowledged by Nurse Ada" in with_alerts(busy, "icu-09", taken)


def test_the_text_of_an_alert_has_its_worst_value_and_how_long_it_has_lasted(busy: Scene) -> None:
    (one,) = next(tile.alerts for tile in busy.deps.board.state().beds if tile.id == "icu-03")
    begun = busy.clock.now() - 240 * SECOND
    worse = msgspec.structs.replace(one, source="limits", value=84.0, worst=71.0, starts_at=begun)
    assert with_alerts(busy, "icu-03", worse).endswith("(worst 71 %, 4 min so far)")
    same = msgspec.structs.replace(worse, worst=84.0)
    assert with_alerts(busy, "icu-03", same).endswith("(4 min so far)")
    fall = msgspec.structs.replace(worse, source="rolling")
    assert with_alerts(busy, "icu-03", fall).endswith("(worst 71 %, 4 min so far)"), "the lowest value since it began"
    of_a_device = msgspec.structs.replace(worse, source="cusum", kind=Kind.TECHNICAL)
    assert "worst" not in with_alerts(busy, "icu-03", of_a_device), "a drift is no value of the patient"


def test_the_worst_value_is_the_one_of_the_api(busy: Scene) -> None:
    (one,) = next(tile.alerts for tile in busy.deps.board.state().beds if tile.id == "icu-03")
    for worst in (71.0, 87.96):
        alert = msgspec.structs.replace(one, value=84.0, limit=88.0, worst=worst)
        shown = worst_text(busy.model.config_view, alert.labels, alert.worst, alert.limit)
        assert f"(worst {shown}, " in with_alerts(busy, "icu-03", alert)


def test_the_text_has_who_has_seen_a_message_while_nobody_acknowledges(busy: Scene) -> None:
    (one,) = next(tile.alerts for tile in busy.deps.board.state().beds if tile.id == "icu-03")
    seen = tuple(ActionRecord(type=ActionType.SEEN, by=by, at=0) for by in ("Dr. Bo", "Nurse Ada"))
    read = msgspec.structs.replace(one, actions=seen)
    assert with_alerts(busy, "icu-03", read).endswith("not acknowledged, seen by Nurse Ada)")
    taken = msgspec.structs.replace(read, ack=Ack(by="Nurse Cy", at=0))
    assert with_alerts(busy, "icu-03", taken).endswith(", acknowledged by Nurse Cy)")


def test_the_text_says_how_many_of_the_other_alerts_are_acknowledged(busy: Scene) -> None:
    (one,) = next(tile.alerts for tile in busy.deps.board.state().beds if tile.id == "icu-03")
    taken = msgspec.structs.replace(one, ack=Ack(by="Nurse Ada", at=0))
    assert with_alerts(busy, "icu-03", one, one, taken).endswith("; and 2 more (1 acknowledged)")
    assert with_alerts(busy, "icu-03", one, one).endswith("; and 1 more")


def test_the_counts_have_the_beat_of_the_tiles(busy: Scene) -> None:
    points = list(snapshot(busy.deps.board.state(), busy.model.config_view, busy.clock.now()))
    assert len({point.fields["beat"] for point in points}) == 1


def test_a_tile_counts_its_alerts_and_the_unacknowledged_ones(busy: Scene) -> None:
    counts = {e.fields["bed"]: (e.fields["alerts"], e.fields["unacknowledged"]) for e in newest(busy, ALL)}
    assert (counts["icu-03"], counts["icu-05"], counts["icu-01"]) == ((1, 1), (1, 0), (0, 0))


def test_a_value_beyond_a_limit_has_the_side_of_that_limit(busy: Scene) -> None:
    sides = {"low": -1.0, "high": 1.0, "": 0.0}
    seen = set()
    for row, tile in zip(newest(busy, ALL), busy.deps.board.all()["beds"], strict=True):
        for value in tile["values"]:
            if value["value"] is not None:
                assert row.fields[f"{value['signal']}_beyond"] == sides[value["beyond"]]
                seen.add(value["beyond"])
    assert seen >= {"", "low"}


def test_signal_lost_no_data_no_alert_and_not_monitored_are_four_levels(busy: Scene) -> None:
    levels = {row.fields["bed"]: row.fields["level"] for row in newest(busy, ALL)}
    assert [levels[bed] for bed in ("hdu-08", "icu-09", "icu-01", "hdu-10")] == [6, 7, 1, 0]
    assert len(set(LEVELS.values())) == len(LEVELS)


def test_a_bed_without_a_monitor_has_no_vital_sign(busy: Scene) -> None:
    empty = next(row for row in newest(busy, ALL) if row.fields["bed"] == "hdu-10")
    assert not [name for name in empty.fields if name.startswith(("spo2", "heart_rate"))]


def test_a_signal_without_a_value_has_no_field(busy: Scene) -> None:
    board = busy.deps.board.state()
    tile = next(tile for tile in board.beds if tile.values)
    missing, *others = tile.values
    without = replace(tile, values=(replace(missing, value=None), *others))
    points = snapshot(replace(board, beds=(without,)), busy.model.config_view, busy.clock.now())
    fields = next(point.fields for point in points if point.fields.get("bed") == tile.id)
    assert not [name for name in fields if name.startswith(missing.signal)]


def test_twelve_successive_snapshots_have_twelve_beats(busy: Scene) -> None:
    board, view = busy.deps.board.state(), busy.model.config_view
    beats = [
        next(iter(snapshot(board, view, busy.clock.now() + n * round(EVERY * SECOND)))).fields["beat"]
        for n in range(BEATS)
    ]
    assert sorted(map(float, beats)) == list(range(BEATS))


def test_beds_with_a_lost_signal_and_beds_without_data_are_counted_separately(busy: Scene) -> None:
    found = {}
    for ward in ("icu", "hdu"):
        (counts,) = newest(busy, ward, "overview_wards")
        found[ward] = (counts.fields["lost"], counts.fields["no_data"])
    assert found == {"icu": (0, 1), "hdu": (1, 0)}


def test_an_alert_of_no_bed_is_counted_in_its_ward_and_in_all(busy: Scene) -> None:
    board = busy.deps.board.state()

    def active(board: BoardState) -> dict[str, float]:
        points = snapshot(board, busy.model.config_view, busy.clock.now())
        counts = {dict(p.series.tags)["ward"]: p.fields for p in points if p.series.measurement == "overview_wards"}
        return {ward: float(fields["active"]) for ward, fields in counts.items()}

    before = active(board)
    (alert,) = next(tile.alerts for tile in board.beds if len(tile.alerts) == 1)
    other = msgspec.structs.replace(alert, labels={**alert.labels, "ward": "hdu"})
    after = active(replace(board, others=(*board.others, other)))
    assert {ward: count - before[ward] for ward, count in after.items()} == {ALL: 1, "icu": 0, "hdu": 1}


def test_the_label_of_a_bed_is_made_printable(busy: Scene) -> None:
    board = busy.deps.board.state()
    tile = replace(board.beds[0], label="bed\n\x1b[31m 1\u202e")
    (first, *_) = snapshot(replace(board, beds=(tile,)), busy.model.config_view, busy.clock.now())
    assert str(first.fields["bed_name"]).isprintable()


@pytest.mark.parametrize(
    "outside",
    ["x" * 10_000, "\u202e" * 10_000, "\u202e" * 70, "\u05d0 \x1b[31m\n" * 60],
    ids=["long", "long-and-escaped", "escaped", "mixed"],
)
def test_a_row_is_bounded_and_printable_whatever_comes_from_outside(busy: Scene, outside: str) -> None:
    """Sixty beds, each with 30 alerts of another system, acknowledged by somebody with that name."""
    board = busy.deps.board.state()
    (one,) = next(tile.alerts for tile in board.beds if tile.id == "icu-03")
    bad = msgspec.structs.replace(one, annotations={"summary": outside}, ack=Ack(by=outside, at=0))
    tile = replace(next(tile for tile in board.beds if tile.id == "icu-03"), label=outside, alerts=(bad,) * 30)
    beds = tuple(replace(tile, id=f"icu-{n}") for n in range(60))
    points = list(snapshot(replace(board, beds=beds), busy.model.config_view, busy.clock.now()))
    rows = [point for point in points if dict(point.series.tags)["ward"] == ALL and "bed" in point.fields]
    assert [row.fields["alerts"] for row in rows] == [30.0] * 60
    for text in (value for row in points for value in row.fields.values() if isinstance(value, str)):
        assert text.isprintable()
        assert len(text) <= 601
    assert all(len(str(row.fields["bed_name"])) <= 81 for row in rows)
    assert all(len(str(row.fields["summary"])) <= 301 for row in rows)


def test_the_text_counts_the_further_alerts_of_a_bed(scene: Scene) -> None:
    scene.healthy("icu-01")
    for name in ("desaturation", "tachycardia", "fever"):
        scene.alert("icu-01", name)
    write(scene)
    texts = {row.fields["bed"]: str(row.fields["summary"]) for row in newest(scene, "icu")}
    assert texts["icu-01"].endswith("; and 2 more")


def test_each_field_has_one_type(busy: Scene) -> None:
    kinds: dict[str, set[type]] = {}
    for row in (*newest(busy, ALL), *newest(busy, "icu"), *newest(busy, "icu", "overview_wards")):
        for name, value in row.fields.items():
            kinds.setdefault(name, set()).add(type(value))
    assert {name: found for name, found in kinds.items() if len(found) > 1} == {}
    assert set().union(*kinds.values()) == {float, str}


def test_the_counts_of_a_ward_include_its_unassigned_devices(busy: Scene) -> None:
    (icu,) = newest(busy, "icu", "overview_wards")
    assert (icu.fields["beds"], icu.fields["unassigned"], icu.fields["not_shown"]) == (10, 1, 0)
    assert (icu.fields["active"], icu.fields["unacknowledged"], icu.fields["high"]) == (5, 4, 2)
    (hospital,) = newest(busy, ALL, "overview_wards")
    assert hospital.fields["active"] == busy.deps.board.status()["counts"]["active"]


def test_a_snapshot_is_written_every_five_seconds(scene: Scene) -> None:
    scene.healthy("icu-01")
    scene.settle()
    part = writer(scene)
    assert part.step(0) > 0
    scene.tick(EVERY - 0.1)
    assert part.step(0) == 0
    scene.tick(0.2)
    assert part.step(0) > 0


def test_nothing_is_written_while_the_read_model_is_incomplete_or_stale(scene: Scene) -> None:
    scene.model.caught_up = False
    part = writer(scene)
    assert part.step(0) == 0
    scene.tick(EVERY)
    scene.model.caught_up = True
    assert part.step(0) > 0
    scene.clock.advance(EVERY * 3)  # and the log is not followed
    assert part.step(0) == 0
    assert scene.metrics.samples()['wardwatch_overview_snapshots_total{result="stale"}'] == 2


def test_a_removed_bed_has_no_place(scene: Scene) -> None:
    write(scene)
    assert len(newest(scene, "icu")) == 10
    inventory = scene.live.config.inventory
    scene.live.config = Config(
        "other", scene.live.config.catalogue,
        Inventory(wards=inventory.wards.values(), beds=[bed for bed in inventory.beds.values() if bed.id < "icu-08"]),
    )  # fmt: skip
    write(scene)
    assert len(newest(scene, "icu")) == 7


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (StoreUnavailable("down"), "unavailable"),
        (StoreRefused("no"), "refused"),
        (SettingsError("reading only"), "refused"),
    ],
)
def test_a_snapshot_that_the_store_does_not_accept_is_counted_and_discarded(
    scene: Scene, caplog: pytest.LogCaptureFixture, error: Exception, result: str
) -> None:
    part = writer(scene, cast("Store", NoStore(error)))
    for _ in range(3):
        scene.tick(EVERY)
        assert part.step(0) == 0
    assert scene.metrics.samples()[f'wardwatch_overview_snapshots_total{{result="{result}"}}'] == 3
    assert len(caplog.records) == 1


def test_an_error_of_the_store_is_one_printable_log_line(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    part = writer(scene, cast("Store", NoStore(StoreUnavailable("down\n2026 ERROR all is lost\x1b[31m"))))
    scene.tick(EVERY)
    part.step(0)
    (record,) = caplog.records
    assert record.getMessage().isprintable()


def test_the_number_of_places_is_limited(tmp_path: Path) -> None:
    many = [Bed(id=f"b-{n}", ward="icu", label=f"bed {n}") for n in range(250)]
    inventory = Inventory(wards=[Ward(id="icu", name="ICU")], beds=many)
    scene = Scene(tmp_path, Config("many", hospital().catalogue, inventory))
    points = list(snapshot(scene.deps.board.state(), scene.model.config_view, scene.clock.now()))
    scene.close()
    assert sum(point.series.measurement == "overview" for point in points) == 2 * MOST
    counts = next(point for point in points if point.series.measurement == "overview_wards")
    assert counts.fields["not_shown"] == 250 - MOST


def test_texts_of_other_systems_can_be_stored(scene: Scene) -> None:
    scene.healthy("icu-01")
    scene.alert("icu-01", text='SpO2\n\r\x00 84 \\ "quoted", a=b \u202e')
    scene.settle()
    points = list(snapshot(scene.deps.board.state(), scene.model.config_view, scene.clock.now()))
    assert LineProtocol().of(points)
    scene.own.write(points)
    text = next(p.fields["summary"] for p in points if p.fields.get("bed") == "icu-01")
    assert str(text).isprintable()
    assert points[0].at > 1_700_000_000 * SECOND


def test_a_place_has_the_first_score_of_its_patient_in_words(tmp_path: Path) -> None:
    scene = Scene(tmp_path, scored(hospital()))
    now = scene.clock.now()
    bound = news2(scene, "icu-02", 4, old=True, due=-60)
    send(scene, news2(scene, "icu-01", 5), msgspec.structs.replace(bound, at=now - 3 * 3600 * SECOND, at_least=2.0))
    send(scene, bound, news2(scene, "icu-03", 2))
    scene.settle()
    scene.clock.advance(36)
    send(scene, news2(scene, "icu-01", 5), msgspec.structs.replace(bound, at=scene.clock.now()))
    write(scene)
    found = {row.fields["bed"]: row.fields.get("scores") for row in newest(scene, ALL)}
    assert found["icu-01"] == "NEWS2 5"
    assert found["icu-02"] == "NEWS2 ≥ 4, rising, observation overdue"
    assert found["icu-03"] == "NEWS2 2 (not evaluated now)"
    assert found["icu-04"] == "NEWS2 –"
    scene.live.config = hospital()
    write(scene)
    assert not any("scores" in row.fields for row in newest(scene, ALL))
    scene.close()
