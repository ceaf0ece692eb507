"""The examples in docstrings run, and every detector and statistic has one."""

from types import ModuleType
from typing import Any

import pytest

import detectors
from detectors.base import (
    baseline,
    columns,
    cumulative_sums,
    derived_signals,
    local_hours,
    normal_scores,
    p_square,
    progress,
    season_cells,
    shift_texts,
    texts,
    window_sums,
)
from detectors.base.own_past import autoregression, block_maxima, nearest, season
from detectors.base.registry import discover
from tests.kit.docstrings import failed_examples, functions_without_example, modules


@pytest.mark.parametrize("module", modules(detectors))
def test_the_examples_of_a_module_print_what_they_show(module: str) -> None:
    assert failed_examples(module) == 0


@pytest.mark.parametrize("detector", sorted(discover()))
def test_a_detector_has_an_example(detector: str) -> None:
    cls: type[Any] = discover()[detector]
    assert cls.__doc__ is not None
    assert ">>> " in cls.__doc__


# These need the evidence of a whole engine; the tests of the texts have them.
FROM_EVIDENCE = {"measured_label", "threshold", "check_hint", "device_status", "device_status_end", "shifted", "back"}
STATISTICS = (
    baseline, columns, cumulative_sums, derived_signals, local_hours, normal_scores, p_square, progress, season_cells,
    shift_texts, texts, window_sums, autoregression, block_maxima, nearest, season,
)  # fmt: skip


@pytest.mark.parametrize("module", STATISTICS, ids=lambda module: module.__name__)
def test_a_statistic_has_an_example(module: ModuleType) -> None:
    assert functions_without_example(module) <= FROM_EVIDENCE | {"has_derived_values"}
