"""From a directory of YAML files to a `Config`, or to all their faults.

    bytes ─reader─▶ text ─composer─▶ Document ─validate─▶ model ─check_*─▶ Config
                     size, UTF-8      places,    keys, types,  names, order,   frozen,
                                      bounds     spans         time, reach     hashed

Each arrow collects all faults that it finds and passes on the valid rest, so that one run reports all faults.
"""

import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from ward.clock import Micros
from ward.config.alerting import Alerting
from ward.config.checks.alerting import check_alerting
from ward.config.checks.bridge import check_bridge
from ward.config.checks.limits import check_pairs
from ward.config.checks.mappings import check_mappings
from ward.config.checks.matcher_reach import check_matcher_reach
from ward.config.checks.place_index import PlaceIndex
from ward.config.checks.rules import check_rules
from ward.config.checks.signals import check_signals
from ward.config.checks.ward import check_ward
from ward.config.config import Config
from ward.config.files import documents_of, read_documents
from ward.config.known_names import KnownNames
from ward.config.matcher_reach import MatcherReach
from ward.config.rule import DetectorParams
from ward.config.rule_building.alarm_rules import alarm_rules, with_alarm_signals
from ward.config.rule_building.detector_rules import detector_rules
from ward.config.rule_building.limit_rules import limit_rules
from ward.config.rule_building.named_models import read_named_models
from ward.config.rule_building.override_expiry import OverrideExpiry
from ward.config.rule_building.unchecked_rule import UncheckedRule
from ward.config.schema.alerts_file import keys_as_names, without_empty_urls
from ward.config.schema.bridge_file import BridgeFile
from ward.config.schema.detectors_file import DetectorsFile
from ward.config.schema.signals_file import SignalsFile
from ward.config.schema.thresholds_file import ThresholdsFile
from ward.config.schema.ward_file import WardFile
from ward.config.yaml.content_hash import content_hash
from ward.config.yaml.document import Document
from ward.config.yaml.fault import ConfigFault
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.validation import ValidatedFile, validated
from ward.errors import ConfigError
from ward.inventory import Inventory
from ward.signals import Catalogue

M = TypeVar("M", bound=BaseModel)
Detectors = Mapping[str, type[DetectorParams]]
CheckUrl = Callable[[str], str | None]


def load_config(
    directory: Path, detectors: Detectors, codecs: Collection[str], check_url: CheckUrl | None = None, *,
    now: Micros, environ: Mapping[str, str] | None = None, contents: Mapping[str, Any] | None = None,
) -> Config:  # fmt: skip
    """The config in a directory, or with these `contents` of its files, as of `Config.contents`.

    `detectors` are the parameters of each detector by name, `codecs` the names of the codecs; `check_url` returns what
    is wrong with an address of a channel, or None. Overrides that ended before `now` (microseconds since 1970) are not
    applied. `environ` holds the values of `${NAME}` in alerts.yaml, by default those of the process.

    Raises `ConfigError` with all faults.
    """
    config, faults = _attempt(directory, detectors, codecs, check_url, now, environ, contents)
    if config is None:
        raise ConfigError([fault for fault in faults if not fault.warning])
    return config


def check_config(
    directory: Path, detectors: Detectors, codecs: Collection[str], check_url: CheckUrl | None = None, *,
    now: Micros, environ: Mapping[str, str] | None = None,
) -> list[ConfigFault]:  # fmt: skip
    """All faults and warnings of the config in a directory, as `load_config` would find them, by file and line."""
    return _attempt(directory, detectors, codecs, check_url, now, environ)[1]


