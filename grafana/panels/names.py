"""Names of the inventory in place of ids: of wards, beds, devices, kinds of devices, and signals."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, ValueMap, ValueMapping, ValueMappingResult

from grafana.panels.colours import EMPTY_CELL, empty_cell
from ward.config.config import Config
from ward.inventory import Device, Inventory

P = TypeVar("P", stat.Panel, table.Panel, timeseries.Panel, bargauge.Panel)


def with_names(panel: P, config: Config, **columns: str) -> P:
    """The columns `bed="Bed"`, `ward=…`, `device=…`, `device_kind=…` and `signal=…` show names; an unknown id stays."""
    for of, column in columns.items():
        mappings: list[ValueMapping] = [_as_texts(_NAMES[of](config)), empty_cell()]
        shown = DynamicConfigValue("mappings", mappings), DynamicConfigValue("noValue", EMPTY_CELL)
        panel = panel.override_by_name(column, list(shown))
    return panel


def _as_texts(names: Mapping[str, str]) -> ValueMapping:
    return ValueMap(
        options={id_: ValueMappingResult(text=name, index=index) for index, (id_, name) in enumerate(names.items())}
    )


def _devices(inventory: Inventory) -> Iterator[tuple[str, str]]:
    """Each device that has been at one bed only, by its bed; the id of one that is used elsewhere too says more."""
    beds = {device.id: _beds(device) for device in inventory.devices.values()}
    used = Counter(bed for of_device in beds.values() for bed in of_device)
    for device in inventory.devices.values():
        if len(beds[device.id]) == 1:
            (bed,) = beds[device.id]
            kind = f": {inventory.device_kinds[device.device_kind].label.lower()}" if used[bed] > 1 else ""
            yield device.id, f"{inventory.beds[bed].label}{kind}"


def _beds(device: Device) -> set[str]:
    return {assignment.bed for assignment in device.assignments} - {""}


_NAMES: Mapping[str, Callable[[Config], Mapping[str, str]]] = {
    "bed": lambda config: {bed.id: bed.label for bed in config.inventory.beds.values()},
    "ward": lambda config: {ward.id: ward.name for ward in config.inventory.wards.values()},
    "device": lambda config: dict(_devices(config.inventory)),
    "device_kind": lambda config: {kind: each.label for kind, each in config.inventory.device_kinds.items()},
    "signal": lambda config: {signal.name: signal.label for signal in config.catalogue.values()},
}
