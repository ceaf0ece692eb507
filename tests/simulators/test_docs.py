"""docs/simulators.md tells of all there is."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from simulators import rates
from simulators.commands import fleet, replay
from simulators.faults import fault_names
from simulators.faults.fault import Fault
from simulators.files import HERE
from simulators.scenarios import INFLICTED, Scenario, scenario_names
from simulators.script import Script
from ward.config.yaml.plain import plain

TEXT = (Path(HERE).parent / "docs" / "simulators.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*scenario_names(), *fault_names(), *INFLICTED])
def test_each_scenario_fault_and_influence_is_in_the_docs(name: str) -> None:
    assert f"| `{name}` |" in TEXT


def test_what_the_docs_show_as_files_can_be_read() -> None:
    shown = [plain(block.split("```")[0]) for block in TEXT.split("```yaml\n")[1:]]
    scenario, script = shown
    assert Scenario.model_validate(scenario).label == "Panic"
    assert len(Script.model_validate(script).plays) == 2


def test_the_hooks_of_a_fault_are_named() -> None:
    for hook in ("distort", "ahead", "powered", "plugged", "wire"):
        assert callable(getattr(Fault, hook))
        assert f"`{hook}`" in TEXT


@pytest.mark.parametrize("command", [replay, fleet])
def test_the_options_the_docs_name_exist(command: object) -> None:
    told = CliRunner().invoke(command, ["--help"]).output  # type: ignore[arg-type]
    for option in ("--speed", "--flat-out", "--times", "--hold", "--patience", "--ward", "--device"):
        assert option in told or command is fleet
    assert "--remote" in told or command is replay


def test_the_rates_in_the_docs_are_measured_by_a_command() -> None:
    told = CliRunner().invoke(rates.main, ["--days", "0.01"])
    assert told.exit_code == 0
    assert [line.split()[0] for line in told.output.splitlines()] == ["arrays", "readings", "payloads"]
