"""Warns of matchers of `alerts.yaml` that match no alert that this config can raise."""

from collections.abc import Iterator

from ward.config.alerting import Alerting, Matcher, Route
from ward.config.matcher_reach import MatcherReach
from ward.config.yaml.document import Document, KeyPath
from ward.config.yaml.fault_collector import FaultCollector

# Values of other labels are compared with the files, also of those with faults.
_LABELS = ("device_id", "program", "channel")
Matchers = tuple[Matcher, ...]


def check_matcher_reach(alerting: Alerting, document: Document, reach: MatcherReach, faults: FaultCollector) -> None:
    """Adds a warning for each unknown device, program or channel, and for each list that matches nothing together."""
    for path, matchers, outer in _lists(alerting):
        unknown = [found for found in reach.unknown_values(matchers) if matchers[found[0]].label in _LABELS]
        for i, text in unknown:
            faults.add(document, (*path, i), f"{text}: this matches no alert of ours", warning=True)
        together = "" if unknown else reach.never_together((*outer, *matchers))
        if together and not reach.never_together(outer):
            faults.add(document, path, f"{together}: this matches no alert of ours", warning=True)


def _lists(alerting: Alerting) -> Iterator[tuple[KeyPath, Matchers, Matchers]]:
    """Each list of matchers with its path, and the matchers of the routes around it."""
    yield from _of_route(alerting.route, ("route",), ())
    for i, inhibition in enumerate(alerting.inhibit):
        yield ("inhibit", i, "source"), inhibition.source, ()
        yield ("inhibit", i, "target"), inhibition.target, ()
    yield ("latch",), alerting.latch, ()


def _of_route(route: Route, path: KeyPath, outer: Matchers) -> Iterator[tuple[KeyPath, Matchers, Matchers]]:
    yield (*path, "matchers"), route.matchers, outer
    for i, child in enumerate(route.routes):
        yield from _of_route(child, (*path, "routes", i), (*outer, *route.matchers))
