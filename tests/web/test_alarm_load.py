"""The alarm load of a week: counts, budget, the noisiest tenth, the week before, and windows of the store."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace as with_fields
from pathlib import Path

import httpx
import pytest

from tests.web.handover_scene import MORNING, at_work_at, config, ended, reports, scene_at
from tests.web.scene import NoStore, Scene
from ward.clock import SECOND, Micros, parse_instant
from ward.config.config import Config
from ward.config.reports import AlarmLoad
from ward.errors import StoreUnavailable
from ward.finding import Severity
from ward.ports import Store
from web.reports import alarm_counts
from web.reports.alarm_counts import counted, read_alarms
from web.reports.alarm_load import LoadSpan, alarm_load
from web.reports.mailer import ReportMailer
from web.schemas import AlarmLoadSchema

HOUR, DAY = 3600.0, 86400.0


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Scene]:
    scene = scene_at(tmp_path, MORNING)
    yield scene
    scene.close()


def busy(scene: Scene) -> None:
    """Thirty short alarms at one bed in one night, four at others, two in the week before."""
    for n in range(30):
        ended(scene, "icu-03", name="hypoxia", ago=10 * HOUR - 120 * n, lasted=10.0, by="" if n < 20 else "Nurse Bo")
    for n, bed in enumerate(("icu-01", "icu-02", "hdu-01", "hdu-02")):
        ended(scene, bed, name="tachycardia", severity=Severity.MEDIUM, ago=2 * DAY + n, lasted=600.0, by="Nurse Ada")
    for n in range(2):
        ended(scene, "icu-03", name="hypoxia", ago=9 * DAY + HOUR * n, lasted=60.0)


def test_alarms_are_counted_by_bed_rule_and_hour_and_compared_with_the_week_before(ward: Scene) -> None:
    busy(ward)
    load = ward.http.json("/api/v1/alarm-load")

    totals = load["totals"]
    assert (totals["alarms"], load["before"]["alarms"]) == (34, 2)
    assert (totals["high"], totals["high_unacknowledged"], totals["unacknowledged"]) == (30, 20, 20)
    assert (totals["short"], totals["repeated"]) == (30, 29)
    assert totals["median_seconds_to_acknowledge"] == 30.0
    first = load["pairs"][0]
    assert (first["bed"], first["rule"], first["alarms"], sum(first["hours"])) == ("icu-03", "hypoxia", 30, 30)
    assert first["hours"][21] > 0  # ten hours before 07:10 in Berlin
    assert load["noisiest_beds"] == 2
    assert round(load["noisiest_share"], 3) == round(31 / 34, 3)
    assert load["beds"][0] | {"per_shift": 0} == {
        "ward": "icu", "bed": "icu-03", "label": "ICU bed 3", "alarms": 30, "per_shift": 0, "worst_shift": 30,
        "over_budget": 1,
    }  # fmt: skip
    assert "hypoxia at ICU bed 3 makes 30 of 34 alarms (88 %): 30 ended within 15 s" in load["tuning"][0]["text"]
    assert load["tuning"][0]["command"] == "wardwatch rules backtest --from 168h --bed icu-03 --rule hypoxia"
    assert ward.http.json("/api/v1/alarm-load?ward=hdu")["totals"]["alarms"] == 2


def test_a_store_with_more_rows_than_a_query_may_have_is_read_in_windows(
    ward: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy(ward)
    monkeypatch.setattr(alarm_counts, "MOST_ROWS", 3)
    rows = list(read_alarms(ward.own, "", MORNING - round(7 * DAY) * SECOND, MORNING, 5000))

    assert len(rows) == 34
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    assert counted(rows, "Europe/Berlin").total == 34


def test_without_alarms_and_beds_nothing_is_divided_by_zero(tmp_path: Path) -> None:
    scene = scene_at(tmp_path, MORNING, config(beds=0))
    load = scene.http.json("/api/v1/alarm-load")

    assert (load["totals"]["alarms"], load["noisiest_share"], load["per_bed_shift"]) == (0, None, None)
    assert "No alarm at a bed in this time" in scene.http.get("/alarm-load").text
    scene.close()


def test_the_page_has_the_numbers_and_the_command_that_tries_a_change(ward: Scene) -> None:
    busy(ward)
    page = ward.http.get("/alarm-load?ward=icu").text

    assert "wardwatch rules backtest --from 168h --bed icu-03 --rule hypoxia" in page
    assert "noisiest tenth of the beds (1 of 10)" in page


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("ward=attic", 404, "There is no ward 'attic'"),
        ("from=2016-11-30T05:00:00Z&to=2026-11-30T04:00:00Z", 400, "more than a year"),
        ("from=2026-09-30T05:00:00Z&to=2026-11-30T04:00:00Z", 400, "more than 31 days"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(ward: Scene, query: str, status: int, words: str) -> None:
    answer = ward.http.get(f"/api/v1/alarm-load?{query}")

    assert (answer.status_code, words in answer.json()["error"]) == (status, True)


def test_requests_at_one_time_wait_for_one_calculation_and_a_closed_page_ends_it_for_no_other(
    ward: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy(ward)
    begun, may_end = threading.Event(), threading.Event()
    calls: list[LoadSpan] = []

    def slow(store: Store, config: Config, span: LoadSpan, now: Micros) -> AlarmLoadSchema:
        calls.append(span)
        begun.set()
        assert may_end.wait(20)
        return alarm_load(store, config, span, now)

    monkeypatch.setattr("web.api.alarm_load.alarm_load", slow)

    async def ask() -> list[int]:
        transport = httpx.ASGITransport(ward.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            asked = [asyncio.create_task(client.get("/api/v1/alarm-load?to=2026-11-30T09:08:07Z")) for _ in range(20)]
            await asyncio.to_thread(begun.wait, 20)
            asked[0].cancel()  # the page that has asked first is closed
            await asyncio.sleep(0)
            may_end.set()
            return [(await each).json()["totals"]["alarms"] for each in asked[1:]]

    assert asyncio.run(ask()) == [34] * 19
    assert len(calls) == 1


def test_a_calculation_that_failed_is_made_again(ward: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> AlarmLoadSchema:
        raise StoreUnavailable("disk is gone")

    path = "/api/v1/alarm-load?to=2026-11-02T03:04:05Z"
    with monkeypatch.context() as patched:
        patched.setattr("web.api.alarm_load.alarm_load", down)
        assert ward.http.get(path).status_code == 503
    assert ward.http.get(path).status_code == 200


def test_it_is_mailed_once_a_week_and_waits_for_a_store_that_is_down(tmp_path: Path) -> None:
    made = config(beds=2, receivers=())
    monthly = made.alerting.model_copy(update={"alarm_load": AlarmLoad(receivers=("handover",))})
    scene = scene_at(tmp_path, parse_instant("2026-11-30T06:50:00Z"), with_fields(made, alerting=monthly))
    down = NoStore(StoreUnavailable("disk is gone"))
    part = ReportMailer(down, scene.log, scene.live, scene.model, scene.clock)  # type: ignore[arg-type]
    for _ in range(3):  # from 07:50 to 08:20 in Berlin
        scene.tick(600)
        part.step(0)
    assert list(reports(scene)) == []

    part._store = scene.own
    for _ in range(8 * 24):
        scene.tick(3600)
        at_work_at(scene, scene.clock.now())
        part.step(0)
    subjects = [action.report.subject for action in reports(scene) if action.report]
    assert [subject.split(":")[0] for subject in subjects] == ["Alarm load Mon 23 Nov 08"] * 1 + [
        "Alarm load Mon 30 Nov 08"
    ]
    scene.close()


def test_of_a_week_before_the_first_start_there_is_no_mail(tmp_path: Path) -> None:
    made = config(beds=2, receivers=())
    weekly = made.alerting.model_copy(update={"alarm_load": AlarmLoad(receivers=("handover",))})
    at = parse_instant("2026-11-30T08:00:00Z")  # 09:00 in Berlin: an hour after the instant of the report
    scene = scene_at(tmp_path, at, with_fields(made, alerting=weekly), at_work=False)
    part = ReportMailer(scene.store, scene.log, scene.live, scene.model, scene.clock)
    for _ in range(3):
        scene.tick(600)
        part.step(0)
    assert list(reports(scene)) == []
    scene.close()
