"""A real Grafana: its home is named by `GRAFANA`. Without one nothing here runs, and nothing counts as passed."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.engines.engine import Engine
from tests.grafana.filled import Filled
from tests.grafana.live.hall import Hall
from tests.grafana.look import Look


@pytest.fixture(scope="session")
def hall(
    tmp_path_factory: pytest.TempPathFactory, mosquitto: Engine, kafka: Engine, influx: Engine, filled: Filled
) -> Iterator[Hall]:
    """Everything at work, with the first snapshots of the wall written."""
    home = Path(os.environ["GRAFANA"])
    made = Hall(tmp_path_factory.mktemp("hall"), home, (mosquitto, kafka, influx), filled)
    try:
        made.start()
        made.until(lambda: len(made.ours()) > 0, 240, "no alert of ours in Grafana's own view of them")
        begun = f"SELECT words FROM facts.episodes WHERE bed = 'icu-07' AND time >= {made.week.end}000"
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
def look(hall: Hall, browser: Browser) -> Iterator[Look]:
    """A tab of its own for each file of tests."""
    made = Look(browser, hall.grafana.url)
    yield made
    made.close()
