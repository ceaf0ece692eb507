"""All detectors by name: every file in `detectors/` is imported, and its class statement registers it."""

import importlib
import pkgutil
from typing import Any

import detectors
from detectors.base.detector import Detector
from ward.config.rule import DetectorParams


def discover() -> dict[str, type[Detector[Any]]]:
    """All detectors by name, sorted. A new file in `detectors/` is all it takes."""
    for module in pkgutil.iter_modules(detectors.__path__):
        if not module.ispkg:
            importlib.import_module(f"detectors.{module.name}")
    return dict(sorted(Detector.registry.items()))


def detector_params() -> dict[str, type[DetectorParams]]:
    """The parameters of each detector by its name: the reader of `config/` checks rules with them."""
    return {name: detector.params for name, detector in discover().items()}
