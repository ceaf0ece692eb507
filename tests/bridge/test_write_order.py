"""While the store is away and back, what is written last about an alert is its newest version."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.bridge.test_archive import ArchiveHarness
from tests.bridge.test_episodes import ALERT, OVER
from ward.alert import Alert
from ward.clock import SECOND
from ward.errors import StoreUnavailable
from ward.ports import Point
from ward.retention_policy import RetentionPolicy
from ward.topics import ALERTS
from ward.wire import ALERT_WIRE


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[ArchiveHarness]:
    harness = ArchiveHarness(tmp_path)
    yield harness
    harness.archive.close()
    harness.store.close()


def send(harness: ArchiveHarness, *alerts: Alert) -> None:
    harness.log.send(ALERTS, [(alert.id, ALERT_WIRE.encode(alert)) for alert in alerts])


def refuse_once(harness: ArchiveHarness, severity: str) -> None:
    """The store does not answer the first write that holds an alert of this severity."""
    write, waiting = harness.store.write, [True]

    def once(points: Sequence[Point], policy: RetentionPolicy | None = None) -> None:
        if waiting and any(point.fields.get("severity") == severity for point in points):
            waiting.clear()
            raise StoreUnavailable("away for this one")
        write(points, policy)

    harness.store.write = once  # type: ignore[method-assign]


def store_all(harness: ArchiveHarness, records: int) -> None:
    for _ in range(20):
        records -= harness.archive.step(0, limit=1)
        harness.clock.advance(11)
    assert records == 0


@pytest.mark.guarantee("An older version of an alert never replaces a newer one in history, with the store away too.")
def test_an_older_version_of_an_alert_is_not_written_after_a_newer_one(harness: ArchiveHarness) -> None:
    harness.send(3)
    send(harness, ALERT)
    harness.send(3, start=3)
    send(harness, OVER)
    refuse_once(harness, "medium")
    store_all(harness, 8)
    assert harness.stored() == [60.0 + n for n in range(6)]
    (row,) = harness.store.rows("episodes", {}, ALERT.starts_at, ALERT.starts_at + SECOND, 10)
    assert (row.fields["active"], row.fields["severity"], row.fields["ended"]) == (0, "high", "recovered")
