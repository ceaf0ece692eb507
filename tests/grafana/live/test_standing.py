"""A wall that stands still says so by itself, whatever it is that has died; and it comes back by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from grafana.panels.colours import NO_DATA
from tests.grafana.live.hall import Hall
from tests.grafana.look import Look

pytestmark = pytest.mark.grafana


@contextmanager
def gone(hall: Hall, what: str) -> Iterator[None]:
    """One thing dead, or, where it could still be thought alive, in a coma."""
    if what == "influxdb":
        hall.influx.freeze()
        yield
        hall.influx.thaw()
    else:
        program = hall.grafana if what == "grafana" else hall.programs[what]
        program.kill()
        yield
        program.start()


@pytest.mark.parametrize("what", ["web", "influxdb", "grafana"])
def test_every_tile_says_that_it_stands_still(what: str, hall: Hall, look: Look) -> None:
    look.hang("ward-overview", "var-ward=All")
    hall.until(lambda: look.share(NO_DATA) < 0.03, 60, "a living wall does not show its beds")
    with gone(hall, what):
        hall.until(lambda: look.share(NO_DATA) > 0.6, 60, f"without {what} the wall does not say that it stands still")
    hall.until(lambda: look.share(NO_DATA) < 0.03, 120, f"with {what} back the wall does not")
