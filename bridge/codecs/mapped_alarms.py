"""The device's own alarms out of a vendor's payload, by a mapping."""

from collections.abc import Mapping
from typing import Any

from bridge.codecs.mapped_values import look_up
from bridge.codecs.strict_json import json_type
from bridge.refusal import RefusalReason, Refused
from ward.config.mapping.alarms import MappedAlarms
from ward.config.mapping.json_path import ABSENT, as_text

MOST_AT_ONCE = 50


class DeviceAlarms:
    """Reads the codes that a payload reports: of each known code 1 or 0, so that what is no longer reported ends."""

    def __init__(self, alarms: MappedAlarms) -> None:
        self._alarms = alarms
        self._signals = {code: entry.signal for code, entry in alarms.codes.items()}
        self._none = frozenset(alarms.none)

    def of(self, root: Any, entry: Any) -> tuple[Mapping[str, float], tuple[str, ...]] | None:
        """The values by signal, and the codes that the mapping does not have; None where the payload says nothing.

        Raises `Refused` for what is no code and no list of codes: then all alarms stay as they were.
        """
        found = look_up(self._alarms.path, root, entry)
        if found is ABSENT and self._alarms.missing == "keep":
            return None
        codes = self._codes(None if found is ABSENT else found)
        values = {signal: float(code in codes) for code, signal in self._signals.items()}
        return values, tuple(code for code in codes if code not in self._signals)

    def _codes(self, found: Any) -> list[str]:
        given = [] if found is None else found if isinstance(found, list) else [found]
        if len(given) > MOST_AT_ONCE:
            raise self._refused(f"has {len(given)} codes; there may be {MOST_AT_ONCE}")
        codes = [as_text(one).strip() for one in given]
        for one, code in zip(given, codes, strict=True):
            if not code and not isinstance(one, str):
                raise self._refused(f"is {json_type(one)}, no code of an alarm")
        return [code for code in dict.fromkeys(codes) if code not in self._none]

    def _refused(self, why: str) -> Refused:
        return Refused(RefusalReason.SCHEMA, f"alarms at `{self._alarms.path}`: {why}")
