"""The examples in docstrings run, and every detector and statistic has one."""

import doctest
import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import Any

import pytest

import detectors
from detectors.base import baseline, columns, derived_signals, texts, window_sums
from detectors.base.registry import discover

MODULES = [module.name for module in pkgutil.walk_packages(detectors.__path__, "detectors.") if not module.ispkg]


def examples(module: ModuleType) -> list[doctest.DocTest]:
    return [test for test in doctest.DocTestFinder().find(module) if test.examples]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_print_what_they_show(name: str) -> None:
    module = importlib.import_module(name)
    found = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert found.failed == 0


@pytest.mark.parametrize("detector", sorted(discover()))
def test_a_detector_has_an_example(detector: str) -> None:
    cls: type[Any] = discover()[detector]
    assert cls.__doc__ is not None
    assert ">>> " in cls.__doc__


# These need the evidence of a whole engine; the tests of the texts have them.
FROM_EVIDENCE = {"measured_label", "threshold", "check_hint", "device_status", "device_status_end"}


@pytest.mark.parametrize(
    "module", [baseline, columns, derived_signals, texts, window_sums], ids=lambda module: module.__name__
)
def test_a_statistic_has_an_example(module: ModuleType) -> None:
    public = {
        f"{module.__name__}.{name}"
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    without = {name.rpartition(".")[2] for name in public - {test.name for test in examples(module)}}
    assert without <= FROM_EVIDENCE | {"has_derived_values"}
