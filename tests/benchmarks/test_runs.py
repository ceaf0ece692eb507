"""Each benchmark runs, at a tiny size, and does what it measures."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from benchmarks import (
    archive,
    bridge,
    detect,
    detector_engine,
    detectors,
    device_past,
    end_to_end,
    large_ward,
    latency,
    rollups,
    simulated_past,
)
from benchmarks.external_engines import EngineMissing, MosquittoWithoutAutosave, running
from benchmarks.peers import telegraf
from benchmarks.result import BenchmarkResult
from benchmarks.scaling import ward
from tests.engines.absent import absent
from tests.engines.kafka import Kafka

FEW = 3000


def test_the_engine_is_measured_beside_numpy() -> None:
    (figure,) = detector_engine.run(series=100, seconds=0.05, rounds=1)
    assert figure.value > 0


def test_many_devices_are_measured_in_the_engine_in_memory_and_from_the_log() -> None:
    figures = large_ward.run(series=100, devices=60, few=20, seconds=0.05, rounds=1)
    assert [figure.unit for figure in figures] == ["million values/s a core"] * 2 + ["bytes", "×", "cores"]
    assert all(figure.value > 0 for figure in figures)


def test_detection_on_a_file_is_measured_beside_reading_it() -> None:
    figures = detect.run(rows=2000, rounds=1)
    assert [figure.ours.readings for figure in figures if figure.ours] == [2000, 2000]
    assert all(figure.value > 0 for figure in figures)


def test_end_to_end_every_reading_is_stored_evaluated_and_acknowledged() -> None:
    (figure,) = end_to_end.run(readings=1000, rounds=1)
    assert figure.ours is not None
    assert figure.ours.readings == 1000


def test_the_past_of_one_device_is_evaluated_and_others_raise_their_alarms_meanwhile() -> None:
    rate, alarms = device_past.run(readings=FEW, rounds=1)
    assert rate.ours is not None
    assert rate.ours.readings == FEW
    assert alarms.value > 0


def test_a_simulated_past_is_written() -> None:
    figures = simulated_past.run(runs=1, lasts=3600.0)
    assert len(figures) == 3
    assert all(figure.value > 0 for figure in figures)


@pytest.mark.engines
@pytest.mark.parametrize("run", [bridge.run, detectors.run, archive.run])
def test_a_comparison_on_real_engines_gives_a_ratio(run: Callable[[int, int], Sequence[BenchmarkResult]]) -> None:
    if run is detectors.run and not detectors.PYTHON.exists():
        pytest.skip("quixstreams has a .venv-bench of its own, which make bench makes and make test-engines does not")
    try:
        (figure,) = run(FEW, 1)
    except EngineMissing as missing:
        absent(str(missing))
    assert figure.value > 0
    assert figure.ours is not None
    assert figure.theirs is not None
    assert figure.ours.readings == figure.theirs.readings == FEW


@pytest.mark.engines
def test_the_bridge_is_measured_beside_a_telegraf_that_is_named() -> None:
    if not os.environ.get("TELEGRAF"):
        pytest.skip("no Telegraf is named: TELEGRAF=<its program>")
    for figure in bridge.run_beside_telegraf(FEW, 1):
        assert figure.ours is not None
        assert figure.theirs is not None
        assert figure.ours.readings == figure.theirs.readings == FEW


@pytest.mark.engines
def test_two_bridges_store_each_reading_once() -> None:
    try:
        with running(MosquittoWithoutAutosave) as mosquitto, running(Kafka) as kafka:
            two = bridge.Bridges(mosquitto, kafka, "two", FEW, 2)
            assert bridge.flood(two, mosquitto.port, "two", FEW).readings == FEW
    except EngineMissing as missing:
        absent(str(missing))


@pytest.mark.engines
def test_a_telegraf_that_forwards_nothing_is_a_failure_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    silent = tmp_path / "telegraf"
    silent.write_text("#!/bin/sh\necho 'E! no such plugin'\nexec sleep 60\n")
    silent.chmod(0o700)
    monkeypatch.setenv("TELEGRAF", str(silent))
    monkeypatch.setattr(telegraf, "READY_WITHIN", 3.0)
    try:
        with pytest.raises(AssertionError, match=r"forwards nothing within 3 s; .* E! no such plugin"):
            bridge.run_beside_telegraf(FEW, 1)
    except EngineMissing as missing:
        absent(str(missing))


@pytest.mark.engines
def test_a_month_is_rolled_up_and_asked_for() -> None:
    try:
        figures = rollups.run(period=600.0, patience=1)
    except EngineMissing as missing:
        absent(str(missing))
    assert len(figures) == 6
    assert all(figure.value > 0 for figure in figures)


@pytest.mark.engines
def test_every_alarm_is_notified() -> None:
    assert len(latency.embedded(alarms=5, seconds=1.0)) == 5
    assert len(latency.embedded(alarms=5, seconds=1.0, backlog=500.0)) == 5


@pytest.mark.engines
def test_a_ward_of_a_size_keeps_up() -> None:
    measured = ward(100, seconds=1.0)
    assert measured.cost.readings >= 30
