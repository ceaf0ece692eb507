"""The examples in docstrings run, and every statistic that needs no store and no config has one."""

from types import ModuleType

import pytest

import rollups
from rollups import day_tally, trend
from tests.kit.docstrings import failed_examples, functions_without_example, modules

# These need a store or a whole config; the tests of the statistics by day have them.
FROM_CONFIG = {"limits", "measure", "ward_point"}


@pytest.mark.parametrize("module", modules(rollups))
def test_the_examples_of_a_module_print_what_they_show(module: str) -> None:
    assert failed_examples(module) == 0


@pytest.mark.parametrize("module", [day_tally, trend], ids=lambda module: module.__name__)
def test_a_statistic_has_an_example(module: ModuleType) -> None:
    assert functions_without_example(module) <= FROM_CONFIG
