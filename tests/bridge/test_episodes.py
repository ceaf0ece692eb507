"""One point for each alert, overwritten at each change: a count of points is a count of alerts."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from bridge.store_points.alerts import alert_points
from bridge.store_points.episodes import episode_point
from ward.adapters.sqlite.store import SqliteStore
from ward.alert import EXTERNAL, Ack, Alert, State
from ward.clock import SECOND, Micros
from ward.finding import EndReason, Kind, Severity

T: Micros = 1_764_000_000 * SECOND
ALERT = Alert(
    id="e1",
    labels={"alertname": "hypoxia", "ward": "icu", "bed": "icu-07", "device_id": "mon-icu-07", "metric": "spo2"},
    annotations={"summary": "ICU bed 7: SpO2 84 % < 88", "description": "since 15:00\nknown after 15 s"},
    severity=Severity.MEDIUM, kind=Kind.PHYSIOLOGICAL, starts_at=T, updated_at=T + SECOND, value=84.0, limit=88.0,
)  # fmt: skip
WORSE = replace(ALERT, severity=Severity.HIGH, updated_at=T + 20 * SECOND, notified_at=T + 2 * SECOND)
TAKEN = replace(WORSE, updated_at=T + 90 * SECOND, ack=Ack(by="Nurse Ada", at=T + 90 * SECOND))
OVER = replace(
    TAKEN, updated_at=T + 300 * SECOND, state=State.ENDED, ends_at=T + 300 * SECOND, ended=EndReason.RECOVERED
)


def test_an_alert_is_one_point_however_often_it_changes(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    for alert in (ALERT, WORSE, TAKEN, OVER):
        store.write(list(alert_points(alert)))
    (point,) = store.rows("episodes", {}, T - SECOND, T + 1000 * SECOND, 10)
    assert (point.at, point.tags["alertname"], point.tags["bed"]) == (T, "hypoxia", "icu-07")
    assert point.fields["severity"] == "high"
    assert (point.fields["high"], point.fields["medium"], point.fields["severity_rank"]) == (1, 0, 3)
    assert (point.fields["active"], point.fields["ended"], point.fields["duration_s"]) == (0, "recovered", 300)
    assert (point.fields["acknowledged"], point.fields["acknowledged_after_s"], point.fields["notified_after_s"]) == (
        1,
        90,
        2,
    )
    assert point.fields["ends_ms"] == (T + 300 * SECOND) / 1000
    store.close()


@pytest.mark.parametrize("source", ["limits", EXTERNAL])
def test_an_alert_of_another_system_has_a_tag_that_says_so(source: str) -> None:
    """Grafana repeats the active alerts of Wardwatch, and would post its own ones as further ones."""
    (active,) = (p for p in alert_points(replace(ALERT, source=source)) if p.series.measurement == "active_alerts")
    assert dict(active.series.tags).get("source") == (EXTERNAL if source == EXTERNAL else None)


def test_a_fields_type_is_the_same_in_every_state_of_an_alert() -> None:
    points = [episode_point(alert) for alert in (ALERT, WORSE, TAKEN, OVER)]
    kinds = {(name, type(value)) for point in points for name, value in point.fields.items()}
    assert len(kinds) == len({name for name, _ in kinds})
    assert {kind for _, kind in kinds} == {float, str}


def test_a_withdrawn_acknowledgement_is_not_counted() -> None:
    fields = episode_point(replace(TAKEN, ack=None)).fields
    assert (fields["acknowledged"], fields["acknowledged_by"]) == (0, "")


def test_who_acknowledged_is_stored_as_a_stable_pseudonym() -> None:
    by = episode_point(TAKEN).fields["acknowledged_by"]
    assert by == episode_point(OVER).fields["acknowledged_by"]
    assert by != episode_point(replace(TAKEN, ack=Ack(by="Nurse Bo", at=T))).fields["acknowledged_by"]
    assert str(by).startswith("staff-")
    assert "Ada" not in repr(episode_point(TAKEN))


def test_texts_are_printable_and_bounded() -> None:
    assert episode_point(ALERT).fields["explanation"] == r"since 15:00\nknown after 15 s"
