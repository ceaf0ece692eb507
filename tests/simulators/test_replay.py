"""A recording published as a bed, and the alerts of a deteriorating patient."""

from pathlib import Path

import pytest

from simulators.definition_files import HERE
from simulators.device_client.client import DeviceClient
from simulators.device_client.memory_buffer import MemoryDeviceBuffer
from simulators.recordings.recording import Recording, Sample, read_recording
from simulators.recordings.replay import Replay, ReplayTimes, readings, repeat_samples
from tests.simulators.test_recording import LONG, WORSE
from tests.simulators.wire import TOPICS, RecordingConnection, SmallBridge
from ward.adapters.memory.broker import MemoryBroker
from ward.clock import SECOND, ManualClock, parse_instant
from ward.errors import SettingsError

SHORT = Recording("short", tuple(Sample(10.0 * i, {"heart_rate": 70.0 + i}) for i in range(7)), begun=5 * SECOND)


class Bench:
    def __init__(self, what: Recording, speed: float | None = 1.0, times: ReplayTimes | None = None) -> None:
        self.clock = ManualClock()
        self.begun = self.clock.now()
        self.broker = MemoryBroker(window=100_000)
        self.bridge = SmallBridge(self.broker)
        self.link = RecordingConnection(self.broker)
        self.progress: list[int] = []
        device = DeviceClient(TOPICS, self.link, MemoryDeviceBuffer(), self.clock)
        self.replay = Replay(what, device, self.clock, speed=speed, times=times, progress=self.progress.append)

    def run(self, seconds: float, step: float = 1.0) -> None:
        for _ in range(round(seconds / step)):
            if self.replay.done:
                return
            self.replay.step(0)
            self.bridge.take()
            self.bridge.acknowledge()
            self.clock.advance(step)

    def seconds(self) -> list[float]:
        """When its readings claim to have been measured, in seconds since the replay began."""
        times = [parse_instant(p.decode().split('"at":"')[1].split('"')[0]) for p in self.link.payloads]
        return [(at - self.begun) / SECOND for at in times]


def test_at_speed_1_a_recording_takes_its_own_duration() -> None:
    bench = Bench(SHORT)
    bench.run(31)
    assert bench.replay.replayed == 4
    assert not bench.replay.done
    bench.run(40)
    assert bench.replay.done
    assert bench.seconds() == [0, 10, 20, 30, 40, 50, 60]


def test_faster_readings_have_current_times_closer_together() -> None:
    bench = Bench(SHORT, speed=5)
    bench.run(13.5, step=0.5)
    assert bench.replay.done
    assert bench.seconds() == [0, 2, 4, 6, 8, 10, 12]


def test_flat_out_it_is_the_backlog_of_a_bed_that_was_offline_until_now() -> None:
    bench = Bench(SHORT, speed=None)
    bench.run(1, step=0.01)
    assert bench.replay.done
    assert bench.seconds() == [-60, -50, -40, -30, -20, -10, 0]


def test_recorded_times_are_used_on_request() -> None:
    bench = Bench(SHORT, speed=None, times=ReplayTimes.RECORDED)
    bench.run(1, step=0.01)
    assert [t + bench.begun / SECOND for t in bench.seconds()] == [5, 15, 25, 35, 45, 55, 65]
    with pytest.raises(SettingsError, match="has no times of its own"):
        Bench(read_recording(WORSE), times=ReplayTimes.RECORDED)


def test_flat_out_is_limited_by_acknowledgements() -> None:
    many = Recording("many", tuple(Sample(float(i), {"spo2": 97.0}) for i in range(5000)))
    bench = Bench(many, speed=None)
    for _ in range(50):
        bench.replay.step(0)
    assert bench.replay.replayed == 256
    assert bench.replay.step(0) == 0
    bench.run(10, step=0.01)
    assert bench.replay.done
    assert bench.progress[-1] == 5000
    assert bench.progress == sorted(bench.progress)


def test_it_is_not_done_before_all_is_acknowledged() -> None:
    bench = Bench(SHORT, speed=None)
    for _ in range(30):
        bench.replay.step(0)
    assert bench.replay.replayed == 7
    assert not bench.replay.done
    bench.bridge.take()
    bench.bridge.acknowledge()
    bench.replay.step(0)
    assert bench.replay.done


