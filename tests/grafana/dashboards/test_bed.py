"""The curves of a bed show the limits of `thresholds.yaml`, whatever the values are."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.app.calling import SHIPPED
from tests.grafana.generated import config, dashboards, panels
from ward.config.yaml.libyaml import parse_yaml

VITALS = [signal.label for signal in config().catalogue.vitals()]


def curve(label: str) -> dict[str, Any]:
    (found,) = [p for p in panels(dashboards()["ward-bed"]) if p["type"] == "timeseries" and p["title"] == label]
    return dict(found["fieldConfig"]["defaults"])


def limits(label: str) -> Iterator[float]:
    """The default limits in the file."""
    (signal,) = [signal.name for signal in config().catalogue.vitals() if signal.label == label]
    stored = parse_yaml((SHIPPED / "thresholds.yaml").read_text(encoding="utf-8"))["limits"][signal]
    for side in ("below", "above"):
        yield from (float(value) for name, value in stored.get(side, {}).items() if name in ("low", "medium", "high"))


@pytest.mark.parametrize("label", VITALS)
def test_each_limit_is_a_threshold_of_its_curve(label: str) -> None:
    drawn = {step["value"] for step in curve(label)["thresholds"]["steps"]} - {None}
    assert drawn == set(limits(label)) != set()


@pytest.mark.parametrize("label", VITALS)
def test_the_axis_includes_all_limits(label: str) -> None:
    custom = curve(label)["custom"]
    assert custom["axisSoftMin"] < min(limits(label))
    assert custom["axisSoftMax"] > max(limits(label))


def test_the_lower_bound_of_a_score_is_dashed_and_its_total_is_not() -> None:
    (panel,) = [p for p in panels(dashboards()["ward-bed"]) if p["type"] == "timeseries" and p["title"] == "NEWS2"]
    (override,) = [o for o in panel["fieldConfig"]["overrides"] if o["matcher"]["options"] == "/at least$/"]
    styles = {entry["id"]: entry["value"] for entry in override["properties"]}
    assert styles["custom.lineStyle"]["fill"] == "dash"
    assert panel["fieldConfig"]["defaults"]["custom"].get("lineStyle", {}).get("fill") != "dash"
    assert "at least so much" in panel["description"]
    assert panel["interval"] == "1m", "a score is stored once a minute: smaller buckets would be gaps"


def test_each_score_that_a_shipped_rule_gives_has_a_panel() -> None:
    given = {rule.params.output for rule in config().rules if rule.scope == "bed"} - {""}
    titles = {panel["title"] for panel in panels(dashboards()["ward-bed"])}
    assert {config().catalogue[score].label for score in given} <= titles
    assert "news2" in given
