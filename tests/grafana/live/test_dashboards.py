"""The dashboards in a real Grafana, on a large screen and on a phone."""

import os
import re
from pathlib import Path

import pytest

from grafana.layout.dashboard import TITLES
from tests.grafana.live.browser import BrowserTab
from tests.grafana.live.site import Site

pytestmark = pytest.mark.grafana

QUERIES = {"ward-bed": "var-ward=icu&var-bed=icu-07", "ward-overview": "var-ward=All"}


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
    if uid != "ward-overview":  # each tile contains the hidden text of its cover
        assert [panel.title for panel in panels if panel.empty] == []


def test_a_bed_is_listed_once_while_it_moves_on_the_overview(site: Site, tab: BrowserTab) -> None:
    (now,) = [panel for panel in tab.panels("ward-bed", QUERIES["ward-bed"]) if panel.title == "Now"]
    assert now.text.count("ICU bed 7") == 1
    assert re.search(r"^(HIGH|MEDIUM|LOW)$", now.text, re.MULTILINE)


def test_each_tile_has_six_numbers_and_their_ages(site: Site, tab: BrowserTab) -> None:
    tiles = [panel for panel in tab.panels("ward-overview", QUERIES["ward-overview"]) if " bed " in panel.title]
    assert len(tiles) == 20
    for tile in tiles:
        assert len(re.findall(r"^\d+(\.\d)?$", tile.text, re.MULTILINE)) >= 6, tile.text
        assert len(re.findall(r"\d+ s$", tile.text, re.MULTILINE)) >= 6, tile.text


def test_the_overview_fits_one_screen(site: Site, tab: BrowserTab, tmp_path: Path) -> None:
    tab.screenshot("ward-overview", QUERIES["ward-overview"], tmp_path / "overview.png")
    assert tab.bottom() <= 1080


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
