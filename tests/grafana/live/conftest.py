"""A real Grafana, whose home folder is in the variable `GRAFANA`. Without one no test here runs or passes."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.engines.engine import Engine
from tests.grafana.filled_influxdb import FilledInfluxdb
from tests.grafana.live.browser import BrowserTab
from tests.grafana.live.site import Site


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory, mosquitto: Engine, kafka: Engine, influx: Engine, filled: FilledInfluxdb
) -> Iterator[Site]:
    """The site with all programs running and the first alert written."""
    home = Path(os.environ["GRAFANA"])
    made = Site(tmp_path_factory.mktemp("site"), home, (mosquitto, kafka, influx), filled)
    try:
        made.start()
        made.until(lambda: len(made.our_alerts()) > 0, 240, "no alert of Wardwatch in Grafana")
        begun = f"SELECT summary FROM facts.episodes WHERE bed = 'icu-07' AND time >= {made.week.end}000"
        made.until(lambda: made.week.rows(begun), 240, "no alert of the simulators' first patient in InfluxDB")
        yield made
    finally:
        made.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a screen."""
    path = os.environ.get("WARDWATCH_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield made
        made.close()


@pytest.fixture(scope="module")
def tab(site: Site, browser: Browser) -> Iterator[BrowserTab]:
    """A tab of its own for each file of tests."""
    made = BrowserTab(browser, site.grafana.url)
    yield made
    made.close()
