"""One monitor comes back after days and delivers what it measured, while other patients are ill."""

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from detectors.engine.engine import Engine
from detectors.engine.result import EngineResult
from tests.kit.simulated_ward import HEALTHY, SimulatedWard
from ward.clock import SECOND, ManualClock
from ward.reading import Flag, Reading
from ward.topics import READINGS
from ward.wire import READING_WIRE

BACKLOG = 20_000  # readings; 103,680 are three days at one in 2.5 s
BACK, ILL = "mon-icu-07", [f"mon-icu-{n:02}" for n in (1, 2, 3, 4, 5, 6, 8, 9)]
BACKLOG_AT, ILL_AT, END = 14, 5, 24
WAVE = 0.002  # seconds that the evaluation of one reading of each device takes
PHASE = 0.3  # seconds after each full second at which the devices send: a step takes less
STEP = 0.1  # seconds from one step of the programs to the next


def begun(folder: Path, monkeypatch: pytest.MonkeyPatch, backlog: int) -> dict[str, float]:
    """After how many seconds the tachycardia of each of eight beds is an alert."""
    folder.mkdir()
    ward, found = SimulatedWard(folder), dict[str, float]()
    for device in ILL:
        ward.set_signal(device, "heart_rate", "160x60", at=ILL_AT)
    with monkeypatch.context() as patch:
        evaluation_takes_time(patch, ward.clock)
        for second in range(END):
            # Devices send a second apart, however long the steps before took: else the alert may be one reading later.
            ward.clock.advance(max(0.0, second + PHASE - ward.now))
            for device in ward.devices:
                ward._publish_values(device, second)
            if second == BACKLOG_AT and backlog:
                deliver(ward, backlog)
            while ward.now < second + 1:
                ward.programs.step()
                for alert in ward.alerts():
                    if alert.labels["alertname"] == "tachycardia" and alert.labels["device_id"] in ILL:
                        found.setdefault(alert.labels["device_id"], round(ward.now, 3))
                ward.clock.advance(STEP)
    ward.close()
    return found


def evaluation_takes_time(patch: pytest.MonkeyPatch, clock: ManualClock) -> None:
    """Let the clock advance while readings are evaluated, as they are wave by wave."""
    evaluate = Engine.evaluate

    def slowly(engine: Engine, readings: Iterable[Reading]) -> EngineResult:
        taken = list(readings)
        result = evaluate(engine, taken)
        clock.advance(WAVE * max(Counter(reading.device for reading in taken).values(), default=0))
        return result

    patch.setattr(Engine, "evaluate", slowly)


def deliver(ward: SimulatedWard, count: int) -> None:
    """The readings of a device as the bridge puts them into the log."""
    now = ward.clock.now()
    sent = (
        Reading(
            device=BACK, ward="icu", at=now - round((count - i) * 2.5 * SECOND), received_at=now, values=HEALTHY,
            boot="back", seq=i, flags=int(Flag.BACKLOG),
        )
        for i in range(count)
    )  # fmt: skip
    ward.resources.log.send(READINGS, [(BACK, READING_WIRE.encode(reading)) for reading in sent])


@pytest.mark.guarantee("A backlog of one device delays the alerts about eight patients by less than a second.")
def test_alerts_do_not_wait_for_a_backlog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figure: Callable[[str], None]
) -> None:
    quiet, beside = begun(tmp_path / "quiet", monkeypatch, 0), begun(tmp_path / "beside", monkeypatch, BACKLOG)
    assert quiet.keys() == beside.keys() == set(ILL)
    later = max(beside[device] - quiet[device] for device in ILL)
    assert later < 1.0
    figure(f"8 of 8 alerts beside a backlog of {BACKLOG:,} readings, the last {later:.1f} s later (virtual time)")
