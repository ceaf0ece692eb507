"""A screen never shows two values of one signal: the text of an alert has the value that stands beside it."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.web.scene import START, Scene, hospital
from tests.web.test_overview import newest, write
from ward.alert import Alert
from ward.clock import SECOND
from ward.finding import EndReason
from ward.inventory import Assignment, Device, Inventory, Period, Stay
from ward.limit_text import limit_text

BED = "icu-03"


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    made = Scene(tmp_path_factory.mktemp("live"))
    yield made
    made.close()


def hypoxia(scene: Scene, x: float = 83.0, limit: float = 88.0, **more: Any) -> Alert:
    """An alert as the detector `limits` words it, with the value that it had at its last update."""
    signal = scene.live.config.catalogue["spo2"]
    text = limit_text(signal, "SpO2", x, limit, upper=False)
    known = scene.alert(BED, text=text)
    fields = {"source": "limits", "value": x, "limit": limit, "worst": x, "worst_at": known.starts_at, **more}
    return scene.send(replace(known, value_at=scene.clock.now() - 8 * SECOND, updated_at=scene.clock.now(), **fields))


def texts(scene: Scene) -> dict[str, str]:
    """What each place of the screens says about the alert."""
    tile = next(tile for tile in scene.http.json("/api/v1/board")["beds"] if tile["id"] == BED)
    write(scene)
    bed = next(bed for bed in scene.http.json("/api/v1/handover?ward=icu")["beds"] if bed["bed"] == BED)
    return {
        "tile": tile["alerts"][0]["text"],
        "list": scene.http.json(f"/api/v1/alerts?bed={BED}")["alerts"][0]["text"],
        "one": scene.http.json(f"/api/v1/alerts/hypoxia-{BED}")["alert"]["text"],
        "overview": next(str(row.fields["summary"]) for row in newest(scene, "icu") if row.fields["bed"] == BED),
        "handover": bed["open"][0]["text"],
    }


@pytest.mark.guarantee("No screen shows two values of one signal: the text of an alert has the live value beside it.")
@pytest.mark.parametrize(
    ("x", "text"),
    [
        (85, "SpO2 85 % < 88"), (71, "SpO2 71 % < 88"), (90, "SpO2 90 %, again above 88, not yet ended"),
        (88.3, "SpO2 88.3 %, again above 88, not yet ended"), (88, "SpO2 88 %, at its limit 88, not yet ended"),
    ],
)  # fmt: skip
def test_every_screen_words_the_alert_with_the_value_it_shows(scene: Scene, x: float, text: str) -> None:
    hypoxia(scene)
    scene.healthy(BED, spo2=x)
    scene.tick(1)
    found = texts(scene)
    assert found.pop("overview").startswith(text)
    assert set(found.values()) == {text}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(x=st.floats(40, 100), before=st.floats(40, 100), limit=st.sampled_from([85.0, 88.0, 92.5]))
def test_the_number_of_the_text_is_that_of_the_cell(scene: Scene, x: float, before: float, limit: float) -> None:
    hypoxia(scene, before, limit)
    scene.healthy(BED, spo2=x)
    scene.tick(1)
    tile = next(tile for tile in scene.deps.board.all()["beds"] if tile["id"] == BED)
    (cell,) = (value for value in tile["values"] if value["signal"] == "spo2")
    (alert,) = tile["alerts"]
    number, shown = re.findall(r"[\d.]+", alert["text"].removeprefix("SpO2 "))[:2]
    assert number == f"{x:.{len(number.partition('.')[2])}f}"
    assert ("<" in alert["text"], "again above" in alert["text"]) == (float(number) < limit, float(number) > limit)
    assert float(shown) == limit
    assert alert["value"] == cell["value"] == x
    assert alert["worst"] == min(x, before)


def test_a_value_that_is_not_live_leaves_the_text_of_the_alert(scene: Scene) -> None:
    scene.healthy(BED, spo2=85)
    hypoxia(scene)
    scene.tick(20)
    assert texts(scene)["tile"] == "SpO2 83 % < 88"


@pytest.mark.parametrize(
    "other",
    [{"latched": EndReason.RECOVERED}, {"annotations": {"summary": "ICU bed 3: SpO2 (mean of 5 min) 83 % < 88"}},
     {"labels": {"alertname": "other", "severity": "high", "bed": BED, "metric": "spo2", "device_id": f"mon-{BED}"}}],
)  # fmt: skip
def test_what_is_over_or_about_another_number_keeps_its_text(scene: Scene, other: dict[str, Any]) -> None:
    """A latched alert says what it was, a mean is no single value, and another rule may be about a change."""
    known = hypoxia(scene)
    scene.send(replace(known, updated_at=scene.clock.now(), **other))
    scene.healthy(BED, spo2=97)
    scene.tick(1)
    (alert,) = (a for a in scene.http.json("/api/v1/alerts")["alerts"] if a["id"] == known.id)
    assert "83 % < 88" in alert["text"]


def test_a_value_of_another_bed_or_patient_is_not_put_into_the_text(tmp_path: Path) -> None:
    """A monitor that was moved away and a bed with a new patient: the alert there keeps its own last value."""
    full, now = hospital(), START
    old, new = Period(until=now), Period(since=now)
    monitors = (
        ("mon-icu-03", (Assignment(ward="icu", bed=BED, span=old), Assignment(ward="icu", bed="icu-05", span=new))),
        ("mon-icu-04", (Assignment(ward="icu", bed="icu-04"),)),
    )
    inventory = Inventory(
        wards=full.inventory.wards.values(), beds=full.inventory.beds.values(),
        device_kinds=full.inventory.device_kinds.values(),
        devices=[Device(id=id_, device_kind="bedside_monitor", assignments=where) for id_, where in monitors],
        stays=[Stay(patient="old", bed="icu-04", span=old), Stay(patient="new", bed="icu-04", span=new)],
    )  # fmt: skip
    scene = Scene(tmp_path, dataclasses.replace(full, inventory=inventory))
    hypoxia(scene)
    known = scene.alert("icu-04", text="SpO2 83 % < 88")
    scene.send(replace(known, source="limits", value=83.0, limit=88.0))
    scene.healthy("icu-04", ago=1, spo2=97)
    scene.healthy(BED, spo2=97)
    scene.settle()
    found = {tile["id"]: tile["alerts"] for tile in scene.deps.board.all()["beds"] if tile["alerts"]}
    assert {bed: alerts[0]["text"] for bed, alerts in found.items()} == {
        BED: "SpO2 83 % < 88", "icu-04": "SpO2 83 % < 88"
    }  # fmt: skip
    anew = scene.alert("icu-04", text="SpO2 83 % < 88", ago=0, id_="anew")
    scene.send(replace(anew, source="limits", value=83.0, limit=88.0))
    scene.tick(1)
    scene.healthy("icu-04", spo2=97)
    scene.tick(1)
    later = {alert["id"]: alert["text"] for alert in scene.http.json("/api/v1/alerts?bed=icu-04")["alerts"]}
    assert later == {known.id: "SpO2 83 % < 88", "anew": "SpO2 97 %, again above 88, not yet ended"}
    scene.close()


def test_the_worst_value_is_not_rounded_onto_the_limit(scene: Scene) -> None:
    hypoxia(scene, 87.6)
    scene.healthy(BED, spo2=90)
    scene.tick(1)
    (alert,) = (a for a in scene.http.json(f"/api/v1/alerts?bed={BED}")["alerts"] if a["id"] == f"hypoxia-{BED}")
    assert (alert["worst"], alert["worst_text"]) == (87.6, "87.6 %")
