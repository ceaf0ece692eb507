"""Cross checks of mute times: they exist, they are used, and none applies to an alert about a patient."""

from collections.abc import Collection, Iterator

from ward.config.alerting import Alerting, Route
from ward.config.yaml.document import Document, KeyPath
from ward.config.yaml.fault_collector import FaultCollector
from ward.finding import Kind
from ward.ids import printable


def check_mute_times(alerting: Alerting, document: Document, written: Document, faults: FaultCollector) -> None:
    """Adds the faults. `written` is the document as it is in the file, with mute times by name."""
    names = [name for name, _ in written.names("mute_times")]
    used = set(_check_route(alerting.route, ("route",), document, names, False, faults))
    for i, time in enumerate(alerting.mute_times):
        if time.name not in used:
            words = f"no route is quiet in mute time '{printable(time.name, 64)}'"
            faults.add(document, ("mute_times", i), words, key=True, warning=True)


def _check_route(
    route: Route, path: KeyPath, document: Document, names: Collection[str], technical: bool, faults: FaultCollector
) -> Iterator[str]:
    """The mute times that a route and its children name. `technical`: only alerts about equipment reach this route."""
    technical = technical or any(
        m.label == "kind" and m.op == "=" and m.value == Kind.TECHNICAL for m in route.matchers
    )
    for i, name in enumerate(route.mute or ()):
        yield name
        if name not in names:
            faults.unknown(document, (*path, "mute", i), "mute time", name, names)
    if route.mute and not technical:
        words = (
            "a mute time may only keep equipment quiet: this route needs the matcher kind=technical, or one above it"
        )
        faults.add(document, (*path, "mute"), words)
    for i, child in enumerate(route.routes):
        yield from _check_route(child, (*path, "routes", i), document, names, technical, faults)
