"""Panels with the settings that all dashboards share. Each has a description: what to do when its value is bad.

Every function returns the SDK's builder, for further settings: `time_series_panel(...).unit("percent")`.
"""

from collections.abc import Sequence
from typing import TypeVar

from grafana_foundation_sdk.builders import bargauge, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.common import (
    GraphThresholdsStyleConfig,
    ReduceDataOptions,
    TableFooterOptions,
    VizLegendOptions,
    VizTextDisplayOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    GraphTresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    LineInterpolation,
    SortOrder,
    TooltipDisplayMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DynamicConfigValue,
    FieldColorModeId,
    SpecialValueMap,
    Threshold,
    ThresholdsMode,
    ValueMapping,
)

from grafana.panels.colours import EMPTY_CELL, GRAFANA_TEXT, NEUTRAL, NO_ALERT, NO_DATA_TEXT, empty_cell, no_data
from grafana.queries.target import DASHBOARD_SOURCE, INFLUX_SOURCE, SharedTarget, Target

P = TypeVar("P", stat.Panel, table.Panel, timeseries.Panel, bargauge.Panel)
D = TypeVar("D", stat.Panel, table.Panel, timeseries.Panel, bargauge.Panel, statetimeline.Panel)


def stat_panel(title: str, description: str, *targets: Target | SharedTarget, fields: str = "") -> stat.Panel:
    """One large number, or one for each column that `fields`, a regular expression, matches.

    Columns with texts are shown only if `fields` matches them. A missing value is shown as NO DATA, not as 0.
    """
    shown = ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields(fields)
    panel = _common(stat.Panel(), title, description, targets).reduce_options(shown).graph_mode(BigValueGraphMode.NONE)
    panel = panel.color_mode(BigValueColorMode.BACKGROUND).text_mode(BigValueTextMode.AUTO)
    return panel.thresholds(steps([Threshold(color=NO_ALERT)]))


def or_not_applicable(panel: stat.Panel) -> stat.Panel:
    """A number that there is not always one of, such as a mean of nothing: then `–`, in no colour of an alarm."""
    return panel.no_value(EMPTY_CELL).mappings([no_data(EMPTY_CELL, NEUTRAL)])


def time_series_panel(
    title: str, description: str, *targets: Target, limits: Sequence[Threshold] = (), table_legend: bool = False
) -> timeseries.Panel:
    """Curves with their units in the legend; `limits` are drawn as lines and areas. Gaps are not connected."""
    # No text for null: Grafana would write it beside each grid line that has no number of its own, and draw a text that
    # reads as a number, such as the empty one, in every gap. Without any series it shows *No data* by itself.
    panel = described(timeseries.Panel(), title, description, targets)
    panel = panel.line_width(2).fill_opacity(0).span_nulls(False).line_interpolation(LineInterpolation.LINEAR)
    panel = panel.show_points(VisibilityMode.AUTO).tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))  # noqa: E501  # fmt: skip
    legend = VizLegendOptions().show_legend(True).placement(LegendPlacement.BOTTOM).calcs(["min", "mean", "max", "lastNotNull"])  # noqa: E501  # fmt: skip
    panel = panel.legend(legend.display_mode(LegendDisplayMode.TABLE if table_legend else LegendDisplayMode.LIST))
    if limits:
        panel = panel.thresholds(steps(limits))
        panel = panel.thresholds_style(GraphThresholdsStyleConfig().mode(GraphTresholdsStyleMode.LINE_AND_AREA))
    return panel.color_scheme(FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC))


def with_limits_in_view(panel: timeseries.Panel, limits: Sequence[Threshold]) -> timeseries.Panel:
    """The axis includes the limits, so that the distance to the next limit is visible."""
    values = [limit.value for limit in limits if limit.value is not None]
    if not values:
        return panel
    margin = (max(values) - min(values)) / 20
    return panel.axis_soft_min(min(values) - margin).axis_soft_max(max(values) + margin)


def table_panel(title: str, description: str, *targets: Target, count: bool = False) -> table.Panel:
    """A table with the columns of its query; see `empty_cells` for columns with empty cells."""
    panel = _common(table.Panel(), title, description, targets).show_header(True)
    footer = TableFooterOptions().show(count).count_rows(True).reducer(["count"]).enable_pagination(False)
    panel = panel.footer(footer).mappings([empty_cell()]).thresholds(steps([Threshold(color=GRAFANA_TEXT)]))
    # Grafana does not know the type of a column in which every cell is empty, and shows it as JSON: the word null,
    # despite the mapping. As text in a colour it shows the mapped text.
    panel = panel.override_by_regexp("/.*/", _cells("color-text", "color-text"))
    return column(panel, "Time", unit="time:YYYY-MM-DD HH:mm:ss", width=165)


def bar_gauge_panel(title: str, description: str, *targets: Target) -> bargauge.Panel:
    """Horizontal bars, one for each row: a ranking."""
    panel = _common(bargauge.Panel(), title, description, targets).orientation(VizOrientation.HORIZONTAL).min(0)
    # No size for the names: Grafana would compute their width with the default size, and cut them off.
    shown = VizTextDisplayOptions().value_size(18)
    return panel.reduce_options(ReduceDataOptions().values(True).calcs(["lastNotNull"])).text(shown)


def steps(limits: Sequence[Threshold]) -> ThresholdsConfig:
    """Thresholds in the form in which a panel takes them."""
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(list(limits))


def column(panel: P, shown: str, *mappings: ValueMapping, **properties: object) -> P:
    """How one column of a table is shown: `width=120`, `unit="s"`; with mappings the whole cell has the colour."""
    overrides = [DynamicConfigValue(_PROPERTIES.get(name, name), value) for name, value in properties.items()]
    if mappings:
        maps_null = any(isinstance(mapping, SpecialValueMap) for mapping in mappings)
        null: list[ValueMapping] = [] if maps_null else [no_data(EMPTY_CELL, "transparent")]
        overrides.append(DynamicConfigValue("mappings", [*mappings, *null]))
        overrides += _cells("color-background", "color-background-solid", mode="basic")
    found: P = panel.override_by_name(shown, overrides)
    return found


def empty_cells(panel: P, shown: str, text: str = EMPTY_CELL, **properties: object) -> P:
    """A column of a table whose cells may be null or an empty text, both shown as `text`."""
    return column(panel, shown, mappings=[empty_cell(text)], noValue=text, **properties)


# Grafana's names of properties; the other properties have the same name there.
_PROPERTIES = {name: f"custom.{name}" for name in ("width", "align", "minWidth", "hidden")}


def _cells(type_: str, before_9_4: str, **more: str) -> list[DynamicConfigValue]:
    return [
        DynamicConfigValue("custom.cellOptions", {"type": type_, **more}),
        DynamicConfigValue("custom.displayMode", before_9_4),
    ]


def _common(panel: P, title: str, description: str, targets: Sequence[Target | SharedTarget]) -> P:
    found: P = described(panel, title, description, targets).no_value(NO_DATA_TEXT).mappings([no_data()])
    return found


def described(panel: D, title: str, description: str, targets: Sequence[Target | SharedTarget]) -> D:
    """A panel with its title, description and queries."""
    if not description.strip():
        raise ValueError(f"panel {title!r}: the description is missing: what to do when its value is bad")
    panel = panel.title(title).description(description)
    panel = panel.datasource(DASHBOARD_SOURCE if isinstance(targets[0], SharedTarget) else INFLUX_SOURCE)
    found: D = panel.targets(list(targets))
    return found
