"""At each change of shift every ward's handover is asked for by mail once, whatever is down or started then."""

from collections.abc import Iterator
from dataclasses import replace as with_fields
from pathlib import Path
from typing import Any

import pytest

from tests.web.handover_scene import CHANGE, at_work_at, config, ended, reports, scene_at
from tests.web.scene import NoStore, Scene
from ward.action import Action
from ward.clock import SECOND, parse_instant
from ward.config.reports import AlarmLoad
from ward.config.shift import Shift
from ward.errors import LogUnavailable, QueryRefused, StoreUnavailable
from ward.simulated_past import SimulatedPast
from web.model.log_follower import LogFollower
from web.model.read_model import ReadModel
from web.reports import mailer as mailer_module
from web.reports.mailer import ReportMailer

HOUR = 3600.0


@pytest.fixture
def before(tmp_path: Path) -> Iterator[Scene]:
    """Twenty seconds before the change of shift."""
    scene = scene_at(tmp_path, CHANGE - 20 * SECOND)
    yield scene
    scene.close()


def mailer(scene: Scene, model: ReadModel | None = None, log: Any = None) -> ReportMailer:
    return ReportMailer(scene.store, log or scene.log, scene.live, model or scene.model, scene.clock)


def run(scene: Scene, seconds: float, *mailers: ReportMailer) -> None:
    for _ in range(round(seconds / 5)):
        scene.tick(5)
        for each in mailers:
            each.step(0)


def subjects(scene: Scene) -> list[str]:
    return [action.report.subject for action in reports(scene) if action.report]


def test_each_ward_is_mailed_when_the_shift_has_ended_and_not_before(before: Scene) -> None:
    ended(before, "icu-03", ago=2 * HOUR, lasted=60)
    part = mailer(before)
    run(before, 15, part)
    assert subjects(before) == []

    run(before, 3600, part)
    assert subjects(before) == [
        "Handover Intensive care, night shift Sun 29 Nov 19:00 to 07:00: No alert is open; 1 ended in this time",
        "Handover High dependency, night shift Sun 29 Nov 19:00 to 07:00: No alert is open; none ended in this time",
    ]


def test_two_programs_and_a_restart_ask_with_the_same_id(before: Scene) -> None:
    other = ReadModel(before.live, before.clock)
    other.warmed_up = True
    follower = LogFollower(before.log, other, before.clock, before.metrics)
    before.tick(25)
    while follower.step(0):
        pass
    mailer(before).step(0)
    mailer(before, other).step(0)  # it has not read yet that the first one has asked

    asked: list[Action] = list(reports(before))
    assert len(asked) == 4
    assert len({action.id for action in asked}) == 2

    while follower.step(0):
        pass
    mailer(before).step(0)
    mailer(before, other).step(0)
    assert len(list(reports(before))) == 4
    follower.close()


def test_a_program_that_starts_within_the_hour_asks_and_a_later_one_does_not(tmp_path: Path) -> None:
    for minutes, mails in ((50, 2), (70, 0)):
        scene = scene_at(tmp_path / str(minutes), CHANGE + minutes * 60 * SECOND)
        run(scene, 10, mailer(scene))
        assert len(subjects(scene)) == mails
        scene.close()


def test_of_a_shift_before_the_first_start_there_is_no_mail(tmp_path: Path) -> None:
    scene = scene_at(tmp_path, CHANGE, at_work=False)
    part = mailer(scene)
    run(scene, 60, part)
    assert subjects(scene) == []

    for _ in range(13 * 6):  # the next shift is recorded, and mailed when it ends
        scene.tick(600)
        at_work_at(scene, scene.clock.now())
        part.step(0)
    assert [subject.split(":")[0] for subject in subjects(scene)] == [
        "Handover Intensive care, day shift 07", "Handover High dependency, day shift 07",
    ]  # fmt: skip
    scene.close()


def test_of_a_simulated_past_there_is_no_mail(tmp_path: Path) -> None:
    scene = scene_at(tmp_path, CHANGE)
    scene.own.write([SimulatedPast(start=CHANGE - 7 * 24 * 3600 * SECOND, end=CHANGE).point()])
    run(scene, 60, mailer(scene))
    assert subjects(scene) == []
    scene.close()


