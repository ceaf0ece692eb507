"""Reads files of known episodes: YAML or CSV with bed, begin, end and label."""

import csv
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from pydantic import Field

from app.backtests.known_episodes import KnownEpisode
from ward.config.base_model import ConfigModel, Instant
from ward.config.yaml.document import Document, Node
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.reader import read_document
from ward.config.yaml.validation import validated
from ward.ids import printable

COLUMNS = ("bed", "begin", "end", "label")
MOST_ROWS = 100_000


class EpisodeEntry(ConfigModel):
    """One known episode."""

    bed: str = Field(description="the id of its bed")
    begin: Instant = Field(description="when it began")
    end: Instant = Field(description="when it was over")
    label: str = Field("", description="what it was, or the name of the rule that is to find it")


class EpisodesFile(ConfigModel):
    """Known episodes of the past."""

    episodes: tuple[EpisodeEntry, ...] = Field((), description="what happened, and where")


def read_episodes(file: Path, beds: Collection[str]) -> list[KnownEpisode]:
    """The known episodes of a file whose name ends in `.csv`, or else of a YAML file.

    Raises `click.ClickException` with every fault and its place.
    """
    faults = FaultCollector()
    document = _csv_document(file, faults) if file.suffix == ".csv" else _yaml_document(file, faults)
    found = validated(EpisodesFile, document, faults) if document else None
    entries = found.model.episodes if found else ()
    if document and not faults.has_errors:
        _check(document, entries, beds, faults)
    if faults.has_errors or not entries:
        lines = [printable(str(fault), 1000) for fault in faults.all()] or [f"{_shown(file)}: holds no episode"]
        raise click.ClickException("\n".join(lines))
    return [KnownEpisode(e.bed, e.begin, e.end, e.label) for e in entries]


def _check(
    document: Document, entries: Iterable[EpisodeEntry], beds: Collection[str], faults: FaultCollector
) -> None:  # fmt: skip
    for i, entry in enumerate(entries):
        if entry.bed not in beds:
            faults.unknown(document, ("episodes", i, "bed"), "bed", entry.bed, beds)
        if entry.end < entry.begin:
            faults.add(document, ("episodes", i, "end"), "is before its begin")


def _yaml_document(file: Path, faults: FaultCollector) -> Document | None:
    document, found = read_document(file, _shown(file))
    faults.extend(found)
    return document


def _csv_document(file: Path, faults: FaultCollector) -> Document | None:
    shown = _shown(file)
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, strict=True)
            head = [name.strip() for name in next(reader, [])]
            if not {"bed", "begin", "end"} <= set(head):
                faults.at(shown, (1, 1), "the first line must name the columns bed, begin, end and, if wanted, label")
                return None
            nodes = list(_nodes(reader, head, faults, shown))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        faults.at(shown, (1, 1), f"cannot be read as CSV in UTF-8: {error}")
        return None
    entries = Node((1, 1), nodes, {})
    return Document(shown, Node((1, 1), {"episodes": entries}, {"episodes": (1, 1)}))


def _nodes(reader: Any, head: list[str], faults: FaultCollector, shown: str) -> Iterator[Node]:
    """A node for each row that is not empty, each cell at its line and column."""
    for count, row in enumerate(reader):
        if count >= MOST_ROWS:
            faults.at(shown, (reader.line_num, 1), f"more than {MOST_ROWS} episodes")
            return
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(head):
            faults.at(shown, (reader.line_num, 1), f"{len(row)} cells below {len(head)} columns")
            continue
        places = [(reader.line_num, 1 + sum(len(cell) + 1 for cell in row[:i])) for i in range(len(row))]
        cells = {
            name: Node(place, cell.strip(), {})
            for name, cell, place in zip(head, row, places, strict=True) if name != "label" or cell.strip()
        }  # fmt: skip
        yield Node((reader.line_num, 1), cells, {name: node.place for name, node in cells.items()})


def _shown(file: Path) -> str:
    return printable(file.as_posix(), 200)
