"""No table shows the word `null`: an empty cell has a text."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from grafana.panels.colours import GRAFANA_TEXT
from tests.grafana.generated import dashboards, panels

_SHOWN = re.compile(r'AS "((?:[^"\\]|\\.)*)"')
OF_THE_PAST = {
    "History", "Alerts that began in this time", "Flatlines, noise and artefacts", "Missing devices and signals",
    "Alerts of the imaging suite",
}  # fmt: skip
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
    props = dict(panel["fieldConfig"]["defaults"])
    for override in panel["fieldConfig"]["overrides"]:
        how, which = override["matcher"]["id"], override["matcher"]["options"]
        if which == column if how == "byName" else re.search(which.strip("/"), column):
            props |= {each["id"]: each["value"] for each in override["properties"]}
    return props


def nulls(props: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        m["options"]["result"] for m in props["mappings"] if m["type"] == "special" and m["options"]["match"] == "null"
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
    props = shown(panel, name)
    (text,) = nulls(props)
    assert text["text"].strip()
    if props["custom.cellOptions"]["type"] == "color-text":
        assert text["color"] == GRAFANA_TEXT, "else the text has the colour of its background"


@pytest.mark.parametrize(("panel", "name"), CASES, ids=IDS)
def test_a_column_of_empty_cells_is_not_shown_as_json(panel: Mapping[str, Any], name: str) -> None:
    """Grafana shows a column of unknown type as JSON, without the mappings, unless the column has a colour."""
    props = shown(panel, name)
    assert props["custom.cellOptions"]["type"] in ("color-text", "color-background")
    assert props["custom.displayMode"] in ("color-text", "color-background-solid")
    assert [step["color"] for step in props["thresholds"]["steps"]] == [GRAFANA_TEXT], (
        "else all numbers have its colour"
    )


def test_none_is_not_shown_as_unknown() -> None:
    """A table without rows has the text *none* where its query returns only what there was; *NO DATA* is unknown."""
    for uid, page in dashboards().items():
        for panel in panels(page):
            assert not re.search(r"NO DATA: (there (were|was)|none (was|were) )", panel["description"]) or (
                panel["title"] == "Canary"  # a canary is sent all the time: without one something does not work
            ), f"{uid}: {panel['title']}"
    counted = {"Lost and duplicate readings", "Last examples", "Hours with most alerts", *OF_THE_PAST}
    shown_as = {p["title"]: p["fieldConfig"]["defaults"]["noValue"] for _, p in tables() if p["title"] in counted}
    assert shown_as == dict.fromkeys(counted, "none")


def test_no_active_alert_is_only_shown_while_that_is_known() -> None:
    """The query of a table returns nothing in both cases; the number above it is 0 or NO DATA."""
    (active,) = [panel for _, panel in tables() if panel["title"] == "Active now"]
    assert active["fieldConfig"]["defaults"]["noValue"] == "none if Active is 0, else unknown"


def test_an_id_that_is_missing_is_not_shown_as_no_data() -> None:
    """An alert of no ward has none: `–`. Grafana shows an empty text as `noValue`."""
    named = [
        override for _, panel in tables() for override in panel["fieldConfig"]["overrides"]
        if override["matcher"]["options"] in ("bed", "Bed", "ward", "Ward", "device", "signal")
        and any(each["id"] == "mappings" for each in override["properties"])
    ]  # fmt: skip
    assert len(named) > 8
    for override in named:
        assert [each["value"] for each in override["properties"] if each["id"] == "noValue"] == ["–"], override


@pytest.mark.parametrize(("uid", "panel"), list(tables()), ids=[f"{uid}: {p['title']}" for uid, p in tables()])
def test_an_unacknowledged_and_an_active_alert_have_a_text_in_each_empty_cell(
    uid: str, panel: Mapping[str, Any]
) -> None:
    texts = {
        "Acknowledged by": "nobody", "Acknowledged after": "unacknowledged", "Ended": "active", "Duration": "active",
    }  # fmt: skip
    for name in columns(panel) & set(texts):
        props = shown(panel, name)
        assert nulls(props)[0]["text"] == props["noValue"] == texts[name], f"{uid}: {name}"
