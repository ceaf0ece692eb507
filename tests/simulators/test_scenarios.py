"""Scenarios as files: each shows what its name says, and a faulty one is refused with its faults."""

from pathlib import Path

import numpy as np
import pytest

from simulators.devices.instrument_error import add_instrument_noise, round_as_displayed
from simulators.patients.patients import VITALS, Patients
from simulators.scenarios import load_scenario, scenario_names
from ward.clock import SECOND
from ward.errors import SettingsError

NAMES = [f"p-{i}" for i in range(20)]


def test_the_required_ones_exist() -> None:
    asked = {"healthy", "sepsis", "haemorrhage", "hypoxic_episode", "bradycardia", "fever", "recovery"}
    assert asked <= set(scenario_names())


@pytest.mark.parametrize("name", scenario_names())
def test_each_scenario_shows_its_expected_values_in_every_patient(name: str) -> None:
    found = load_scenario(name)
    patients = Patients(NAMES, seed=4, start=12 * 3600 * SECOND)
    for i in range(len(NAMES)):
        patients.begin(i, found)
    steps = round((max((s.within for s in found.expected), default=0) + 60) / 2.5)
    values = round_as_displayed(add_instrument_noise(*patients.advance(steps)))
    t = np.arange(steps) * 2.5
    for value in found.expected:
        window = values[(t >= value.after) & (t <= value.within)][..., VITALS.index(value.signal)]
        assert all(any(value.shown(v) for v in column) for column in window.T), value


@pytest.mark.parametrize("name", sorted(set(scenario_names()) - {"healthy"}))
def test_each_scenario_has_expected_values_and_a_description(name: str) -> None:
    found = load_scenario(name)
    assert found.expected
    assert len(found.about) > 40


def test_the_healthy_scenario_is_empty() -> None:
    assert load_scenario("healthy").timeline == ()
    assert load_scenario("healthy").lasts == 0


def test_a_speed_makes_the_same_happen_in_less_time() -> None:
    slow, fast = Patients(["a"], seed=1), Patients(["a"], seed=1)
    slow.begin(0, load_scenario("fever"))
    fast.begin(0, load_scenario("fever"), speed=6)
    hour = round(3600 / 2.5)
    assert fast.advance(hour)[0][-1, 0, 4] > slow.advance(hour)[0][-1, 0, 4] + 0.8


def test_influences_of_two_scenarios_add_up() -> None:
    one, both = Patients(["a"], seed=1), Patients(["a"], seed=1)
    one.begin(0, load_scenario("bradycardia"))
    both.begin(0, load_scenario("bradycardia"))
    both.begin(0, load_scenario("hypoxic_episode"))
    first, second = one.advance(40)[0][-1, 0], both.advance(40)[0][-1, 0]
    assert second[3] < first[3] - 10
    assert first[0] < 50


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("label: [", r"mine\.yaml:1:9: not YAML"),
        ("- 1", "must hold keys and values"),
        ("label: x", "about: Field required"),
        ("label: x\nabout: y\ntimeline: [{at: 5, influence: fever, to: 1}]", "a span needs its unit"),
        ("label: x\nabout: y\ntimeline: [{at: 5s, influence: fevre, to: 1}]", "influence: Input should be 'fever'"),
        ("label: x\nabout: y\ntimeline: [{at: 5s, influence: fever, to: .inf}]", "finite"),
        ("label: x\nabout: y\nspeed: 0", "speed: Input should be greater than 0"),
        (
            "label: x\nabout: y\ntimeline: [{at: 0s, over: 1h, influence: fever, to: 1}, "
            "{at: 30m, influence: fever, to: 0}]",
            "fever changes at 1800 s before its previous change is complete",
        ),
        ("label: x\nabout: y\nexpected: [{signal: spo2, within: 1m}]", "give `above` or `below`"),
        ("label: x\nabout: y\ncolour: red", "colour: Extra inputs are not permitted"),
    ],
)
def test_a_faulty_file_is_refused_and_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=said):
        load_scenario(str(path))


def test_all_faults_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("label: x\nspeed: -1\ncolour: red")
    with pytest.raises(SettingsError) as caught:
        load_scenario(str(path))
    assert len(str(caught.value).splitlines()) == 3


def test_an_unknown_name_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"'typhoid' is none of the scenarios: .*fever.*sepsis"):
        load_scenario("typhoid")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_scenario(str(tmp_path / "absent.yaml"))
    with pytest.raises(SettingsError, match="none of the scenarios"):
        load_scenario("../../etc/passwd")
