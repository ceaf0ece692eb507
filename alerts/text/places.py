"""Names of places, and lists of many of them in a short text."""

import re
from collections.abc import Iterable
from itertools import groupby

from alerts.text import texts
from ward.alert import Alert
from ward.ids import printable
from ward.inventory import Inventory

MOST_SHOWN = 10
_BED = re.compile(r"(.*\bbed) (\S+)", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d+)")


def place(alert: Alert, inventory: Inventory) -> str:
    """The label of the alert's bed; else its device, program or channel; else ""."""
    labels = alert.labels
    if "bed" in labels:
        return inventory.label(labels["bed"])
    return labels.get("device_id") or labels.get("program") or labels.get("channel", "")


def prefix(bed: str, ward: str, device: str, inventory: Inventory) -> str:
    """`ICU bed 7: ` before a text about a bed, `icu x7: ` about a device at no bed, "" about neither."""
    where = inventory.label(bed) if bed else " ".join(part for part in (ward, device) if part)
    return f"{printable(where)}: " if where else ""


def places(names: Iterable[str]) -> str:
    """`ICU beds 1, 2, 3, mon-x and 12 more`: each name once, sorted by number, at most ten."""
    distinct = sorted(set(names), key=_natural_order)
    shown, more = distinct[:MOST_SHOWN], len(distinct) - MOST_SHOWN
    parts = [_joined(prefix, list(same)) for prefix, same in groupby(shown, key=_bed_prefix)]
    shown_places = ", ".join(parts)
    return texts.AND_PLACES(places=shown_places, count=more) if more > 0 else shown_places


def _joined(prefix: str, names: list[str]) -> str:
    if not prefix or len(names) == 1:
        return ", ".join(names)
    return f"{prefix}s " + ", ".join(name[len(prefix) + 1 :] for name in names)


def _bed_prefix(name: str) -> str:
    """`ICU bed` of `ICU bed 7`; "" for what is not called a bed."""
    found = _BED.fullmatch(name)
    return found.group(1) if found else ""


def _natural_order(name: str) -> list[tuple[bool, int, str]]:
    """Sorts 2 before 10."""
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in _NUMBERS.split(name)]
