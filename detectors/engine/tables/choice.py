"""Which kind of table the rows of a rule are in."""

from detectors.base.detector import Detector
from detectors.base.vector_detector import VectorDetector
from detectors.engine.tables.cohort_table import CohortTable
from detectors.engine.tables.detector_table import DetectorTable
from detectors.engine.tables.mean_table import MeanTable
from detectors.engine.tables.series_table import SeriesTable
from detectors.engine.tables.vector_table import VectorTable
from ward.config.rule import Rule, Scope


def table_for(rule: Rule, windowed: bool, updates: bool, scope: Scope | None) -> DetectorTable:
    """A new table in the engine of a scope. Of a cohort the engine of devices has the windows of each member, that of
    beds compares them."""
    detector = Detector.registry[rule.detector]()
    if rule.scope == "cohort":
        return MeanTable(detector) if scope == "device" else CohortTable(detector, updates)
    if isinstance(detector, VectorDetector):
        return VectorTable(detector, len(rule.parts), windowed, updates)
    return SeriesTable(detector, windowed, updates)
