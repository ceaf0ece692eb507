"""The examples in docstrings, and what has none."""

import doctest
import importlib
import inspect
import pkgutil
from types import ModuleType


def modules(package: ModuleType) -> list[str]:
    """The names of all modules of a package and of its sub-packages."""
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [module.name for module in found if not module.ispkg]


def failed_examples(module: str) -> int:
    """Run all examples of a module; how many do not print what they show."""
    return doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS).failed


def functions_without_example(module: ModuleType) -> set[str]:
    """The public functions of a module that have no example."""
    shown = {test.name for test in doctest.DocTestFinder().find(module) if test.examples}
    return {
        name
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and f"{module.__name__}.{name}" not in shown
    }
