"""docs/simulators.md names every scenario, fault, influence and option."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from app.commands.load_test import load_test
from app.commands.replay import replay
from benchmarks import virtual_time
from simulators.definition_files import HERE
from simulators.faults import fault_names
from simulators.faults.device_fault import DeviceFault
from simulators.scenarios import Scenario, scenario_names
from simulators.scenarios.scenario import SETTABLE_INFLUENCES
from simulators.scripts.script import WardScript
from ward.config.yaml.libyaml import parse_yaml

TEXT = (Path(HERE).parent / "docs" / "simulators.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*scenario_names(), *fault_names(), *SETTABLE_INFLUENCES])
def test_each_scenario_fault_and_influence_is_in_the_docs(name: str) -> None:
    assert f"| `{name}` |" in TEXT


def test_the_files_shown_in_the_docs_can_be_read() -> None:
    shown = [parse_yaml(block.split("```")[0]) for block in TEXT.split("```yaml\n")[1:]]
    scenario, script = shown
    assert Scenario.model_validate(scenario).label == "Panic"
    assert len(WardScript.model_validate(script).scenarios) == 2


def test_the_hooks_of_a_fault_are_named() -> None:
    for hook in ("distort", "clock_offset", "powered", "plugged", "transmit"):
        assert callable(getattr(DeviceFault, hook))
        assert f"`{hook}`" in TEXT


@pytest.mark.parametrize("command", [replay, load_test])
def test_the_options_the_docs_name_exist(command: object) -> None:
    text = CliRunner().invoke(command, ["--help"]).output  # type: ignore[arg-type]
    for option in ("--speed", "--flat-out", "--times", "--hold", "--patience", "--ward", "--device"):
        assert option in text or command is load_test
    assert "--remote" in text or command is replay


def test_the_rates_in_the_docs_are_measured_by_a_command() -> None:
    result = CliRunner().invoke(virtual_time.main, ["--days", "0.01"])
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == ["arrays", "readings", "payloads"]
