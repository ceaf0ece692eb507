"""Reads `schema.md`: the measurements with their tags, fields and policies."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ward.metrics import Metrics
from ward.retention_policy import ROLLUP_PARTS, ROLLUP_WIDTHS, RetentionPolicy

PAGE = Path(__file__).with_name("schema.md")
_SECTION = re.compile(r"^## (\S+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"^\| (tag|field) .*\n\| -.*\n((?:\|.*\n?)+)", re.MULTILINE)
_ROW = re.compile(r"^\| `([^`]+)` \| (\w*)", re.MULTILINE)
_SERIES = re.compile(r"^Series: (.+) = ([\d,]+)\.$", re.MULTILINE)
# A name in angle brackets stands for names of signals, each with one of these suffixes.
_ENDS: Mapping[str, Sequence[str]] = {
    "<signal>": ("", "_min", "_max", "_count"), "<vital>": ("",), "<vital>_age": ("_age",),
    "<vital>_beyond": ("_beyond",), "<signal>_implausible": ("_implausible",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement of the page. A name in angle brackets stands for many."""

    name: str
    policies: tuple[RetentionPolicy, ...]
    tags: frozenset[str]
    fields: Mapping[str, str]
    series: tuple[int, int]

    def kind(self, field: str, policy: RetentionPolicy, signals: Collection[str] = ()) -> str | None:
        """`float` or `text`; None for an unknown field. `signals` are those of the catalogue."""
        if policy not in self.policies:
            return None
        if policy in ROLLUP_WIDTHS:
            plain = re.sub(rf"_({'|'.join(ROLLUP_PARTS)})$", "", field)
            return next((kind for name in (field, plain) if (kind := self._raw(name, signals)) == "float"), None)
        return self._raw(field, signals)

    def _raw(self, field: str, signals: Collection[str]) -> str | None:
        if field in self.fields:
            return self.fields[field]
        if "<metric>" in self.fields and field in metrics():
            return self.fields["<metric>"]
        if field.startswith("points_") and field.removeprefix("points_") in signals:
            return self.fields.get("points_<signal>")
        found = (self.fields[many] for many in self.fields for end in _ENDS.get(many, ()) if _of(field, end) in signals)
        return next(found, None)


def schema(text: str | None = None) -> dict[str, Measurement]:
    """All measurements of the page, by name."""
    page = PAGE.read_text(encoding="utf-8") if text is None else text
    return {name: _measurement(name, body) for name, body in _SECTION.findall(page) if "\nPolicies: " in body}


def metrics() -> frozenset[str]:
    """The names of our metrics as fields of `pipeline`."""
    found = set()
    for family in Metrics().registry.collect():
        name = family.name.removeprefix("wardwatch_")
        ends = {"counter": ("_total",), "histogram": ("_count", "_sum")}.get(family.type, ("",))
        found |= {name + end for end in ends}
    return frozenset(found)


def _of(field: str, end: str) -> str | None:
    return field.removesuffix(end) if field.endswith(end) else None


def _measurement(name: str, body: str) -> Measurement:
    (policies,) = re.findall(r"^Policies: (.+)\.$", body, re.MULTILINE)
    ((factors, product),) = _SERIES.findall(body)
    tables = {kind: _ROW.findall(rows) for kind, rows in _TABLE.findall(body)}
    return Measurement(
        name,
        tuple(map(RetentionPolicy, re.findall(r"`(\w+)`", policies))),
        frozenset(tag for tag, _ in tables["tag"]),
        dict(tables["field"]),
        (_product(factors), int(product.replace(",", ""))),
    )


def _product(factors: str) -> int:
    """`1,000 beds × 4 devices a bed` → 4000."""
    found = 1
    for factor in factors.split(" × "):
        found *= int(factor.split()[0].replace(",", ""))
    return found
