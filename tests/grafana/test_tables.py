"""No table shows the word `null`: a cell that is rightly empty says so in words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from grafana.palette import TEXT
from tests.grafana.given import dashboards, panels

_SHOWN = re.compile(r'AS "((?:[^"\\]|\\.)*)"')
_BY = re.compile(r'GROUP BY ("[^()]*?)(?: ORDER BY| LIMIT| fill|$)')


def tables() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every table of every dashboard."""
    for uid, page in dashboards().items():
        yield from ((uid, panel) for panel in panels(page) if panel["type"] == "table")


def columns(panel: Mapping[str, Any]) -> set[str]:
    """What its questions call their columns, and the tags they are grouped by."""
    found: set[str] = set()
    for target in panel["targets"]:
        found |= set(_SHOWN.findall(target["query"].split(" FROM ", 1)[0]))
        found |= {tag for by in _BY.findall(target["query"]) for tag in re.findall(r'"(\w+)"', by)}
    return found


def shown(panel: Mapping[str, Any], column: str) -> dict[str, Any]:
    """How Grafana shows a column: what holds for all of them, and then each override, the last of which wins."""
    said = dict(panel["fieldConfig"]["defaults"])
    for override in panel["fieldConfig"]["overrides"]:
        how, which = override["matcher"]["id"], override["matcher"]["options"]
        if which == column if how == "byName" else re.search(which.strip("/"), column):
            said |= {each["id"]: each["value"] for each in override["properties"]}
    return said


def nulls(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        m["options"]["result"] for m in said["mappings"] if m["type"] == "special" and m["options"]["match"] == "null"
    ]


CASES = [(panel, name) for _, panel in tables() for name in sorted(columns(panel))]
IDS = [f"{uid}: {panel['title']}: {name}" for uid, panel in tables() for name in sorted(columns(panel))]


def test_every_dashboard_with_a_table_is_looked_at() -> None:
    assert {uid for uid, _ in tables()} == {
        "ward-alerts", "ward-bed", "ward-day", "ward-fleet", "ward-imaging", "ward-pipeline",
    }  # fmt: skip
    assert len(CASES) > 100


@pytest.mark.parametrize(("panel", "name"), CASES, ids=IDS)
def test_an_empty_cell_is_a_word_that_can_be_read(panel: Mapping[str, Any], name: str) -> None:
    said = shown(panel, name)
    (word,) = nulls(said)
    assert word["text"].strip()
    if said["custom.cellOptions"]["type"] == "color-text":
        assert word["color"] == TEXT, "a text in the colour of what is behind it"


@pytest.mark.parametrize(("panel", "name"), CASES, ids=IDS)
def test_a_column_with_nothing_in_it_is_not_taken_for_json(panel: Mapping[str, Any], name: str) -> None:
    """Grafana shows a column it knows no type of as JSON, mappings or not, unless it is told of a colour."""
    said = shown(panel, name)
    assert said["custom.cellOptions"]["type"] in ("color-text", "color-background")
    assert said["custom.displayMode"] in ("color-text", "color-background-solid")
    assert [step["color"] for step in said["thresholds"]["steps"]] == [TEXT], "else all numbers are in its colour"


@pytest.mark.parametrize(("uid", "panel"), list(tables()), ids=[f"{uid}: {p['title']}" for uid, p in tables()])
def test_what_nobody_did_and_what_is_not_over_is_told_in_words(uid: str, panel: Mapping[str, Any]) -> None:
    words = {"Taken by": "nobody", "Taken after": "not taken", "Ended": "still there", "Lasted": "still there"}
    for name in columns(panel) & set(words):
        said = shown(panel, name)
        assert nulls(said)[0]["text"] == said["noValue"] == words[name], f"{uid}: {name}"
