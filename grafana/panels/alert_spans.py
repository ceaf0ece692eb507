"""Alerts over time as spans, one row for each alert: an alert of two minutes can be seen in a month."""

from grafana_foundation_sdk.builders import statetimeline
from grafana_foundation_sdk.builders.common import VizLegendOptions
from grafana_foundation_sdk.builders.dashboard import FieldColor
from grafana_foundation_sdk.models.common import VisibilityMode
from grafana_foundation_sdk.models.dashboard import FieldColorModeId

from grafana.panels.builders import described
from grafana.panels.colours import CLEAR, SEVERITIES, value_map
from grafana.queries.influxql import RAW, Select, call
from grafana.queries.target import Target

_BEFORE = "time >= ${__from}ms - 1d AND time <= ${__to}ms"  # an alert that began before the time range is in it, too
_RANKS = {"low": "1", "medium": "2", "high": "3"}


def alert_spans(title: str, description: str, *variables: str) -> statetimeline.Panel:
    """Spans in the colour of the highest severity within each time bucket."""
    panel = described(
        statetimeline.Panel(), title, description, [Target(_query(*variables), alias="$tag_wardwatch_alert")]
    )
    states = {rank: SEVERITIES[name] for name, rank in _RANKS.items()} | {"0": (" ", CLEAR)}
    panel = panel.mappings([value_map(states)]).color_scheme(FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC))
    panel = panel.show_value(VisibilityMode.NEVER).merge_values(True).row_height(0.8).line_width(0).fill_opacity(90)
    return panel.legend(VizLegendOptions().show_legend(False)).interval("30s")


def _query(*variables: str) -> Select:
    """The state of each alert by time bucket: its highest in it, and without a change in it that of the last change.

    `active_alerts` has a point for each change. The last one alone would hide an alert that ended within the bucket,
    and the highest alone would go on after it.
    """
    series = ("wardwatch_alert", "bed", "device_id", "metric")
    points = Select.of(call("max", "rank", "r"), source="active_alerts", policy=RAW).selected(*variables)
    changed = points.group(*series, every="$__interval", fill="none")
    kept = Select.of(call("last", "rank", "r"), source="active_alerts", policy=RAW).selected(*variables)
    kept = kept.during(_BEFORE).group(*series, every="$__interval", fill="previous")
    query = Select.of(call("max", "r", "rank"), source=(changed, kept))
    return query.group("wardwatch_alert", every="$__interval", fill="none")
