"""The ward overview: a tile for each bed, worst first, large enough, and never *no alert* without data."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from grafana.dashboard_files import all_dashboards
from grafana.layout import screens
from grafana.panels import colours
from grafana.panels.bed_links import bed_links
from grafana.panels.stale_cover import AFTER, BEATS, stale_cover
from tests.grafana.generated import config, dashboards, panels
from ward.inventory import Bed, Inventory, Ward
from web.board.priority import BedPriority
from web.overview import snapshot
from web.overview.writer import EVERY

PLACES = 20
PRIORITIES = {str(priority) for priority in BedPriority}


@cache
def page() -> Mapping[str, Any]:
    found: Mapping[str, Any] = dashboards()["ward-overview"]
    return found


def tiles() -> list[Mapping[str, Any]]:
    return [panel for panel in panels(page()) if "place" in panel["options"]["root"]["name"]]


def counts() -> Mapping[str, Any]:
    """The panel above the tiles."""
    return next(panels(page()))


def elements(tile: Mapping[str, Any]) -> Mapping[str, Any]:
    return {element["name"]: element for element in tile["options"]["root"]["elements"]}


def overrides(tile: Mapping[str, Any], column: str) -> list[Any]:
    """Those of a column, given by its name or by an expression."""
    return [
        override for override in tile["fieldConfig"]["overrides"]
        if (wanted := override["matcher"]["options"]) == column
        or (override["matcher"]["id"] == "byRegexp" and re.search(wanted.strip("/"), column))
    ]  # fmt: skip


def mappings(tile: Mapping[str, Any], column: str) -> list[Any]:
    return [
        mapping
        for override in overrides(tile, column)
        for entry in override["properties"] if entry["id"] == "mappings"
        for mapping in entry["value"]
    ]  # fmt: skip


def colours_of(tile: Mapping[str, Any], column: str) -> dict[str, str]:
    """The colour of each priority, in a column with a colour for each."""
    (each, *_) = mappings(tile, column)
    return {value: entry["color"] for value, entry in each["options"].items()}


def test_the_twenty_tiles_show_the_places_in_reading_order() -> None:
    read = sorted(tiles(), key=lambda tile: (tile["gridPos"]["y"], tile["gridPos"]["x"]))
    shown = [tile["transformations"][0]["options"] for tile in read]
    assert [entry["filters"][0]["fieldName"] for entry in shown] == ["place"] * PLACES
    assert [entry["filters"][0]["config"]["options"]["value"] for entry in shown] == [f"{n:02}" for n in range(1, 21)]
    assert {(entry["type"], entry["match"]) for entry in shown} == {("include", "all")}


@pytest.mark.parametrize("place", range(PLACES))
def test_a_tile_shows_name_priority_alert_and_six_vital_signs_with_labels_and_ages(place: int) -> None:
    tile = tiles()[place]
    shown = {
        element["config"]["text"]["field"]: name
        for name, element in elements(tile).items()
        if element["config"].get("text", {}).get("mode") == "field"
    }
    vitals = [signal.name for signal in config().catalogue.vitals()]
    assert len(vitals) == 6
    of_each = (f"{vital}{part}" for vital in vitals for part in ("", "_age", "_beyond"))
    assert {"bed_name", "priority", "summary", "scores", *of_each} <= set(shown)
    asked = set(re.findall(r'AS "(\w+)"', page()["panels"][0]["targets"][0]["query"]))
    assert set(shown) <= asked
    assert tile["targets"][0]["panelId"] == page()["panels"][0]["id"], "all tiles show the result of one query"


WALLS = [(uid, screen) for uid, screen in (
    ("ward-overview-small", screens.SMALL), ("ward-overview", screens.FULL), ("ward-overview-large", screens.LARGE),
)]  # fmt: skip


@pytest.mark.parametrize(("uid", "screen"), WALLS)
def test_texts_can_be_read_from_three_metres_on_each_screen(uid: str, screen: screens.Screen) -> None:
    """Somebody with 6/6 vision reads texts of 4.4 mm from 3 m; the letters of a screen 65 cm wide are measured here."""
    for panel in panels(dashboards()[uid]):
        for element in panel["options"]["root"]["elements"]:
            if size := element["config"].get("size"):
                assert 650 / screen.width * size >= 4.4, element["name"]


@pytest.mark.parametrize(("uid", "screen"), WALLS)
def test_the_longest_texts_of_a_tile_fit(uid: str, screen: screens.Screen) -> None:
    tile = next(panel for panel in panels(dashboards()[uid]) if panel["id"] == 2)
    longest = {"heart_rate": "188", "systolic_bp": "188", "diastolic_bp": "118", "spo2": "100", "temperature": "38.8",
               "respiratory_rate": "38", "spo2_beyond": "▼SpO₂", "temperature_beyond": "▲Temp",
               "respiratory_rate_age": "99 s", "bed_name": "Medical bed 10", "priority": "NOT EVALUATED",
               "scores": "NEWS2 ≥ 14, rising, observation overdue"}  # fmt: skip
    wide, high = screens.pixels(screen, tile["gridPos"]["w"], tile["gridPos"]["h"])
    for name, text in longest.items():
        at, size = elements(tile)[name]["placement"], elements(tile)[name]["config"]["size"]
        of_each = 0.52 if name in ("bed_name", "scores") else 0.62  # letters are narrower than digits and capitals
        assert size * of_each * (len(text) - text.count(".") / 2) <= wide * (100 - at["left"] - at["right"]) / 100, name
        assert size <= high * (100 - at["top"] - at["bottom"]) / 100, name


@pytest.mark.parametrize(("uid", "screen"), WALLS)
def test_twenty_beds_and_their_counts_fit_each_screen(uid: str, screen: screens.Screen) -> None:
    assert max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in dashboards()[uid]["panels"]) <= screen.rows


@pytest.mark.parametrize("screen", screens.SCREENS, ids=lambda screen: str(screen.width))
@pytest.mark.parametrize("beds", [0, 1, 2, 5, 10, 20, 60, 99])
def test_tiles_are_as_large_as_the_screen_allows_and_never_too_small_to_read(beds: int, screen: screens.Screen) -> None:
    found = screens.tiles(screen, beds)
    assert found.scale >= screens.LEAST
    larger = [screens.Tiles(screen, across, height) for across in (1, 2, 3, 4, 6) for height in range(3, screen.rows)]
    assert not [each for each in larger if each.visible(beds) > found.visible(beds) and each.scale >= screens.LEAST]
    if found.visible(beds) == beds:
        assert not [each for each in larger if each.visible(beds) == beds and each.scale > found.scale + 1e-9]


def test_each_ward_has_an_overview_with_as_many_tiles_as_beds() -> None:
    for ward in config().inventory.wards.values():
        beds = [bed for bed in config().inventory.beds.values() if bed.ward == ward.id]
        if not beds:
            assert f"ward-overview-{ward.id}" not in dashboards()
            continue
        for screen in ("", "-small", "-large"):
            first, *places = panels(dashboards()[f"ward-overview-{ward.id}{screen}"])
            assert len(places) == len(beds)
            assert all(f"\"ward\" = '{ward.id}'" in target["query"] for target in first["targets"])


def test_a_hospital_without_beds_has_an_overview_without_tiles_and_a_ward_without_beds_none() -> None:
    wards = config().inventory.wards.values()
    empty = {page.uid: page for page in all_dashboards(replace(config(), inventory=Inventory(wards=wards)))}
    assert {uid for uid in empty if uid.startswith("ward-overview")} == {
        "ward-overview", "ward-overview-small", "ward-overview-large",
    }  # fmt: skip
    assert len(json.loads(empty["ward-overview"].json())["panels"]) == 1


def test_the_uid_of_an_overview_is_valid_whatever_the_id_of_its_ward() -> None:
    wards = [Ward(id=id_, name=id_) for id_ in ("w" * 64, "a.b", "c")]
    beds = [Bed(id=f"bed-{n}", ward=ward.id, label=str(n)) for n, ward in enumerate(wards)]
    made = all_dashboards(replace(config(), inventory=Inventory(wards=wards, beds=beds)))
    uids = [page.uid for page in made]
    assert len(set(uids)) == len(uids) == 7 + 2 + 9
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,40}", uid) for uid in uids)


def test_a_text_that_is_too_long_is_covered_by_what_is_below_it() -> None:
    """A name that needs a second line would stand black on dark."""
    for tile in tiles():
        order = list(elements(tile))
        assert order.index("body") > max(order.index(name) for name in ("band", "bed_name", "priority"))
        assert order.index("summary") < order.index("below") < order.index("spo2")


def test_a_click_on_a_tile_leads_to_its_bed_in_the_time_range_of_the_overview() -> None:
    for tile in tiles():
        assert list(elements(tile))[-1] == "link to the bed", "nothing is in front of it"
        (links,) = mappings(tile, "bed")
        assert set(links["options"]) == set(config().inventory.beds)
        for bed, result in links["options"].items():
            svg = ElementTree.fromstring(unquote(result["icon"].removeprefix("data:image/svg+xml,")))
            (link,) = svg.findall("{http://www.w3.org/2000/svg}a")
            ward = config().inventory.beds[bed].ward
            assert (
                link.attrib["href"] == f"d/ward-bed?var-ward={ward}&var-bed={bed}&from={page()['time']['from']}&to=now"
            )


def test_a_name_of_a_bed_with_signs_of_markup_stays_text() -> None:
    hostile = Bed(id="b", ward="w", label="<a href='x'>\"&")
    (result,) = bed_links([hostile]).options.values()  # type: ignore[union-attr]
    svg = ElementTree.fromstring(unquote(str(result.icon).removeprefix("data:image/svg+xml,")))
    (link,) = svg.iter("{http://www.w3.org/2000/svg}a")
    assert link.attrib["aria-label"] == "<a href='x'>\"&: its curves"


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
    """Text needs 4.5:1 (WCAG 1.4.3), also the label of a value beyond its limit, which has a lighter ground."""
    tile = tiles()[0]

    def contrast(one: str, other: str) -> float:
        light, dark = sorted((luminance(one), luminance(other)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    assert contrast(colours_of(tile, "text_colour")[priority], colours_of(tile, "band")[priority]) >= 4.5
    body = colours_of(tile, "body")[priority]
    beyond = re.findall(r"[\d.]+", mappings(tile, "spo2_beyond")[0]["options"]["1"]["color"])
    assert beyond[:3] == ["255"] * 3
    parts = [int(body[i : i + 2], 16) for i in (1, 3, 5)]
    lighter = "#" + "".join(f"{round(p + (255 - p) * float(beyond[3])):02x}" for p in parts)
    for ground in (body, lighter):
        assert contrast("#ffffff", ground) >= 4.5
        assert contrast(colours.LOST_TEXT, ground) >= 4.5, "an old number"


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
            i for i, name in enumerate(order) if not name.startswith(("cover", "stale cover", "link"))
        )
        assert set(colours_of(tile, "cover")) == PRIORITIES
        assert set(colours_of(tile, "cover").values()) == {"transparent"}


def test_an_old_number_has_another_colour_and_its_age_too() -> None:
    for tile in tiles():
        for vital in config().catalogue.vitals():
            age = f"{vital.name}_age"
            assert elements(tile)[vital.name]["config"]["color"]["field"] == age
            entry = {p["id"]: p["value"] for o in overrides(tile, age) for p in o["properties"]}
            assert [step["value"] for step in entry["thresholds"]["steps"]] == [None, 15]
            assert entry["thresholds"]["steps"][1]["color"] == colours.LOST_TEXT


def test_each_count_has_a_colour_unless_it_is_zero_and_is_violet_without_data() -> None:
    asked = counts()["targets"][1]["query"]
    for stored in ("unacknowledged", "high", "medium", "not_evaluated", "lost", "no_data"):
        assert f'"{stored}" AS ' in asked
        zero, more, nothing = mappings(counts(), f"{stored}_fill")
        assert zero["options"]["result"]["color"] == colours.NO_ALERT != more["options"]["result"]["color"]
        assert nothing["options"]["result"]["color"] == colours.NO_DATA
        assert elements(counts())[f"{stored} fill"]["background"]["color"]["fixed"] == colours.NO_DATA


@pytest.mark.guarantee("A Grafana wall that gets no new data shows no figure and no count as if it were known now.")
def test_the_counts_are_covered_like_the_tiles_without_a_new_snapshot() -> None:
    found = elements(counts())
    assert found["cover"]["background"]["color"] == {"field": "cover", "fixed": colours.NO_DATA}
    assert found["stale cover"]["background"]["image"] == {"mode": "field", "field": "beat", "fixed": ""}
    assert list(found)[-3:] == ["cover", "stale cover", "cover text"], "in front of the rest"
    for name in ("cover", "stale cover"):
        assert set(found[name]["placement"].values()) == {0}, "it covers all of the panel"
    assert len(mappings(counts(), "beat")[0]["options"]) == BEATS


def test_more_beds_than_tiles_are_reported_above_the_tiles() -> None:
    known, more = mappings(counts(), "beds")
    assert known["options"]["to"] == more["options"]["from"] == PLACES
    assert "more beds than the 20 tiles" in more["options"]["result"]["text"]


def test_queries_read_only_the_newest_snapshot_of_the_last_seconds() -> None:
    for target in page()["panels"][0]["targets"]:
        assert "time > now() - 11s AND time <= now() - 1s" in target["query"], (
            "two snapshots, and the second in which one may be half written"
        )
        assert target["query"].endswith("ORDER BY time DESC LIMIT 1")
    assert 2 * EVERY + 1 <= 11


def test_a_tile_without_a_new_snapshot_is_covered_by_an_image() -> None:
    assert BEATS == snapshot.BEATS
    each = stale_cover(44).options
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
