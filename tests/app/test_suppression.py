"""What suppresses an alert now, as `routes test --live` reports it."""

from typing import Any

import pytest

from app.routing import suppression
from app.routing.hypothetical_alert import hypothetical_alert
from tests.config.test_shipped import shipped

LABELS = {"alertname": "tachycardia", "severity": "medium", "kind": "physiological", "device_id": "mon-icu-02",
          "metric": "heart_rate"}  # fmt: skip


class Api:
    """A server with one HIGH alert of the same signal."""

    def now(self) -> int:
        return 0


@pytest.mark.parametrize(("source", "inhibits"), [("limits", True), ("external", False)])
def test_an_alert_of_another_system_inhibits_none_of_ours(
    monkeypatch: pytest.MonkeyPatch, source: str, inhibits: bool
) -> None:
    high: dict[str, Any] = {"id": "h", "source": source, "labels": {**LABELS, "alertname": "x", "severity": "high"}}
    monkeypatch.setattr(suppression, "alerts_of", lambda api, matchers: [high])
    monkeypatch.setattr(suppression, "silences_of", lambda api, matchers: [])
    found = suppression.suppressed_by(shipped(), hypothetical_alert(LABELS, 0), Api())  # type: ignore[arg-type]
    assert [text.partition(" (")[0] for text in found] == (["inhibited by h"] if inhibits else [])
