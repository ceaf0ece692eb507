"""Faults of devices: each does what it says, and nothing else."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from simulators.device_client.buffer import BufferedReading
from simulators.devices.bedside_monitors import SIGNALS, BedsideMonitors, Measurements
from simulators.faults import DeviceFault, fault_names, load_fault
from simulators.random_streams import FloatArray
from ward.clock import SECOND
from ward.errors import SettingsError

START = 1_764_000_000 * SECOND
STEPS = 2880  # two hours of 2.5 s
BEGUN = 300.0
TOUCHED = {
    "stuck_value": {"spo2"},
    "slow_drift": {"temperature"},
    "growing_noise": {"heart_rate"},
    "drop_outs": {"spo2", "respiratory_rate"},
    "spikes": {"heart_rate", "systolic_bp", "spo2", "temperature", "respiratory_rate"},
    "probe_off": {"spo2"},
    "probe_off_zero": {"heart_rate"},
    "battery_discharge": {"battery"},
}


def bedside(**kinds: float | None) -> BedsideMonitors:
    """Two devices; the first has the faults named, from minute five on for so many seconds or for good."""
    made = BedsideMonitors(["a", "b"], ["pa", "pb"], seed=2, start=START)
    for name, lasting in kinds.items():
        made.begin_fault(0, load_fault(name), at=BEGUN, lasting=lasting)
    return made


def column(measured: Measurements, signal: str, device: int = 0) -> FloatArray:
    return measured.values[:, device, SIGNALS.index(signal)]


WELL = bedside().advance(STEPS)
T = np.arange(STEPS) * 2.5


def test_the_required_ones_exist() -> None:
    asked = {
        "stuck_value", "slow_drift", "growing_noise", "drop_outs", "spikes", "probe_off", "clock_skew", "clock_step",
        "reboot", "duplicates", "out_of_order", "battery_discharge",
    }  # fmt: skip
    assert asked <= set(fault_names())


@pytest.mark.parametrize("name", fault_names())
def test_a_fault_affects_only_its_device_and_signals_while_it_lasts(name: str) -> None:
    ill = bedside(**{name: 1200.0}).advance(STEPS)
    lasts = (T >= BEGUN) & (T < BEGUN + 1200)
    assert np.array_equal(ill.values[:, 1], WELL.values[:, 1], equal_nan=True)
    assert np.array_equal(ill.values[~lasts], WELL.values[~lasts], equal_nan=True)
    assert np.array_equal(ill.at, WELL.at)
    for flags in (ill.powered, ill.plugged):
        assert flags[~lasts].all()
        assert flags[:, 1].all()
    assert np.array_equal(ill.device_time[~lasts], WELL.at[~lasts])
    on = ill.powered[:, 0]
    for signal in set(SIGNALS) - TOUCHED.get(name, set()):
        assert np.array_equal(column(ill, signal)[on], column(WELL, signal)[on], equal_nan=True), signal


@pytest.mark.parametrize("name", fault_names())
def test_a_fault_is_the_same_in_single_steps_as_in_one(name: str) -> None:
    whole, parts = bedside(**{name: None}), bedside(**{name: None})
    once = whole.advance(400)
    again = [parts.advance(n) for n in (1, 1, 118, 1, 1, 278)]
    for field in ("at", "device_time", "values", "powered", "plugged"):
        joined = np.concatenate([getattr(part, field) for part in again])
        assert np.array_equal(getattr(once, field), joined, equal_nan=field == "values"), field


@pytest.mark.parametrize("name", fault_names())
def test_a_fault_can_be_combined_with_any_other(name: str) -> None:
    ill = bedside(**{name: None, "drop_outs": None, "clock_skew": None}).advance(300)
    assert np.isnan(column(ill, "respiratory_rate")).any()
    assert (ill.device_time[-1] < ill.at[-1]).tolist() == [True, False]


def test_a_stuck_value_is_the_one_at_the_beginning() -> None:
    spo2 = column(bedside(stuck_value=None).advance(STEPS), "spo2")
    assert len(set(spo2[T >= BEGUN])) == 1
    assert spo2[-1] == column(WELL, "spo2")[T >= BEGUN][0]


def test_a_stuck_value_hides_changes_of_the_patient() -> None:
    from simulators.scenarios import load_scenario

    ill = bedside(stuck_value=None)
    ill.begin_scenario(0, load_scenario("hypoxic_episode"), at=600)
    found = ill.advance(400)
    assert column(found, "spo2").min() > 94
    assert column(found, "respiratory_rate").max() > 22


def test_a_slow_drift_is_0_3_degrees_in_three_weeks() -> None:
    hour = 3600.0
    days = 22 * 24
    well = BedsideMonitors(["a"], ["pa"], seed=2, start=START, period=hour)
    ill = BedsideMonitors(["a"], ["pa"], seed=2, start=START, period=hour)
    ill.begin_fault(0, load_fault("slow_drift"), at=0)
    strayed = column(ill.advance(days), "temperature") - column(well.advance(days), "temperature")
    assert strayed[:24].mean() == pytest.approx(0.0, abs=0.03)
    assert strayed[20 * 24 : 22 * 24].mean() == pytest.approx(0.3, abs=0.03)


def test_growing_noise_reaches_its_standard_deviation_around_the_true_value() -> None:
    added = column(bedside(growing_noise=None).advance(STEPS), "heart_rate") - column(WELL, "heart_rate")
    early, late = added[(T >= BEGUN) & (T < BEGUN + 180)], added[T > BEGUN + 1800]
    assert early.std() < 2
    assert late.std() == pytest.approx(12, rel=0.1)
    assert abs(late.mean()) < 1


def test_drop_outs_have_the_given_length_and_share() -> None:
    missing = np.isnan(column(bedside(drop_outs=None).advance(STEPS), "spo2"))[T >= BEGUN]
    starts = np.flatnonzero(missing[1:] & ~missing[:-1])
    # A gap has at least the reading it begins with, and on average 15 s of them.
    assert 4 < missing.sum() / len(starts) < 9
    assert 0.02 < len(starts) / (~missing).sum() < 0.06


def test_spikes_are_rare_and_implausible() -> None:
    found = column(bedside(spikes=None).advance(STEPS), "heart_rate")
    spikes = found > 350
    assert 0.01 < spikes[T >= BEGUN].mean() < 0.03
    assert np.array_equal(found[~spikes], column(WELL, "heart_rate")[~spikes])


def test_a_probe_off_is_missing_or_zero() -> None:
    assert np.isnan(column(bedside(probe_off=None).advance(STEPS), "spo2")[T >= BEGUN]).all()
    assert (column(bedside(probe_off_zero=None).advance(STEPS), "heart_rate")[T >= BEGUN] == 0).all()


def test_clock_skew_grows_and_a_clock_step_jumps() -> None:
    hour_later = int((BEGUN + 3600) / 2.5)
    skewed = bedside(clock_skew=None).advance(STEPS)
    assert (skewed.device_time - skewed.at)[hour_later, 0] == pytest.approx(-40 * SECOND, abs=2000)
    assert (skewed.device_time - skewed.at)[int(BEGUN / 2.5), 0] == 0
    stepped = bedside(clock_step=None).advance(STEPS)
    assert set((stepped.device_time - stepped.at)[T >= BEGUN, 0]) == {-600 * SECOND}


def test_a_rebooting_device_is_off_for_its_time_and_measures_nothing() -> None:
    ill = bedside(reboot=None).advance(STEPS)
    since = T[T >= BEGUN] - BEGUN
    assert np.array_equal(~ill.powered[T >= BEGUN, 0], since % 300 < 20)
    assert np.isnan(ill.values[~ill.powered]).all()


def test_a_battery_discharges_and_then_the_device_is_off() -> None:
    ill = bedside(battery_discharge=None).advance(STEPS)
    charge = column(ill, "battery")
    charge = charge[~np.isnan(charge) & (T >= BEGUN)]
    assert charge[0] == pytest.approx(60, abs=3)
    assert charge[-1] < 4
    assert (np.diff(charge) < 0).all()
    assert np.array_equal(ill.powered[:, 0], T < BEGUN + 1800)


def test_a_lost_link_loses_no_reading() -> None:
    ill = bedside(link_loss=None).advance(STEPS)
    assert np.array_equal(ill.values, WELL.values, equal_nan=True)
    assert np.array_equal(~ill.plugged[T >= BEGUN, 0], (T[T >= BEGUN] - BEGUN) % 600 < 90)


def sent(name: str, batches: int = 400, lasting: float | None = None) -> list[int]:
    """The order in which readings 0, 1, 2, … go onto the wire, one at a time, each second."""
    ill = bedside(**{name: lasting})
    found: list[int] = []
    for seq in range(batches):
        found += [m.seq for m in ill.faults.transmit(0, BEGUN + seq, [BufferedReading(seq, "b", seq, b"")])]
    assert [m.seq for m in ill.faults.transmit(1, BEGUN, [BufferedReading(0, "b", 0, b"")])] == [0]
    return found


def test_duplicates_double_a_third_and_lose_no_reading() -> None:
    order = sent("duplicates")
    assert sorted(set(order)) == list(range(400))
    assert order == sorted(order)
    assert 100 < len(order) - 400 < 165


def test_out_of_order_swaps_neighbours_and_loses_no_reading() -> None:
    order = sent("out_of_order", lasting=399)
    assert sorted(order) == list(range(400)), "one held back when the fault ends is let go"
    swapped = sum(a > b for a, b in pairwise(order))
    assert 40 < swapped < 100
    assert all(abs(place - seq) <= 1 for place, seq in enumerate(order))


@pytest.mark.parametrize("name", ["duplicates", "out_of_order"])
def test_a_fault_of_the_wire_ends_in_time(name: str) -> None:
    order = sent(name, lasting=200)
    assert sorted(set(order)) == list(range(400))
    assert order[-199:] == list(range(201, 400))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("label: x\nabout: y", r"kind: 'None' is none of battery_discharge, clock_skew"),
        ("label: x\nabout: y\nkind: gremlin", "kind: 'gremlin' is none of"),
        ("label: x\nabout: y\nkind: drift\nby: 1", "over: Field required"),
        ("label: x\nabout: y\nkind: drift\nby: 1\nover: 5", "a span needs its unit"),
        ("label: x\nabout: y\nkind: duplicates\nshare: 2", "less than or equal to 1"),
        ("label: x\nabout: y\nkind: stuck_value\nsignal: spo2", "signal: Extra inputs"),
    ],
)
def test_a_faulty_file_is_refused_and_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=said):
        load_fault(str(path))


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"'gremlins' is none of the faults: .*drop_outs.*stuck_value"):
        load_fault("gremlins")


def test_each_fault_has_a_description() -> None:
    for name in fault_names():
        assert len(load_fault(name).about) > 30
    assert len(DeviceFault.registry) >= 12
