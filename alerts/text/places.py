"""Where something happens: many places in a few words."""

import re
from collections.abc import Iterable
from itertools import groupby

from ward.alert import Alert
from ward.inventory import Inventory

MOST = 10
_BED = re.compile(r"(.*\bbed) (\S+)", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d+)")


def place(alert: Alert, inventory: Inventory) -> str:
    """Its bed as people call it; the device, the program or the channel where there is none; or nothing."""
    labels = alert.labels
    if "bed" in labels:
        return inventory.label(labels["bed"])
    return labels.get("device_id") or labels.get("program") or labels.get("channel", "")


def places(names: Iterable[str]) -> str:
    """`ICU beds 1, 2, 3, mon-x and 12 more`: each once, ten at most, in the order in which people count."""
    distinct = sorted(set(names), key=_counted)
    shown, more = distinct[:MOST], len(distinct) - MOST
    parts = [_together(head, list(of_head)) for head, of_head in groupby(shown, key=_head)]
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")


def _together(head: str, names: list[str]) -> str:
    if not head or len(names) == 1:
        return ", ".join(names)
    return f"{head}s " + ", ".join(name[len(head) + 1 :] for name in names)


def _head(name: str) -> str:
    """`ICU bed` of `ICU bed 7`."""
    found = _BED.fullmatch(name)
    return found.group(1) if found else ""


def _counted(name: str) -> list[tuple[bool, int, str]]:
    """So that 2 is before 10."""
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in _NUMBERS.split(name)]
