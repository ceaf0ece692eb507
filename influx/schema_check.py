"""Compares the measurements and fields in InfluxDB with `schema.md`."""

from collections.abc import Collection, Mapping

from influx.schema import schema
from ward.ids import printable
from ward.retention_policy import RetentionPolicy

_KINDS = {"float": "float", "string": "text"}
Fields = Mapping[str, Mapping[str, str]]  # measurement → field → its type, as InfluxQL has it


def unexpected(found: Mapping[RetentionPolicy, Fields], signals: Collection[str]) -> list[str]:
    """Lines about measurements and fields that are not in the schema.

    `signals` are those of the catalogue. Unknown signals in `telemetry` are allowed.
    """
    known = schema()
    lines = []
    for policy, measurements in found.items():
        for name, fields in measurements.items():
            of = known.get(name)
            if of is None or policy not in of.policies:
                lines.append(f'? "{policy}".{printable(name)}: no program of Wardwatch writes this')
                continue
            for field, kind in fields.items():
                wanted = of.kind(field, policy, signals) or ("float" if name == "telemetry" else None)
                if wanted is None:
                    lines.append(f'? "{policy}".{name}: no program of Wardwatch writes the field {printable(field)}')
                elif wanted != _KINDS.get(kind):
                    lines.append(f'? "{policy}".{name}: the field {printable(field)} is {kind}, not {wanted}')
    return lines