@pytest.mark.parametrize("path", [LONG, WORSE], ids=["long", "worse"])
def test_both_recordings_are_published_completely(path: Path) -> None:
    what = read_recording(path)
    bench = Bench(what, speed=None)
    bench.run(100, step=0.01)
    assert bench.replay.done
    assert len(bench.bridge.taken) == sum(bool(s.values) for s in what.samples)
    at = bench.seconds()
    assert at[-1] <= 0
    assert (at[-1] - at[0]) % 60 == 0


def test_with_hold_a_recording_has_the_cadence_of_a_monitor() -> None:
    what = repeat_samples(SHORT, 2.5)
    assert len(what.samples) == 6 * 4 + 1
    assert [s.t for s in what.samples[:5]] == [0, 2.5, 5, 7.5, 10]
    assert [s.values["heart_rate"] for s in what.samples[:5]] == [70, 70, 70, 70, 71]
    assert what.lasts == SHORT.lasts
    with pytest.raises(SettingsError):
        repeat_samples(SHORT, 0)


@pytest.mark.parametrize(("speed", "times"), [(0.0, None), (-1.0, None), (None, ReplayTimes.NOW)])
def test_an_invalid_speed_is_refused(speed: float | None, times: ReplayTimes | None) -> None:
    with pytest.raises(SettingsError):
        Bench(SHORT, speed=speed, times=times)


def test_without_a_broker_a_recording_is_a_series_of_readings() -> None:
    found = list(readings(SHORT, "bed-9", "icu", 1000 * SECOND))
    assert [(r.at - 1000 * SECOND) / SECOND for r in found] == [0, 10, 20, 30, 40, 50, 60]
    assert {(r.device, r.ward) for r in found} == {("bed-9", "icu")}
    assert sum(1 for _ in readings(read_recording(WORSE), "b", "w", 0)) == 69, "three minutes are empty"


def episodes(path: Path, signal: str, low: float, high: float) -> list[tuple[int, int]]:
    """Minutes from the first to the last value outside limits, for each time it went out. A gap ends nothing."""
    found: list[list[int]] = []
    outside = False
    for sample in read_recording(path).samples:
        if signal in sample.values:
            minute = round(sample.t / 60)
            was, outside = outside, not low <= sample.values[signal] <= high
            if outside and not was:
                found.append([minute, minute])
            elif outside:
                found[-1][1] = minute
    return [(first, last) for first, last in found]


def test_the_deteriorating_patient_gives_these_alerts() -> None:
    """By the conservative limits SpO2 < 90, systolic < 90, respiration < 8 or > 30, heart rate < 45 or > 130."""
    assert episodes(WORSE, "systolic_bp", 90, 165) == [(2, 2), (6, 21), (32, 33), (39, 39), (51, 51), (55, 55)]
    assert episodes(WORSE, "spo2", 90, 101) == [(15, 15), (36, 36), (40, 45), (54, 59), (70, 71)]
    assert episodes(WORSE, "respiratory_rate", 8, 30) == [
        (40, 41), (46, 46), (49, 49), (51, 53), (55, 58), (60, 60), (64, 64), (68, 69),
    ]  # fmt: skip
    assert episodes(WORSE, "heart_rate", 45, 130) == [(37, 37)]
    gone = [round(s.t / 60) for s in read_recording(WORSE).samples if "heart_rate" not in s.values]
    assert gone == [6, *range(45, 72)], "and from minute 45 on that the heart rate is lost, which clears nothing"


def test_the_stable_patient_gives_alerts_of_gaps_and_few_others() -> None:
    assert episodes(LONG, "spo2", 90, 101) == []
    assert episodes(LONG, "systolic_bp", 90, 168) == []
    assert episodes(LONG, "heart_rate", 45, 130) == [(1389, 1389)], "the artefact"
    assert max(last - first for first, last in episodes(LONG, "respiratory_rate", 8, 30)) <= 3


def test_the_recordings_have_source_and_licence() -> None:
    notice = (HERE / "recordings" / "NOTICE").read_text()
    for path in (HERE / "recordings").glob("*.csv"):
        assert path.name in notice
    assert "MIT" in notice
    assert "PhysioNet" in notice
