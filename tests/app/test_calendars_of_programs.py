"""Which programs read the calendars of schedules, and that they follow them while they run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.runtime.program_parts import alert_parts, detector_parts
from app.runtime.program_runner import ProgramRunner
from app.runtime.resources import Resources
from app.settings.settings import Settings
from tests.app.calling import ADDRESSES, SHIPPED
from tests.config.calendars import calendar, shift, write
from tests.config.config_reader import copied
from ward.adapters.memory.log import MemoryLog
from ward.clock import SECOND, ManualClock

NOW = ManualClock().now()
DAY = 86_400 * SECOND
WITH_CALENDAR = """
people:
  ada: {channels: [sms]}
  ben: {channels: [mail]}
schedules:
  physicians: {calendar: plans/on-call.ics}
receivers:
"""


@pytest.fixture
def open_resources(tmp_path: Path) -> Callable[[], Resources]:
    file = copied(SHIPPED, tmp_path / "config") / "alerts.yaml"
    text = file.read_text(encoding="utf-8").replace("\nreceivers:\n", WITH_CALENDAR, 1)
    text = text.replace("    channels: [sms, mail]\n", "    channels: [sms, mail]\n    schedule: physicians\n", 1)
    file.write_text(text, encoding="utf-8")
    (file.parent / "plans").mkdir()
    write(file.parent / "plans/on-call.ics", calendar(shift(NOW - DAY, 240, "Ada")))
    settings = Settings(config=file.parent, data=tmp_path / "data", log_url="memory:")
    return lambda: Resources(settings, ManualClock(), environ=ADDRESSES, log=MemoryLog())


def named(resources: Resources) -> list[str]:
    (schedule,) = resources.calendars.config.alerting.schedules
    return [name for span in schedule.events.spans for name in span.people]


def test_alerts_follow_a_calendar_while_they_run_and_keep_its_copy(
    open_resources: Callable[[], Resources], tmp_path: Path
) -> None:
    resources = open_resources()
    runner = ProgramRunner(resources, {"alerts": alert_parts(resources)}).runner
    (part,) = (factory.make() for factory in runner.factories if factory.name == "calendars")
    assert named(resources) == ["ada"]
    file = tmp_path / "config/plans/on-call.ics"
    write(file, calendar(shift(NOW - DAY, 240, "Ben")))
    clock = resources.clock
    assert isinstance(clock, ManualClock)
    clock.advance(15.0)
    assert part.step(0) == 1
    assert named(resources) == ["ben"]
    resources.close()

    file.unlink()
    resources = open_resources()
    assert named(resources) == ["ben"], "from the copy in the data folder"
    assert resources.live.config.alerting.schedules[0].events.spans == (), "the config itself has none"
    resources.close()


def test_a_program_that_notifies_nobody_reads_no_calendar(open_resources: Callable[[], Resources]) -> None:
    resources = open_resources()
    runner = ProgramRunner(resources, {"detectors": detector_parts(resources)}).runner
    assert "calendars" not in [factory.name for factory in runner.factories]
    assert "calendars" not in vars(resources)
    resources.close()
