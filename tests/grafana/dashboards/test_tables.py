"""No table shows the word `null`: an empty cell has a text."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from grafana.panels.colours import GRAFANA_TEXT
from tests.grafana.generated import dashboards, panels

_SHOWN = re.compile(r'AS "((?:[^"\\]|\\.)*)"')
_BY = re.compile(r'GROUP BY ("[^()]*?)(?: ORDER BY| LIMIT| fill|$)')


def tables() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every table of every dashboard."""
    for uid, page in dashboards().items():
        yield from ((uid, panel) for panel in panels(page) if panel["type"] == "table")


def columns(panel: Mapping[str, Any]) -> set[str]:
    """The names of the columns of its queries, and the tags by which they are grouped."""
    found: set[str] = set()
    for target in panel["targets"]:
        found |= set(_SHOWN.findall(target["query"].split(" FROM ", 1)[0]))
        found |= {tag for by in _BY.findall(target["query"]) for tag in re.findall(r'"(\w+)"', by)}
    return found


def shown(panel: Mapping[str, Any], column: str) -> dict[str, Any]:
    """How Grafana shows a column: the defaults, and then each override, of which the last has precedence."""
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


def test_all_dashboards_but_the_overview_have_tables() -> None:
    assert {uid for uid, _ in tables()} == {
        "ward-alerts", "ward-bed", "ward-day", "ward-fleet", "ward-imaging", "ward-pipeline",
    }  # fmt: skip
    assert len(CASES) > 100


@pytest.mark.parametrize(("panel", "name"), CASES, ids=IDS)
def test_an_empty_cell_has_a_text_in_a_visible_colour(panel: Mapping[str, Any], name: str) -> None:
    said = shown(panel, name)
    (word,) = nulls(said)
    assert word["text"].strip()
    if said["custom.cellOptions"]["type"] == "color-text":
        assert word["color"] == GRAFANA_TEXT, "else the text has the colour of its background"


@pytest.mark.parametrize(("panel", "name"), CASES, ids=IDS)
def test_a_column_of_empty_cells_is_not_shown_as_json(panel: Mapping[str, Any], name: str) -> None:
    """Grafana shows a column of unknown type as JSON, without the mappings, unless the column has a colour."""
    said = shown(panel, name)
    assert said["custom.cellOptions"]["type"] in ("color-text", "color-background")
    assert said["custom.displayMode"] in ("color-text", "color-background-solid")
    assert [step["color"] for step in said["thresholds"]["steps"]] == [GRAFANA_TEXT], "else all numbers have its colour"


@pytest.mark.parametrize(("uid", "panel"), list(tables()), ids=[f"{uid}: {p['title']}" for uid, p in tables()])
def test_an_unacknowledged_and_an_active_alert_have_a_text_in_each_empty_cell(
    uid: str, panel: Mapping[str, Any]
) -> None:
    words = {
        "Acknowledged by": "nobody", "Acknowledged after": "unacknowledged", "Ended": "active", "Duration": "active",
    }  # fmt: skip
    for name in columns(panel) & set(words):
        said = shown(panel, name)
        assert nulls(said)[0]["text"] == said["noValue"] == words[name], f"{uid}: {name}"
