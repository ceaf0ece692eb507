"""The examples in the docstrings of `quality` run."""

import pytest

import quality
from tests.kit.docstrings import failed_examples, modules


@pytest.mark.parametrize("module", [name for name in modules(quality) if not name.endswith("__main__")])
def test_the_examples_of_a_module_print_what_they_show(module: str) -> None:
    assert failed_examples(module) == 0
