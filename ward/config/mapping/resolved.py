"""A mapping, as the bridge uses it."""

from collections.abc import Mapping as Lookup
from dataclasses import dataclass

from ward.config.mapping.schema import MappingEntry
from ward.config.mapping.unit_conversion import LinearConversion, unit_conversion
from ward.signals import Catalogue


@dataclass(frozen=True, slots=True)
class ResolvedMapping:
    """One mapping, with the conversion of each signal to its unit of the catalogue."""

    name: str
    entry: MappingEntry
    scales: Lookup[str, LinearConversion]

    @classmethod
    def of(cls, name: str, entry: MappingEntry, catalogue: Catalogue) -> "ResolvedMapping":
        """The resolved mapping. Raises `ValueError` for a unit that cannot be converted to the signal's."""
        return cls(
            name,
            entry,
            {
                signal: unit_conversion(
                    value.code or catalogue.known(signal).unit, catalogue.known(signal).unit, value.times, value.plus
                )
                for signal, value in entry.values.items()
            },
        )
