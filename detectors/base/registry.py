"""Which detectors there are: every file beside this package, found by looking."""

import importlib
import pkgutil
from typing import Any

import detectors
from detectors.base.detector import Detector
from ward.config.rule import DetectorParams


def discover() -> dict[str, type[Detector[Any]]]:
    """All detectors by kind. A file in `detectors/` is enough: its class statement registers it."""
    for module in pkgutil.iter_modules(detectors.__path__):
        if not module.ispkg:
            importlib.import_module(f"detectors.{module.name}")
    return dict(sorted(Detector.registry.items()))


def params() -> dict[str, type[DetectorParams]]:
    """What the reader of `config/` needs to know: each detector's parameters, by kind."""
    return {kind: detector.params for kind, detector in discover().items()}
