"""The ward overview: a tile for each bed, worst first, large enough, and never *no alert* without data."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from grafana.panels import colours
from grafana.panels.stale_cover import AFTER, BEATS, stale_cover
from tests.grafana.generated import config, dashboards, panels
from web.board.priority import BedPriority
from web.overview import snapshot
from web.overview.writer import EVERY

SCREEN, ROW, GAP, PADDING = 1080, 30, 8, 16  # pixels; Grafana's grid has rows of 30 with 8 between them
PLACES = 20
PRIORITIES = {str(priority) for priority in BedPriority}


@cache
def page() -> Mapping[str, Any]:
    found: Mapping[str, Any] = dashboards()["ward-overview"]
    return found


def tiles() -> list[Mapping[str, Any]]:
    return [panel for panel in panels(page()) if panel["type"] == "canvas"]


def elements(tile: Mapping[str, Any]) -> Mapping[str, Any]:
    return {element["name"]: element for element in tile["options"]["root"]["elements"]}


def mappings(tile: Mapping[str, Any], column: str) -> list[Any]:
    return [
        mapping
        for override in tile["fieldConfig"]["overrides"] if override["matcher"]["options"] == column
        for entry in override["properties"] if entry["id"] == "mappings"
        for mapping in entry["value"]
    ]  # fmt: skip


def colours_of(tile: Mapping[str, Any], column: str) -> dict[str, str]:
    """The colour of each priority, in a column with a colour for each."""
    (each, *_) = mappings(tile, column)
    return {value: entry["color"] for value, entry in each["options"].items()}


def box(element: Mapping[str, Any], tile: Mapping[str, Any]) -> tuple[float, float]:
    """Its width and height in pixels of a screen 1920 wide."""
    at, grid = element["placement"], tile["gridPos"]
    wide, high = grid["w"] / 24 * 1920 - GAP, grid["h"] * (ROW + GAP) - GAP
    return wide * (100 - at["left"] - at["right"]) / 100, high * (100 - at["top"] - at["bottom"]) / 100


def test_the_twenty_tiles_show_the_places_in_reading_order() -> None:
    read = sorted(tiles(), key=lambda tile: (tile["gridPos"]["y"], tile["gridPos"]["x"]))
    shown = [tile["transformations"][0]["options"] for tile in read]
    assert [entry["filters"][0]["fieldName"] for entry in shown] == ["place"] * PLACES
    assert [entry["filters"][0]["config"]["options"]["value"] for entry in shown] == [f"{n:02}" for n in range(1, 21)]
    assert {(entry["type"], entry["match"]) for entry in shown} == {("include", "all")}


def test_twenty_beds_fit_one_screen_without_scrolling() -> None:
    bottom = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in page()["panels"])
    assert bottom * (ROW + GAP) + PADDING <= SCREEN


@pytest.mark.parametrize("place", range(PLACES))
def test_a_tile_shows_name_priority_alert_unacknowledged_count_and_six_vital_signs_with_ages(place: int) -> None:
    tile = tiles()[place]
    shown = {
        element["config"]["text"]["field"]: name
        for name, element in elements(tile).items()
        if element["config"]["text"]["mode"] == "field"
    }
    vitals = [signal.name for signal in config().catalogue.vitals()]
    assert len(vitals) == 6
    wanted = {"bed_name", "priority", "summary", "unacknowledged", *vitals, *(f"{vital}_age" for vital in vitals)}
    assert wanted <= set(shown)
    asked = set(re.findall(r'AS "(\w+)"', page()["panels"][0]["targets"][0]["query"]))
    assert set(shown) <= asked
    assert tile["targets"][0]["panelId"] == page()["panels"][0]["id"], "all tiles show the result of one query"


def test_texts_can_be_read_from_three_metres() -> None:
    """Somebody with 6/6 vision reads texts of 4.4 mm from 3 m: 14 px of a screen 65 cm wide with 1920 pixels."""
    tile = tiles()[0]
    vitals = [signal.name for signal in config().catalogue.vitals()]
    for name in ("name", "priority", *vitals):
        assert elements(tile)[name]["config"]["size"] >= 26
    assert elements(tile)["summary"]["config"]["size"] >= 18
    longest = {"heart_rate": "188", "systolic_bp": "188", "diastolic_bp": "118", "spo2": "100", "temperature": "38.8",
               "respiratory_rate": "38"}  # fmt: skip
    for name, text in longest.items():
        wide, high = box(elements(tile)[name], tile)
        size = elements(tile)[name]["config"]["size"]
        assert size * 0.58 * len(text) <= wide, name
        assert size <= high, name


def test_each_priority_has_a_text_and_a_colour_of_its_own() -> None:
    assert set(colours.PRIORITIES) == PRIORITIES
    entry = list(colours.PRIORITIES.values())
    assert len({text for text, _ in entry}) == len({color for _, color in entry}) == len(entry)
    for tile in tiles():
        for column in ("priority", "band"):
            (texts,) = mappings(tile, column)
            assert {value: (e["text"], e["color"]) for value, e in texts["options"].items()} == colours.PRIORITIES


def test_signal_lost_and_no_data_have_the_colour_of_no_other_priority() -> None:
    lost, nothing = colours.PRIORITIES["signal lost"], colours.PRIORITIES["no data"]
    assert lost == ("SIGNAL LOST", colours.LOST)
    assert nothing == (colours.NO_DATA_TEXT, colours.NO_DATA)
    others = {
        color for priority, (_, color) in colours.PRIORITIES.items() if priority not in ("signal lost", "no data")
    }
    assert not {lost[1], nothing[1]} & others
    for tile in tiles():
        bodies = colours_of(tile, "body")
        assert bodies["no alert"] not in {bodies[priority] for priority in PRIORITIES - {"no alert"}}


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("priority", sorted(PRIORITIES))
def test_texts_have_enough_contrast(priority: str) -> None:
    """Large text needs 3:1 (WCAG 1.4.3), other text 4.5:1."""
    tile = tiles()[0]

    def contrast(one: str, other: str) -> float:
        light, dark = sorted((luminance(one), luminance(other)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    assert contrast(colours_of(tile, "text_colour")[priority], colours_of(tile, "band")[priority]) >= 3
    assert contrast("#ffffff", colours_of(tile, "body")[priority]) >= 4.5


def test_a_tile_is_covered_unless_a_recent_snapshot_makes_the_cover_transparent() -> None:
    for tile in tiles():
        found = elements(tile)
        assert found["cover"]["background"]["color"] == {"field": "cover", "fixed": colours.NO_DATA}
        assert found["cover text"]["config"]["text"]["fixed"] == colours.NO_DATA_TEXT
        assert found["cover text"]["config"]["color"] == {"field": "cover_text_colour", "fixed": "#ffffff"}
        for name in ("cover", "stale cover"):
            assert set(found[name]["placement"].values()) == {0}, "it covers all of the tile"
        order = list(found)
        assert order.index("cover") > max(
            i for i, name in enumerate(order) if not name.startswith(("cover", "stale cover"))
        )
        assert set(colours_of(tile, "cover")) == PRIORITIES
        assert set(colours_of(tile, "cover").values()) == {"transparent"}


def test_a_tile_shows_the_count_of_unacknowledged_alerts_unless_it_is_zero() -> None:
    for tile in tiles():
        (none,) = mappings(tile, "unacknowledged")
        assert (none["options"]["from"], none["options"]["to"], none["options"]["result"]["text"]) == (0, 0, " ")
        units = [p["value"] for o in tile["fieldConfig"]["overrides"] if o["matcher"]["options"] == "unacknowledged"
                 for p in o["properties"] if p["id"] == "unit"]  # fmt: skip
        assert units == ["suffix: unacknowledged"]


def test_an_old_number_has_another_colour_and_its_age_too() -> None:
    for tile in tiles():
        for vital in config().catalogue.vitals():
            age = f"{vital.name}_age"
            assert elements(tile)[vital.name]["config"]["color"]["field"] == age
            entry = {p["id"]: p["value"] for o in tile["fieldConfig"]["overrides"] if o["matcher"]["options"] == age
                    for p in o["properties"]}  # fmt: skip
            assert [step["value"] for step in entry["thresholds"]["steps"]] == [None, 15]
            assert entry["thresholds"]["steps"][1]["color"] == colours.LOST


def test_the_counts_above_the_tiles_have_a_colour_unless_they_are_zero() -> None:
    system, counts = list(panels(page()))[:2]
    asked = system["targets"][1]["query"]
    for stored in ("unacknowledged", "high", "medium", "lost", "no_data"):
        assert f'"{stored}" AS ' in asked
    for shown in ("Unacknowledged", "HIGH", "MEDIUM", "Signal lost", "No data"):
        (limits,) = [
            p["value"]["steps"] for o in counts["fieldConfig"]["overrides"] if o["matcher"]["options"] == shown
            for p in o["properties"] if p["id"] == "thresholds"
        ]  # fmt: skip
        assert [step["value"] for step in limits] == [None, 1]
        assert limits[1]["color"] != limits[0]["color"] == colours.NO_ALERT


def test_queries_read_only_the_newest_snapshot_of_the_last_seconds() -> None:
    for target in page()["panels"][0]["targets"]:
        assert "time > now() - 11s AND time <= now() - 1s" in target["query"], (
            "two snapshots, and the second in which one may be half written"
        )
        assert target["query"].endswith("ORDER BY time DESC LIMIT 1")
    assert 2 * EVERY + 1 <= 11


def test_a_tile_without_a_new_snapshot_is_covered_by_an_image() -> None:
    assert BEATS == snapshot.BEATS
    each = stale_cover().options
    assert isinstance(each, dict)
    images = [result.icon for result in each.values()]
    assert len(set(images)) == BEATS, "the animation starts anew only with another image"
    assert 2 * EVERY < AFTER < 3 * EVERY
    for image in images:
        assert image is not None
        svg = ElementTree.fromstring(unquote(image.removeprefix("data:image/svg+xml,")))
        assert svg.attrib["opacity"] == "0"
        (change,) = svg.findall("{http://www.w3.org/2000/svg}set")
        assert (change.attrib["attributeName"], change.attrib["to"], change.attrib["fill"]) == (
            "opacity",
            "1",
            "freeze",
        )
        assert change.attrib["begin"] == f"{AFTER}s"
        assert colours.NO_DATA_TEXT in "".join(svg.itertext())
        assert colours.NO_DATA in unquote(image)
    for tile in tiles():
        assert elements(tile)["stale cover"]["background"]["image"] == {"mode": "field", "field": "beat", "fixed": ""}
