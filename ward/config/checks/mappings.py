"""Cross checks of `mappings` in `bridge.yaml`, and of the topics they are for."""

from ward.config.known_names import NOT_AN_ID, KnownNames
from ward.config.mapping.schema import CODECS_WITH_MAPPING, IdSource, MappedValue, MappingEntry
from ward.config.mapping.unit_conversion import CODES, unit_code, unit_conversion
from ward.config.schema.bridge_file import BridgeFile
from ward.config.yaml.document import Document, KeyPath
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.validation import ValidatedFile
from ward.ids import is_id, printable
from ward.inventory import UNKNOWN_DEVICE_KIND
from ward.signals import Catalogue

# Keys that a mapping for Sparkplug B may not have: its payload has fixed places for these.
_NOT_FOR_SPARKPLUG = ("each", "time", "seq", "boot", "expect", "metric", "ignore", "alarms")


def check_mappings(
    validated_file: ValidatedFile[BridgeFile], names: KnownNames, catalogue: Catalogue, faults: FaultCollector
) -> None:
    """Adds faults of unknown names, units without conversion, a path of two signals, and unused mappings."""
    document, known = validated_file.document, {name for name, _ in validated_file.original.names("mappings")}
    used = _check_topics(validated_file, known, faults)
    for name, entry in validated_file.model.mappings.items():
        path: KeyPath = ("mappings", name)
        _check_values(entry, document, (*path, "values"), names, catalogue, faults)
        if entry.device_kind and entry.device_kind not in names.device_kind:
            faults.unknown(
                document,
                (*path, "device_kind"),
                "device kind",
                entry.device_kind,
                names.device_kind - {UNKNOWN_DEVICE_KIND},
            )
        for key, place in (("device", entry.device), ("ward", entry.ward)):
            if place is not None:
                _check_place(place, document, (*path, key), names, faults)
        if name not in used:
            words = f"no topic is read by the mapping '{printable(name, 64)}': give it a line of `topics`"
            faults.add(document, path, words, key=True, warning=True)
    for name, codecs in used.items():
        if name in validated_file.model.mappings:
            _check_use(validated_file.model.mappings[name], codecs, document, ("mappings", name), faults)


def _check_topics(
    validated_file: ValidatedFile[BridgeFile], known: set[str], faults: FaultCollector
) -> dict[str, set[str]]:
    """The codecs that use each mapping."""
    used: dict[str, set[str]] = {}
    for pattern, entry in validated_file.model.topics.items():
        path: KeyPath = ("topics", pattern)
        codec, mapping = entry.resolved(known)
        if mapping is None and codec == "mapping":
            faults.add(
                validated_file.document, path, "the codec 'mapping' wants the name of one: put that in its place"
            )
        elif mapping is not None and codec not in CODECS_WITH_MAPPING:
            words = f"the codec '{printable(codec, 64)}' takes no mapping; these do: {', '.join(CODECS_WITH_MAPPING)}"
            faults.add(validated_file.document, (*path, "mapping"), words, key=True)
        elif mapping is not None and mapping not in known:
            faults.unknown(validated_file.document, (*path, "mapping"), "mapping", mapping, known)
        if mapping is not None:
            used.setdefault(mapping, set()).add(codec)
    return used


def _check_values(
    entry: MappingEntry,
    document: Document,
    path: KeyPath,
    names: KnownNames,
    catalogue: Catalogue,
    faults: FaultCollector,
) -> None:
    first: dict[str, str] = {}
    for signal, value in entry.values.items():
        where: KeyPath = (*path, signal)
        if signal not in names.signal:
            faults.unknown(document, where, "signal", signal, names.signal, key=True)
        _check_unit(signal, value, document, where, catalogue, faults)
        other = first.setdefault(value.path.written, signal)
        if other != signal:
            words = (
                f"'{printable(value.path.written, 80)}' is '{printable(other, 64)}' already: one number is one signal"
            )
            faults.add(document, where, words)


def _check_unit(
    signal: str, value: MappedValue, document: Document, where: KeyPath, catalogue: Catalogue, faults: FaultCollector
) -> None:
    unit = value.code
    if unit is None or value.unit is None:
        return
    if unit_code(value.unit) is None:
        faults.unknown(document, (*where, "unit"), "unit", value.unit, CODES)
    elif signal in catalogue:
        try:
            unit_conversion(unit, catalogue[signal].unit)
        except ValueError as error:
            words = f"{catalogue[signal].label} is in {catalogue[signal].display or 'plain numbers'}, and {error}"
            faults.add(document, (*where, "unit"), words)


def _check_metric_names(entry: MappingEntry, document: Document, path: KeyPath, faults: FaultCollector) -> None:
    """Adds a fault for each path that is more than the name of one metric."""
    for signal, value in entry.values.items():
        if value.path.top or len(value.path.steps) != 1 or not isinstance(value.path.steps[0], str):
            words = f"'{printable(value.path.written, 80)}' is not the name of one metric: write it as [\"a.b\"]"
            faults.add(document, (*path, "values", signal), words)


def _check_place(place: IdSource, document: Document, path: KeyPath, names: KnownNames, faults: FaultCollector) -> None:
    ids = [((*path, "names", sent), name) for sent, name in place.names.items()]
    ids += [] if place.always is None else [((*path, "always"), place.always)]
    for where, name in ids:
        if not is_id(name):
            faults.add(document, where, f"'{printable(name, 64)}' {NOT_AN_ID}")
        elif path[-1] == "ward" and name not in names.ward:
            faults.unknown(document, where, "ward", name, names.ward)


def _check_use(
    entry: MappingEntry, codecs: set[str], document: Document, path: KeyPath, faults: FaultCollector
) -> None:
    if "mapping" in codecs and entry.device is None:
        faults.add(document, path, "'device' is missing: say where the device's id is", key=True)
    if entry.metric is not None or "sparkplug" in codecs:
        _check_metric_names(entry, document, path, faults)
    if "sparkplug" in codecs:
        for key in _NOT_FOR_SPARKPLUG:
            if getattr(entry, key) not in (None, {}):
                words = f"`{key}` is no part of a mapping for sparkplug: its payload has a fixed place for that"
                faults.add(document, (*path, key), words, key=True)
        for key, place in (("device", entry.device), ("ward", entry.ward)):
            if place is not None and place.path is not None:
                words = f"`{key}` of a mapping for sparkplug must be `topic` or `always`: its payload holds no id"
                faults.add(document, (*path, key), words, key=True)
