"""The config for readings that are further apart than devices usually send them."""

from collections.abc import Mapping
from dataclasses import replace

from ward.config.config import Config
from ward.inventory import DeviceKind, Inventory

# A device counts as silent after this many of its periods.
_MISSED = 4.0


def with_longer_periods(config: Config, every: float, periods: Mapping[str, float]) -> Config:
    """The same rules and places; the period of each signal is at least `every` seconds, or that in `periods`."""
    inventory = config.inventory
    return replace(
        config,
        inventory=Inventory(
            wards=inventory.wards.values(), beds=inventory.beds.values(),
            device_kinds=[_slower(kind, every, periods) for kind in inventory.device_kinds.values()],
            devices=inventory.devices.values(), stays=inventory.stays,
        ),
    )  # fmt: skip


def _slower(kind: DeviceKind, every: float, periods: Mapping[str, float]) -> DeviceKind:
    signals = {name: max(period, periods.get(name, every)) for name, period in kind.signals.items()}
    return replace(kind, signals=signals, silent_after=max(kind.silent_after, _MISSED * every))
