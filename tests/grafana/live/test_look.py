"""What stands on the dashboards in a real Grafana, on a wall and on a phone."""

import os
import re
from pathlib import Path

import pytest

from grafana.layout.dashboard import TITLES
from tests.grafana.live.hall import Hall
from tests.grafana.look import Look

pytestmark = pytest.mark.grafana

QUERIES = {"ward-bed": "var-ward=icu&var-bed=icu-07", "ward-overview": "var-ward=All"}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go: `WARDWATCH_PICTURES`, or away."""
    return Path(os.environ.get("WARDWATCH_PICTURES") or tmp_path_factory.mktemp("pictures"))


@pytest.mark.parametrize("uid", list(TITLES))
def test_every_panel_shows_what_there_is_and_none_is_in_error(uid: str, hall: Hall, look: Look, pictures: Path) -> None:
    query = QUERIES.get(uid, "")
    panels = look.at(uid, query)
    look.picture(uid, query, pictures / f"grafana-{uid}.png")
    look.picture(uid, query, pictures / f"grafana-{uid}-phone.png", 390, 844)
    assert len(panels) > 3
    assert [panel.title for panel in panels if panel.error] == []
    if uid != "ward-overview":  # under each tile of the wall lies a word for when it stands still
        assert [panel.title for panel in panels if panel.empty] == []


def test_a_bed_is_there_once_even_while_it_moves_on_the_wall(hall: Hall, look: Look) -> None:
    (now,) = [panel for panel in look.at("ward-bed", QUERIES["ward-bed"]) if panel.title == "Now"]
    assert now.words.count("ICU bed 7") == 1
    assert re.search(r"^(HIGH|MEDIUM|LOW)$", now.words, re.MULTILINE)


def test_each_tile_has_its_six_numbers_and_their_ages(hall: Hall, look: Look) -> None:
    tiles = [panel for panel in look.at("ward-overview", QUERIES["ward-overview"]) if " bed " in panel.title]
    assert len(tiles) == 20
    for tile in tiles:
        assert len(re.findall(r"^\d+(\.\d)?$", tile.words, re.MULTILINE)) >= 6, tile.words
        assert len(re.findall(r"\d+ s$", tile.words, re.MULTILINE)) >= 6, tile.words


def test_the_wall_needs_no_scrolling(hall: Hall, look: Look, tmp_path: Path) -> None:
    look.picture("ward-overview", QUERIES["ward-overview"], tmp_path / "wall.png")
    assert look.bottom() <= 1080


def test_where_nobody_is_there_is_no_data(hall: Hall, look: Look) -> None:
    panels = look.at("ward-bed", "var-ward=icu&var-bed=nobody")
    assert [panel.title for panel in panels if panel.error] == []
    assert any(panel.empty for panel in panels)


def test_a_name_that_tries_to_break_out_finds_nothing(hall: Hall, look: Look) -> None:
    panels = look.at("ward-bed", "var-ward=icu&var-bed=" + "%27%20OR%20%22bed%22%20%3D~%20%2F.*%2F%3B")
    assert [panel.title for panel in panels if panel.error] == []
    assert any(panel.empty for panel in panels)


def test_grafana_has_nothing_to_complain_of(hall: Hall) -> None:
    said = [line for line in hall.grafana.complaints() if "provisioning" in line or "ngalert" in line]
    assert said == []
