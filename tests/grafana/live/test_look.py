"""What stands on the dashboards in a real Grafana, on a wall and on a phone."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from grafana.dashboard import PAGES
from tests.grafana.live.hall import Hall
from tests.grafana.look import Look

pytestmark = pytest.mark.grafana

# Which panels may be empty after a week in which everything happened, and why.
MAY_BE_EMPTY: dict[str, set[str]] = {}
QUERIES = {"ward-bed": "var-ward=icu&var-bed=icu-07", "ward-overview": "var-ward=All"}


@pytest.fixture(scope="module")
def look(hall: Hall, browser: Browser) -> Iterator[Look]:
    made = Look(browser, hall.grafana.url)
    yield made
    made.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go: `WARDWATCH_PICTURES`, or away."""
    return Path(os.environ.get("WARDWATCH_PICTURES") or tmp_path_factory.mktemp("pictures"))


@pytest.mark.parametrize("uid", list(PAGES))
def test_every_panel_shows_what_there_is_and_none_is_in_error(uid: str, hall: Hall, look: Look, pictures: Path) -> None:
    query = QUERIES.get(uid, "")
    panels = look.at(uid, query)
    look.picture(uid, query, pictures / f"grafana-{uid}.png")
    look.picture(uid, query, pictures / f"grafana-{uid}-phone.png", 390, 844)
    assert len(panels) > 3
    assert [panel.title for panel in panels if panel.error] == []
    empty = {panel.title for panel in panels if panel.empty}
    assert empty - MAY_BE_EMPTY.get(uid, set()) == set()


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
