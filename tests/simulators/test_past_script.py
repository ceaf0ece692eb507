"""The script of the simulated past."""

from pathlib import Path

import pytest

from simulators.devices.bedside_monitors import SIGNALS, BedsideMonitors
from simulators.faults import load_fault
from simulators.scripts.past_script import load_past_script
from simulators.scripts.script import ScheduledFault, WardScript
from ward.clock import SECOND
from ward.errors import SettingsError

BEDS = [f"icu-{n:02}" for n in range(1, 21)]
DEVICES = [f"mon-{n}" for n in range(1, 21)]


def test_every_event_but_the_drift_ends_before_the_past_does() -> None:
    found = load_past_script()
    assert found.lasts == 7 * 86_400
    assert max(play.at for play in found.scenarios) <= found.lasts - 3600
    assert all(f.at + f.lasting <= found.lasts - 3600 for f in found.faults if f.lasting is not None)
    assert [f.fault for f in found.faults if f.lasting is None] == ["slow_drift"]
    assert sum(play.at > found.lasts - 86_400 for play in found.scenarios) >= 5, "the last day has some history"


def test_events_of_missing_beds_are_ignored() -> None:
    whole = load_past_script()
    assert whole.restricted_to(BEDS, DEVICES) == whole
    few = whole.restricted_to(BEDS[:3], DEVICES[:3])
    assert {play.bed for play in few.scenarios} == {1, 2, 3}
    assert {failure.bed for failure in few.faults} == {2}
    named = whole.model_copy(
        update={"faults": (ScheduledFault.model_validate({"at": "0s", "device": "mon-9", "fault": "reboot"}),)}
    )
    assert len(named.restricted_to(BEDS, DEVICES).faults) == 1
    assert not named.restricted_to(BEDS[:3], DEVICES[:3]).faults
    assert whole.restricted_to([], []).scenarios == ()


@pytest.mark.parametrize("line", ["staff: []", "every: 0s", "scenarios: [{at: 1h, bed: 1, scenario: flu}]"])
def test_an_invalid_script_is_refused_by_name(tmp_path: Path, line: str) -> None:
    path = tmp_path / "own.yaml"
    lines = {"lasts": "1d", "every": "60s", "battery_every": "10m", "logged_every": "15m", "staff": "[Amal]"}
    lines |= {line.split(":")[0]: line.split(":", 1)[1]}
    path.write_text("".join(f"{key}: {value}\n" for key, value in lines.items()))
    with pytest.raises(SettingsError):
        load_past_script(path)


def test_a_script_can_replace_parameters_of_a_fault() -> None:
    failure = ScheduledFault.model_validate({"at": "0s", "bed": 1, "fault": "battery_discharge", "set": {"charge": 40}})
    assert failure.load() == load_fault("battery_discharge", {"charge": 40})
    assert failure.load() != load_fault("battery_discharge")
    with pytest.raises(SettingsError, match="charge"):
        ScheduledFault.model_validate(
            {"at": "0s", "bed": 1, "fault": "battery_discharge", "set": {"charge": 400}}
        ).load()
    assert WardScript().faults == ()


def test_a_drift_can_begin_with_an_error_and_end_without() -> None:
    well, drifting = (BedsideMonitors(["a"], ["p"], seed=3, start=0, period=60.0) for _ in range(2))
    drifting.begin_fault(0, load_fault("slow_drift", {"by": 0.3, "over": "1d", "first": -0.3}), at=0.0)
    column = SIGNALS.index("temperature")
    off = (drifting.advance(1440).values - well.advance(1440).values)[:, 0, column]
    assert off[:10].mean() == pytest.approx(-0.3, abs=0.05)
    assert off[-10:].mean() == pytest.approx(0.0, abs=0.05)
    assert drifting.now == 86_400 == round(86_400 * SECOND / 1e6)