def test_before_the_log_is_read_to_its_end_nothing_is_asked_for(before: Scene) -> None:
    model = ReadModel(before.live, before.clock)
    part = mailer(before, model)
    run(before, 60, part)

    assert subjects(before) == []


def test_a_store_that_is_down_delays_no_mail_and_the_mail_says_so(tmp_path: Path) -> None:
    scene = scene_at(tmp_path, CHANGE, store=NoStore(StoreUnavailable("disk is gone")))
    run(scene, 10, mailer(scene))

    assert all(action.report and "history does not answer" in action.report.body for action in reports(scene))
    assert len(subjects(scene)) == 2
    scene.close()


def test_a_log_that_is_down_is_asked_again(before: Scene) -> None:
    class Down:
        def send(self, *_: object) -> object:
            raise LogUnavailable("no broker")

    part = mailer(before, log=Down())
    run(before, 60, part)
    assert subjects(before) == []

    part._log = before.log
    run(before, 10, part)
    assert len(subjects(before)) == 2


def test_a_report_that_the_log_or_the_store_refuses_costs_no_other(
    before: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Picky:
        """A log to which the report of the first ward is too long."""

        def send(self, topic: str, records: list[tuple[str, bytes]]) -> object:
            if records[0][0].startswith("handover icu"):
                raise ValueError("a value of 2000000 bytes: at most 1000000 fit")
            return before.log.send(topic, records)

    weekly = AlarmLoad(receivers=("handover",), weekday="monday", at="07:00")
    alerting = before.live.config.alerting.model_copy(update={"alarm_load": weekly})
    before.live.config = with_fields(before.live.config, alerting=alerting)

    def refused(*_: object) -> bool:
        raise QueryRefused("more rows than a query may have")

    monkeypatch.setattr(mailer_module, "alarm_load", refused)
    part = mailer(before, log=Picky())
    run(before, 30, part)
    assert [subject.split(",")[0] for subject in subjects(before)] == ["Handover High dependency"]
    assert "a value of 2000000 bytes" in caplog.text

    part._log = before.log
    run(before, 10, part)
    assert [subject.split(",")[0] for subject in subjects(before)][1:] == ["Handover Intensive care"]
    assert "more rows than a query may have" in caplog.text


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_the_night_in_which_clocks_are_changed_is_mailed_once(tmp_path: Path, day: str) -> None:
    scene = scene_at(tmp_path, parse_instant(f"{day}T00:30:00Z"), config(beds=2))
    part = mailer(scene)
    for _ in range(10 * 6):
        scene.tick(600)
        part.step(0)

    asked = [action.report for action in reports(scene) if action.subject.startswith("handover icu")]
    assert len(asked) == 1
    assert asked[0] is not None
    assert "19:00 CE" in asked[0].body.splitlines()[1]
    assert "07:00 CE" in asked[0].body.splitlines()[1]
    scene.close()


def test_three_shifts_are_mailed_three_times_a_day(tmp_path: Path) -> None:
    shifts = tuple(
        Shift.model_validate({"name": name, "from": begin, "until": end})
        for name, begin, end in (("early", "06:00", "14:00"), ("late", "14:00", "22:00"), ("night", "22:00", "06:00"))
    )
    scene = scene_at(tmp_path, CHANGE, config(beds=2, shifts=shifts))
    part = mailer(scene)
    for _ in range(24 * 6):
        scene.tick(600)
        at_work_at(scene, scene.clock.now())
        part.step(0)

    named = [action.report.subject.split(", ")[1].split(" ")[0] for action in reports(scene)
             if action.report and action.subject.startswith("handover icu")]  # fmt: skip
    assert named == ["early", "late", "night"]
    scene.close()


def test_with_no_receivers_nothing_is_asked_for(before: Scene) -> None:
    before.live.config = with_fields(
        before.live.config,
        alerting=before.live.config.alerting.model_copy(
            update={"handover": before.live.config.alerting.handover.model_copy(update={"receivers": ()})}
        ),
    )
    run(before, 60, mailer(before))

    assert subjects(before) == []
