"""The dashboards in a real Grafana, on a large screen and on a phone."""

import os
import re
from pathlib import Path

import pytest

from grafana.layout.dashboard import TITLES
from tests.grafana.live.browser import BrowserTab
from tests.grafana.live.site import Site

pytestmark = pytest.mark.grafana

QUERIES = {"ward-bed": "var-ward=icu&var-bed=icu-07", "ward-overview": ""}


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for screenshots: `WARDWATCH_SCREENSHOTS`, or a temporary one."""
    return Path(os.environ.get("WARDWATCH_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))


@pytest.mark.parametrize("uid", list(TITLES))
def test_every_panel_has_data_and_no_error(uid: str, site: Site, tab: BrowserTab, screenshots: Path) -> None:
    query = QUERIES.get(uid, "")
    panels = tab.panels(uid, query)
    tab.screenshot(uid, query, screenshots / f"grafana-{uid}.png")
    tab.screenshot(uid, query, screenshots / f"grafana-{uid}-phone.png", 390, 844)
    assert len(panels) > 3
    assert [panel.title for panel in panels if panel.error] == []
    if not uid.startswith("ward-overview"):  # each tile contains the hidden text of its cover
        assert [panel.title for panel in panels if panel.empty] == []


def test_a_bed_is_listed_once_while_it_moves_on_the_overview(site: Site, tab: BrowserTab) -> None:
    (now,) = [panel for panel in tab.panels("ward-bed", QUERIES["ward-bed"]) if panel.title == "Now"]
    assert now.text.count("ICU bed 7") == 1
    assert re.search(r"^(HIGH|MEDIUM|LOW)$", now.text, re.MULTILINE)


def test_each_tile_has_six_numbers_and_their_ages(site: Site, tab: BrowserTab) -> None:
    tiles = [panel for panel in tab.panels("ward-overview") if re.search(r"^\w+ bed \d+$", panel.text, re.MULTILINE)]
    assert len(tiles) == 20
    for tile in tiles:
        assert len(re.findall(r"^\d+(\.\d)?$", tile.text, re.MULTILINE)) >= 6, tile.text
        assert len(re.findall(r"\d+ s$", tile.text, re.MULTILINE)) >= 6, tile.text


WALLS = [
    ("ward-overview-small", 1280, 720), ("ward-overview-small", 1366, 768), ("ward-overview", 1920, 1080),
    ("ward-overview-large", 3840, 2160),
]  # fmt: skip


@pytest.mark.parametrize(("uid", "width", "height"), WALLS)
def test_the_texts_of_a_wall_can_be_read(
    uid: str, width: int, height: int, site: Site, tab: BrowserTab, screenshots: Path
) -> None:
    tab.open(uid, "", width, height)
    site.until(lambda: len(tab.texts()) > 20 * 18, 60, "the overview shows no beds")
    texts = tab.texts()
    tab.keep(screenshots / f"grafana-{uid}-{width}.png")
    pairs = [(one, two) for i, one in enumerate(texts) for two in texts[i + 1 :] if one.panel == two.panel]
    assert [(one.text, two.text) for one, two in pairs if one.overlaps(two)] == []
    assert [text.text for text in texts if text.outside] == []
    assert [(text.text, text.contrast) for text in texts if text.contrast < 4.5] == []
    smallest = min(650 / width * text.size for text in texts)
    assert smallest >= 4.4, "in mm on a screen 65 cm wide: what is read from three metres"
    assert tab.bottom() <= height


@pytest.mark.parametrize(("uid", "width", "height"), WALLS)
def test_a_click_on_a_tile_leads_to_its_bed_in_the_time_range_of_the_overview(
    uid: str, width: int, height: int, site: Site, tab: BrowserTab
) -> None:
    tab.open(uid, "", width, height)
    site.until(lambda: len(tab.texts()) > 20 * 18, 60, "the overview shows no beds")
    assert tab.follow("ICU bed 7: its curves") == "/d/ward-bed?var-ward=icu&var-bed=icu-07&from=now-6h&to=now"


def test_the_overview_of_a_ward_has_a_tile_for_each_of_its_beds_and_no_other(site: Site, tab: BrowserTab) -> None:
    texts = [panel.text for panel in tab.panels("ward-overview-icu")]
    beds = [re.findall(r"^(?:ICU|Medical) bed \d+$", text, re.MULTILINE) for text in texts[1:]]
    assert sorted(name for names in beds for name in names) == sorted(f"ICU bed {n}" for n in range(1, 11))


def test_an_unknown_bed_has_no_data(site: Site, tab: BrowserTab) -> None:
    panels = tab.panels("ward-bed", "var-ward=icu&var-bed=nobody")
    assert [panel.title for panel in panels if panel.error] == []
    assert any(panel.empty for panel in panels)


def test_a_hostile_name_finds_nothing(site: Site, tab: BrowserTab) -> None:
    panels = tab.panels("ward-bed", "var-ward=icu&var-bed=" + "%27%20OR%20%22bed%22%20%3D~%20%2F.*%2F%3B")
    assert [panel.title for panel in panels if panel.error] == []
    assert any(panel.empty for panel in panels)


def test_grafana_logs_no_error(site: Site) -> None:
    errors = [line for line in site.grafana.errors_logged() if "provisioning" in line or "ngalert" in line]
    assert errors == []