def _attempt(
    directory: Path, detectors: Detectors, codecs: Collection[str], check_url: CheckUrl | None, now: Micros,
    environ: Mapping[str, str] | None, contents: Mapping[str, Any] | None = None,
) -> tuple[Config | None, list[ConfigFault]]:  # fmt: skip
    faults = FaultCollector()
    found = read_documents(directory, faults) if contents is None else documents_of(directory, contents)
    names, expiry = KnownNames.of(found, faults), OverrideExpiry(now, faults)
    bridge = _validated_file(BridgeFile, found, "bridge.yaml", faults)
    catalogue = _catalogue(found, faults)
    if bridge is not None:
        catalogue = with_alarm_signals(catalogue, bridge.model)
    inventory, complete = _inventory(found, names, faults)
    unchecked_rules = list(_unchecked_rules(found, catalogue, detectors, names, expiry, faults))
    if bridge is not None:
        unchecked_rules += alarm_rules(bridge, detectors, faults)
    places = PlaceIndex(inventory)
    check_rules(unchecked_rules, places, names, catalogue, faults, complete=complete)
    check_pairs(unchecked_rules, places, faults)
    alerting = _alerting(found, names, directory, check_url, os.environ if environ is None else environ, faults)
    if bridge is not None:
        check_bridge(bridge, codecs, faults)
        check_mappings(bridge, names, catalogue, faults)
    if faults.has_errors or alerting is None or bridge is None:
        return None, faults.all()
    rules = [unchecked.rule for unchecked in unchecked_rules]
    reach = MatcherReach.of(inventory, catalogue, rules, [channel.name for channel in alerting.channels])
    check_matcher_reach(alerting, found["alerts.yaml"], reach, faults)
    if not unchecked_rules:
        faults.at(directory.as_posix(), (1, 1), "there is no rule: no signal is monitored", warning=True)
    config = Config(
        content_hash(found, expiry.ended), catalogue, inventory, tuple(rules), alerting,
        tuple(bridge.model.codecs(catalogue)), bridge.model.root, bridge.model.timing,
        tuple(faults.all()), expiry.next, {name: document.data() for name, document in found.items()},
    )  # fmt: skip
    return config, faults.all()


def _validated_file(
    model: type[M], found: Mapping[str, Document], name: str, faults: FaultCollector
) -> ValidatedFile[M] | None:
    return validated(model, found[name], faults) if name in found else None


def _catalogue(found: Mapping[str, Document], faults: FaultCollector) -> Catalogue:
    validated_file = _validated_file(SignalsFile, found, "signals.yaml", faults)
    if validated_file is None:
        return Catalogue()
    check_signals(validated_file, faults)
    return validated_file.model.catalogue()


def _inventory(found: Mapping[str, Document], names: KnownNames, faults: FaultCollector) -> tuple[Inventory, bool]:
    """The inventory, and whether its file has no fault: with faults it may be incomplete."""
    validated_file = _validated_file(WardFile, found, "ward.yaml", faults)
    if validated_file is None:
        return Inventory(), False
    inventory = check_ward(validated_file, names, faults)
    return inventory, not faults.has_errors_in(validated_file.original)


def _unchecked_rules(
    found: Mapping[str, Document], catalogue: Catalogue, detectors: Detectors, names: KnownNames,
    expiry: OverrideExpiry, faults: FaultCollector,
) -> list[UncheckedRule]:  # fmt: skip
    thresholds = _validated_file(ThresholdsFile, found, "thresholds.yaml", faults)
    rules = _validated_file(DetectorsFile, found, "detectors.yaml", faults)
    return [
        *(limit_rules(thresholds, catalogue, detectors, names, expiry, faults) if thresholds else ()),
        *(detector_rules(rules, detectors, names, expiry, faults, read_named_models(found, faults)) if rules else ()),
    ]


def _alerting(
    found: Mapping[str, Document], names: KnownNames, directory: Path, check_url: CheckUrl | None,
    environ: Mapping[str, str], faults: FaultCollector,
) -> Alerting | None:  # fmt: skip
    if "alerts.yaml" not in found:
        return None
    written, missing = found["alerts.yaml"].expanded(environ)
    for place, words in missing:
        faults.at(written.file, place, words)
    validated_file = validated(Alerting, keys_as_names(written, faults), faults, quote=False)
    if validated_file is None:
        return None
    check_alerting(validated_file, written, names, directory, check_url, faults)
    return without_empty_urls(validated_file.model)
