"""The wall: a bed a tile, worst first, large enough, and never fine by mistake."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from grafana import palette
from grafana.watch import AFTER, BEATS, watch
from tests.grafana.given import config, dashboards, panels
from web.presentation import wall_snapshot
from web.presentation.bed_priority import BedPriority
from web.presentation.wall_writer import EVERY

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
        for said in override["properties"] if said["id"] == "mappings"
        for mapping in said["value"]
    ]  # fmt: skip


def colours(tile: Mapping[str, Any], column: str) -> dict[str, str]:
    """The colour of each priority in a column that has one for each."""
    (each, *_) = mappings(tile, column)
    return {value: said["color"] for value, said in each["options"].items()}


def box(element: Mapping[str, Any], tile: Mapping[str, Any]) -> tuple[float, float]:
    """Its width and height in pixels of a screen 1920 wide."""
    at, grid = element["placement"], tile["gridPos"]
    wide, high = grid["w"] / 24 * 1920 - GAP, grid["h"] * (ROW + GAP) - GAP
    return wide * (100 - at["left"] - at["right"]) / 100, high * (100 - at["top"] - at["bottom"]) / 100


def test_twenty_tiles_show_the_places_in_their_order_left_to_right_and_down() -> None:
    read = sorted(tiles(), key=lambda tile: (tile["gridPos"]["y"], tile["gridPos"]["x"]))
    shown = [tile["transformations"][0]["options"] for tile in read]
    assert [said["filters"][0]["fieldName"] for said in shown] == ["place"] * PLACES
    assert [said["filters"][0]["config"]["options"]["value"] for said in shown] == [f"{n:02}" for n in range(1, 21)]
    assert {(said["type"], said["match"]) for said in shown} == {("include", "all")}


def test_twenty_beds_are_on_one_screen_without_scrolling() -> None:
    bottom = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in page()["panels"])
    assert bottom * (ROW + GAP) + PADDING <= SCREEN


@pytest.mark.parametrize("place", range(PLACES))
def test_a_tile_has_name_need_words_the_untaken_and_six_vitals_with_their_ages(place: int) -> None:
    tile = tiles()[place]
    shown = {
        element["config"]["text"]["field"]: name
        for name, element in elements(tile).items()
        if element["config"]["text"]["mode"] == "field"
    }
    vitals = [signal.name for signal in config().catalogue.vitals()]
    assert len(vitals) == 6
    wanted = {"bed_name", "priority", "words", "unacknowledged", *vitals, *(f"{vital}_age" for vital in vitals)}
    assert wanted <= set(shown)
    asked = set(re.findall(r'AS "(\w+)"', page()["panels"][0]["targets"][0]["query"]))
    assert set(shown) <= asked
    assert tile["targets"][0]["panelId"] == page()["panels"][0]["id"], "all tiles are of one answer"


def test_what_is_read_from_three_metres_is_large_enough() -> None:
    """The smallest that somebody with 6/6 reads from 3 m is 4.4 mm high: 14 px of a wall 65 cm wide at 1920."""
    tile = tiles()[0]
    vitals = [signal.name for signal in config().catalogue.vitals()]
    for name in ("name", "priority", *vitals):
        assert elements(tile)[name]["config"]["size"] >= 26
    assert elements(tile)["words"]["config"]["size"] >= 18
    longest = {"heart_rate": "188", "systolic_bp": "188", "diastolic_bp": "118", "spo2": "100", "temperature": "38.8",
               "respiratory_rate": "38"}  # fmt: skip
    for name, text in longest.items():
        wide, high = box(elements(tile)[name], tile)
        size = elements(tile)[name]["config"]["size"]
        assert size * 0.58 * len(text) <= wide, name
        assert size <= high, name


def test_each_state_has_a_word_and_a_colour_of_its_own() -> None:
    assert set(palette.PRIORITIES) == PRIORITIES
    said = list(palette.PRIORITIES.values())
    assert len({text for text, _ in said}) == len({color for _, color in said}) == len(said)
    for tile in tiles():
        for column in ("priority", "band"):
            (words,) = mappings(tile, column)
            assert {value: (e["text"], e["color"]) for value, e in words["options"].items()} == palette.PRIORITIES


def test_a_signal_that_is_lost_and_no_data_are_no_colour_of_an_alarm_and_not_fine() -> None:
    lost, nothing = palette.PRIORITIES["signal lost"], palette.PRIORITIES["no data"]
    assert lost == ("SIGNAL LOST", palette.LOST)
    assert nothing == (palette.NO_DATA_WORDS, palette.NO_DATA)
    others = {
        color for priority, (_, color) in palette.PRIORITIES.items() if priority not in ("signal lost", "no data")
    }
    assert not {lost[1], nothing[1]} & others
    for tile in tiles():
        bodies = colours(tile, "body")
        assert bodies["no alert"] not in {bodies[priority] for priority in PRIORITIES - {"no alert"}}


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("priority", sorted(PRIORITIES))
def test_words_on_a_band_and_on_a_body_can_be_read(priority: str) -> None:
    """Large text needs 3:1 (WCAG 1.4.3), other text 4.5:1."""
    tile = tiles()[0]

    def contrast(one: str, other: str) -> float:
        light, dark = sorted((luminance(one), luminance(other)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    assert contrast(colours(tile, "ink")[priority], colours(tile, "band")[priority]) >= 3
    assert contrast("#ffffff", colours(tile, "body")[priority]) >= 4.5


def test_a_tile_is_covered_unless_a_fresh_snapshot_says_otherwise() -> None:
    for tile in tiles():
        found = elements(tile)
        assert found["cover"]["background"]["color"] == {"field": "cover", "fixed": palette.NO_DATA}
        assert found["cover words"]["config"]["text"]["fixed"] == palette.NO_DATA_WORDS
        assert found["cover words"]["config"]["color"] == {"field": "cover_ink", "fixed": "#ffffff"}
        for name in ("cover", "watch"):
            assert set(found[name]["placement"].values()) == {0}, "it covers all of the tile"
        order = list(found)
        assert order.index("cover") > max(i for i, name in enumerate(order) if not name.startswith(("cover", "watch")))
        assert set(colours(tile, "cover")) == PRIORITIES
        assert set(colours(tile, "cover").values()) == {"transparent"}


def test_what_is_not_taken_is_counted_on_the_tile_and_nothing_is_said_of_none() -> None:
    for tile in tiles():
        (none,) = mappings(tile, "unacknowledged")
        assert (none["options"]["from"], none["options"]["to"], none["options"]["result"]["text"]) == (0, 0, " ")
        units = [p["value"] for o in tile["fieldConfig"]["overrides"] if o["matcher"]["options"] == "unacknowledged"
                 for p in o["properties"] if p["id"] == "unit"]  # fmt: skip
        assert units == ["suffix: not taken"]


def test_a_number_that_is_old_changes_its_colour_and_its_age_says_so() -> None:
    for tile in tiles():
        for vital in config().catalogue.vitals():
            age = f"{vital.name}_age"
            assert elements(tile)[vital.name]["config"]["color"]["field"] == age
            said = {p["id"]: p["value"] for o in tile["fieldConfig"]["overrides"] if o["matcher"]["options"] == age
                    for p in o["properties"]}  # fmt: skip
            assert [step["value"] for step in said["thresholds"]["steps"]] == [None, 15]
            assert said["thresholds"]["steps"][1]["color"] == palette.LOST


def test_the_counts_above_say_what_nobody_has_taken_what_is_lost_and_what_is_blind() -> None:
    system, counts = list(panels(page()))[:2]
    asked = system["targets"][1]["query"]
    for stored in ("unacknowledged", "high", "medium", "lost", "no_data"):
        assert f'"{stored}" AS ' in asked
    for shown in ("Nobody has taken", "HIGH", "MEDIUM", "Signal lost", "No data"):
        (limits,) = [
            p["value"]["steps"] for o in counts["fieldConfig"]["overrides"] if o["matcher"]["options"] == shown
            for p in o["properties"] if p["id"] == "thresholds"
        ]  # fmt: skip
        assert [step["value"] for step in limits] == [None, 1]
        assert limits[1]["color"] != limits[0]["color"] == palette.FINE


def test_only_the_newest_snapshot_of_the_last_seconds_is_asked_for() -> None:
    for target in page()["panels"][0]["targets"]:
        assert "time > now() - 11s AND time <= now() - 1s" in target["query"], (
            "two snapshots, and the one in the making"
        )
        assert target["query"].endswith("ORDER BY time DESC LIMIT 1")
    assert 2 * EVERY + 1 <= 11


def test_a_picture_covers_a_tile_that_is_not_renewed_in_time() -> None:
    assert BEATS == wall_snapshot.BEATS
    each = watch().options
    assert isinstance(each, dict)
    pictures = [said.icon for said in each.values()]
    assert len(set(pictures)) == BEATS, "another picture for each beat, or none would begin anew"
    assert 2 * EVERY < AFTER < 3 * EVERY
    for picture in pictures:
        assert picture is not None
        drawn = ElementTree.fromstring(unquote(picture.removeprefix("data:image/svg+xml,")))
        assert drawn.attrib["opacity"] == "0"
        (change,) = drawn.findall("{http://www.w3.org/2000/svg}set")
        assert (change.attrib["attributeName"], change.attrib["to"], change.attrib["fill"]) == (
            "opacity",
            "1",
            "freeze",
        )
        assert change.attrib["begin"] == f"{AFTER}s"
        assert palette.NO_DATA_WORDS in "".join(drawn.itertext())
        assert palette.NO_DATA in unquote(picture)
    for tile in tiles():
        assert elements(tile)["watch"]["background"]["image"] == {"mode": "field", "field": "beat", "fixed": ""}
