"""The place in the code where a detector failed: the tape is right then, and the detector is not."""

import sys
import traceback
from pathlib import Path

from detectors.base.detector import Detector
from ward.config.yaml.fault import ConfigFault
from ward.ids import printable


def detector_failure(error: Exception, detector: str) -> ConfigFault:
    """A fault at the line of the detector's file that raised, or at the first line where that is not known."""
    file = Path(str(sys.modules[Detector.registry[detector].__module__].__file__))
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == file]
    line = (frames[-1].lineno or 1) if frames else 1
    where = f" in {frames[-1].name}" if frames else ""
    text = f"the detector {detector} failed{where}: {type(error).__name__}: {printable(str(error), 300)}"
    return ConfigFault(_shown(file), line, 1, text)


def _shown(file: Path) -> str:
    """The path from the current folder, where it is below it."""
    return (file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file).as_posix()
