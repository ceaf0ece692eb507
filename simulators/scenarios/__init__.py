"""What can happen to a patient: one file for each scenario, and the influences on the body that they consist of."""

from simulators import definition_files
from simulators.scenarios.scenario import Scenario

__all__ = ["Scenario", "load_scenario", "scenario_names"]


def load_scenario(name: str) -> Scenario:
    """A scenario by name, or by the path of a file. Raises `SettingsError` with all its faults."""
    path = definition_files.find_definition("scenarios", name)
    return definition_files.validated_model(path, Scenario, definition_files.read_mapping(path))


def scenario_names() -> list[str]:
    """The scenarios that come with Wardwatch."""
    return definition_files.definition_names("scenarios")
