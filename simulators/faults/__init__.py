"""Faults of devices: one file each for what it does, and one for how much of it.

`fault("slow_drift")` reads `slow_drift.yaml`, whose `kind` names one of the classes here.
"""

import importlib
import pkgutil

from simulators import files
from simulators.faults.fault import Fault
from ward.errors import SettingsError
from ward.ids import printable

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")  # each registers its kind

__all__ = ["Fault", "fault", "fault_names"]


def fault(name: str) -> Fault:
    """A fault by name, or by the path of a file. Raises `SettingsError` with all the faults of that file."""
    path = files.find("faults", name)
    found = files.read(path)
    kind = found.pop("kind", None)
    if not isinstance(kind, str) or kind not in Fault.registry:
        known = ", ".join(sorted(Fault.registry))
        raise SettingsError(f"{path}: kind: {printable(str(kind))!r} is none of {known}")
    return files.checked(path, Fault.registry[kind], found)


def fault_names() -> list[str]:
    """The faults that come with the house."""
    return files.names("faults")
