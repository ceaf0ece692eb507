"""Panels, each with what to do when it looks wrong: nobody reads a manual at three in the morning.

All of them give the SDK's own builder, so whatever it can do may follow: `curves(...).unit("percent")`.
"""

from collections.abc import Sequence
from typing import TypeVar

from grafana_foundation_sdk.builders import bargauge, stat, table, text, timeseries
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

from grafana.palette import FINE, NO_DATA_WORDS, NOTHING, TEXT, no_data, nothing
from grafana.target import PANELS, SOURCE, Shared, Target

P = TypeVar("P", stat.Panel, table.Panel, timeseries.Panel, bargauge.Panel)


def number(title: str, wrong: str, *targets: Target | Shared, fields: str = "") -> stat.Panel:
    """One large number, or one for each of `fields`, a regular expression: texts are shown only if they are named.

    Nothing is told as NO DATA, not as 0.
    """
    shown = ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields(fields)
    panel = _common(stat.Panel(), title, wrong, targets).reduce_options(shown).graph_mode(BigValueGraphMode.NONE)
    panel = panel.color_mode(BigValueColorMode.BACKGROUND).text_mode(BigValueTextMode.AUTO)
    return panel.thresholds(steps([Threshold(color=FINE)]))


def curves(
    title: str, wrong: str, *targets: Target, limits: Sequence[Threshold] = (), table_legend: bool = False
) -> timeseries.Panel:
    """Lines over time with their units in the legend; `limits` are drawn as lines and areas. A gap stays a gap."""
    # No word for null: Grafana would write it beside each line of the grid that has no number of its own; and one that
    # reads as a number, as the empty one does, it would draw in every gap. Without any series it says *No data* itself.
    panel = _told(timeseries.Panel(), title, wrong, targets)
    panel = panel.line_width(2).fill_opacity(0).span_nulls(False).line_interpolation(LineInterpolation.LINEAR)
    panel = panel.show_points(VisibilityMode.AUTO).tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))  # noqa: E501  # fmt: skip
    legend = VizLegendOptions().show_legend(True).placement(LegendPlacement.BOTTOM).calcs(["min", "mean", "max", "lastNotNull"])  # noqa: E501  # fmt: skip
    panel = panel.legend(legend.display_mode(LegendDisplayMode.TABLE if table_legend else LegendDisplayMode.LIST))
    if limits:
        panel = panel.thresholds(steps(limits))
        panel = panel.thresholds_style(GraphThresholdsStyleConfig().mode(GraphTresholdsStyleMode.LINE_AND_AREA))
    return panel.color_scheme(FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC))


def in_sight(panel: timeseries.Panel, limits: Sequence[Threshold]) -> timeseries.Panel:
    """Curves with their limits always on the picture: how far is it to the next?"""
    values = [limit.value for limit in limits if limit.value is not None]
    if not values:
        return panel
    rim = (max(values) - min(values)) / 20
    return panel.axis_soft_min(min(values) - rim).axis_soft_max(max(values) + rim)


def rows(title: str, wrong: str, *targets: Target, count: bool = False) -> table.Panel:
    """A table, as its question gives it; see `empty` for cells that are."""
    panel = _common(table.Panel(), title, wrong, targets).show_header(True)
    footer = TableFooterOptions().show(count).count_rows(True).reducer(["count"]).enable_pagination(False)
    panel = panel.footer(footer).mappings([nothing()]).thresholds(steps([Threshold(color=TEXT)]))
    # Grafana does not know of what type a column is in which every cell is empty, and would show it as JSON, which is
    # the word null whatever is mapped; as text in a colour it shows what is mapped.
    panel = panel.override_by_regexp("/.*/", _cells("color-text", "color-text"))
    return column(panel, "Time", unit="time:YYYY-MM-DD HH:mm:ss", width=165)


def bars(title: str, wrong: str, *targets: Target) -> bargauge.Panel:
    """Lying bars, one a row: for *the noisiest*."""
    panel = _common(bargauge.Panel(), title, wrong, targets).orientation(VizOrientation.HORIZONTAL).min(0)
    # No size of the names: Grafana measures the room for them as if there were none, and would cut them off.
    shown = VizTextDisplayOptions().value_size(18)
    return panel.reduce_options(ReduceDataOptions().values(True).calcs(["lastNotNull"])).text(shown)


def note(title: str, wrong: str, markdown: str) -> text.Panel:
    """Words that stand there whatever happens."""
    return text.Panel().title(title).description(wrong).content(markdown)


def steps(limits: Sequence[Threshold]) -> ThresholdsConfig:
    """Thresholds as a panel takes them."""
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(list(limits))


def column(panel: P, shown: str, *mappings: ValueMapping, **properties: object) -> P:
    """How one column of a table is shown: `width=120`, `unit="s"`; with mappings its cells are coloured whole."""
    said = [DynamicConfigValue(_PROPERTIES.get(name, name), value) for name, value in properties.items()]
    if mappings:
        told = any(isinstance(mapping, SpecialValueMap) for mapping in mappings)
        empty_too: list[ValueMapping] = [] if told else [no_data(NOTHING, "transparent")]
        said.append(DynamicConfigValue("mappings", [*mappings, *empty_too]))
        said += _cells("color-background", "color-background-solid", mode="basic")
    found: P = panel.override_by_name(shown, said)
    return found


def empty(panel: P, shown: str, said: str = NOTHING, **properties: object) -> P:
    """A column of a table with empty cells, and what they say: one that holds nothing, and one that holds no text."""
    return column(panel, shown, mappings=[nothing(said)], noValue=said, **properties)


# Grafana's names of what a column may be told; the rest are its own words already.
_PROPERTIES = {"width": "custom.width", "align": "custom.align", "minWidth": "custom.minWidth"}


def _cells(kind: str, before_9_4: str, **more: str) -> list[DynamicConfigValue]:
    return [
        DynamicConfigValue("custom.cellOptions", {"type": kind, **more}),
        DynamicConfigValue("custom.displayMode", before_9_4),
    ]


def _common(panel: P, title: str, wrong: str, targets: Sequence[Target | Shared]) -> P:
    found: P = _told(panel, title, wrong, targets).no_value(NO_DATA_WORDS).mappings([no_data()])
    return found


def _told(panel: P, title: str, wrong: str, targets: Sequence[Target | Shared]) -> P:
    if not wrong.strip():
        raise ValueError(f"panel {title!r}: say what to do when it looks wrong")
    panel = panel.title(title).description(wrong)
    panel = panel.datasource(PANELS if isinstance(targets[0], Shared) else SOURCE)
    found: P = panel.targets(list(targets))
    return found
