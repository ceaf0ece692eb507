"""An overview without new data shows NO DATA by itself, whatever has failed; with new data it recovers by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from grafana.panels.colours import NO_DATA
from tests.grafana.live.browser import BrowserTab
from tests.grafana.live.site import Site

pytestmark = pytest.mark.grafana
COUNTS = 122  # pixels above the tiles


@contextmanager
def failed(site: Site, what: str) -> Iterator[None]:
    """One component killed, or frozen where a dead one would be noticed too easily."""
    if what == "influxdb":
        site.influx.freeze()
        yield
        site.influx.thaw()
    else:
        program = site.grafana if what == "grafana" else site.programs[what]
        program.kill()
        yield
        program.start()


@pytest.mark.parametrize("what", ["web", "influxdb", "grafana"])
def test_every_tile_and_count_shows_no_data_until_data_come_again(what: str, site: Site, tab: BrowserTab) -> None:
    tab.open("ward-overview")
    site.until(lambda: tab.share(NO_DATA) < 0.03, 60, "the overview shows no beds")
    with failed(site, what):
        site.until(lambda: tab.share(NO_DATA) > 0.6, 60, f"without {what} the overview does not show NO DATA")
        above = tab.share(NO_DATA, upper=COUNTS)
        assert above > 0.6, f"without {what} the counts above the tiles are shown as if they were known"
    site.until(lambda: tab.share(NO_DATA) < 0.03, 120, f"with {what} again the overview shows no beds")
