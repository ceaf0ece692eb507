"""The clock of the server is set back by an hour: screens go on with what comes, as the log has it."""

import pytest

from tests.web.scene import Scene
from tests.web.test_board import bed, value
from ward.clock import SECOND
from ward.reading import Reading
from ward.wire import DetectorCurve, Heartbeat
from web.model.imaging import ImagingIndex
from web.model.latest_values import LatestValues
from web.model.now import Now
from web.model.program_health import ProgramHealthIndex
from web.model.read_model import ReadModel
from web.model.sparklines import Sparklines
from web.model.store_warmup import StoreWarmup

HOUR = 3600.0


@pytest.mark.guarantee("After the server's clock was set back, screens show each new value, and no old one as new.")
def test_tiles_show_what_comes_after_the_clock_was_set_back(scene: Scene) -> None:
    scene.healthy("icu-01", heart_rate=70)
    scene.healthy("icu-02", heart_rate=70)
    scene.tick(5)
    scene.clock.step(-HOUR)
    for beat in (71, 72, 73):
        scene.healthy("icu-01", heart_rate=beat)
        scene.tick(4)
        shown = bed(scene, "icu-01")
        assert (shown["data"], value(shown, "heart_rate")["value"]) == ("live", beat)
    assert bed(scene, "icu-02")["data"] == "none", "nothing has come of it since"
    curve = scene.model.sparklines.get("mon-icu-01", "heart_rate", 0)
    assert [number for _, number in curve] == [71, 72, 73]
    assert not any("No reading" in banner["text"] for banner in scene.http.json("/api/v1/status")["banners"])


def test_a_web_that_starts_after_it_shows_no_value_from_the_future_as_live(scene: Scene) -> None:
    scene.healthy("icu-01", heart_rate=70)
    scene.clock.step(-HOUR)
    scene.healthy("icu-02", heart_rate=71)
    model = ReadModel(scene.live, scene.clock)
    StoreWarmup(scene.own, model, scene.clock).step(0)
    assert model.warmed_up
    assert [state.device for state in model.values] == ["mon-icu-02"]


def test_a_record_that_is_read_again_changes_nothing() -> None:
    values = LatestValues(lambda _: True)
    readings = [
        Reading(device="m", ward="icu", at=at * SECOND, received_at=at * SECOND, values={"heart_rate": beat})
        for at, beat in ((1000, 70), (900, 71))
    ]
    for offset in (0, 1, 0):
        values.apply(readings[offset], offset, 0.0)
    state = values.get("m")
    assert state is not None
    assert state.values["heart_rate"].value == 71
    assert values.newest == 900 * SECOND


def test_rates_are_those_since_the_clock_was_set_back() -> None:
    index = ProgramHealthIndex()
    for n, at in enumerate((5000, 5005, 1400, 1405, 1410)):
        numbers = {"wardwatch_readings_total": 10.0 * n}
        heartbeat = Heartbeat(program="bridge", instance="b", at=at * SECOND, started=0, config="c", numbers=numbers)
        index.apply(heartbeat, float(5 * n))
    assert index.rates(Now(1410 * SECOND, 20.0)).sum("wardwatch_readings_total") == 2.0


def test_a_curve_of_humidity_follows_the_log() -> None:
    index = ImagingIndex()
    for at, total in ((5000, 100.0), (1400, 300.0)):
        fields: dict[str, float | str] = {"sum": total, "count": 5.0, "names": "a"}
        tags = {"imaging_device": "MRI-1", "part": "0"}
        index.apply(DetectorCurve(name="imaging", at=at * SECOND, fields=fields, tags=tags))
    assert index.suite().devices[0].humidity == 60
    assert index.updated == 1400 * SECOND


def test_a_small_curve_has_no_points_of_the_future() -> None:
    curves = Sparklines()
    for at in (5000, 5003, 1400, 1403):
        curves.apply("m", at * SECOND, {"heart_rate": float(at)}, ["heart_rate"])
    assert [number for _, number in curves.get("m", "heart_rate", 0)] == [1400, 1403]
