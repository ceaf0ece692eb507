"""Faults of devices: a Python file for each kind, and a YAML file with the parameters of each fault.

`load_fault("slow_drift")` reads `slow_drift.yaml`, whose `kind` names one of the classes here.
"""

import importlib
import pkgutil
from collections.abc import Mapping

from simulators import definition_files
from simulators.faults.device_fault import DeviceFault
from ward.errors import SettingsError
from ward.ids import printable

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")  # each registers its kind

__all__ = ["DeviceFault", "fault_names", "load_fault"]


def load_fault(name: str, changes: Mapping[str, object] | None = None) -> DeviceFault:
    """A fault by name, or by the path of a file, with some of its parameters changed.

    Raises `SettingsError` with all the faults of that file.
    """
    path = definition_files.find_definition("faults", name)
    found = {**definition_files.read_mapping(path), **(changes or {})}
    kind = found.pop("kind", None)
    if not isinstance(kind, str) or kind not in DeviceFault.registry:
        known = ", ".join(sorted(DeviceFault.registry))
        raise SettingsError(f"{path}: kind: {printable(str(kind))!r} is none of {known}")
    return definition_files.validated_model(path, DeviceFault.registry[kind], found)


def fault_names() -> list[str]:
    """The faults that come with Wardwatch."""
    return definition_files.definition_names("faults")
