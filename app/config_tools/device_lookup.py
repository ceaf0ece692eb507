"""Finds devices by the id of a device, or by the id or label of a bed."""

from collections.abc import Collection

import click

from ward.clock import Micros
from ward.config.config import Config
from ward.ids import printable


def devices_of(config: Config, name: str, now: Micros) -> list[str]:
    """The device of that id, or all devices at the bed of that id or label.

    Raises `click.UsageError` for an unknown name, `click.ClickException` for a bed without a device.
    """
    inventory = config.inventory
    if name in inventory.devices:
        return [name]
    bed = next((bed.id for bed in inventory.beds.values() if name.lower() in (bed.id.lower(), bed.label.lower())), None)
    if bed is None:
        raise click.UsageError(f"there is no bed or device {did_you_mean(name, {*inventory.beds, *inventory.devices})}")
    found = [device for device in inventory.devices if inventory.place(device, now).bed == bed]
    if not found:
        raise click.ClickException(f"{inventory.label(bed)} has no device now: nothing is monitored there")
    return found


def did_you_mean(name: str, known: Collection[str]) -> str:
    """An unknown name, with the nearest known one: `'icu-7'; did you mean 'icu-07'?`."""
    import difflib

    near = difflib.get_close_matches(name[:64].lower(), {k.lower(): k for k in known}, 1, 0.6)
    text = f"'{printable(name, 64)}'"
    return f"{text}; did you mean '{next(k for k in known if k.lower() == near[0])}'?" if near else text
