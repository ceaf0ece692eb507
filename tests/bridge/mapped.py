"""Mappings for tests, as `bridge.yaml` would have them."""

from typing import Any

from bridge.codecs import Codec
from ward.config.mapping.resolved import ResolvedMapping
from ward.config.mapping.schema import MappingEntry
from ward.config.yaml.validation import strict
from ward.signals import Catalogue, Signal

UNITS = {
    "heart_rate": "/min", "temperature": "Cel", "spo2": "%", "systolic_bp": "mm[Hg]", "respiratory_rate": "/min",
    "online": "1", "flow": "mL/h", "room_temperature": "Cel",
}  # fmt: skip
CATALOGUE = Catalogue({name: Signal(name=name, label=name, unit=unit, display=unit) for name, unit in UNITS.items()})


def mapping(values: dict[str, Any], **more: Any) -> ResolvedMapping:
    """A mapping with these values, whose device is sent by the second level of the topic unless `more` has another."""
    return ResolvedMapping.of(
        "acme", strict(MappingEntry, {"device": {"topic": 2}, "values": values} | more), CATALOGUE
    )


def mapped(values: dict[str, Any], **more: Any) -> Codec:
    """The codec of such a mapping."""
    return Codec.registry["mapping"]({}, mapping(values, **more))
