"""The sides of `thresholds.yaml`: where the limits of a rule stand in the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FILE = "thresholds.yaml"
_SIDES = ("above", "below")


@dataclass(frozen=True, slots=True)
class LimitSide:
    """One side of one signal in the file. No override may put a limit beyond `loosest`."""

    signal: str
    key: str
    loosest: float | None


def limit_sides(data: Mapping[str, Any]) -> dict[str, LimitSide]:
    """The side of each rule, from the content of the file."""
    return {
        side["alert"]: LimitSide(signal, key, side.get("loosest"))
        for signal, limits in (data.get("limits") or {}).items()
        for key in _SIDES if (side := (limits or {}).get(key)) and side.get("alert")
    }  # fmt: skip
