"""A plot as PNG. matplotlib, which draws it, is installed with `wardwatch[plot]`."""

import io
from typing import Any

import numpy as np

from app.console.output_file import output_bytes
from app.detect.curve import Curve
from app.detect.plots.drawing import ALERT_BAND, LIMIT, LIMIT_LINE, SCORE_LINE, VALUE_LINE, WARM_BAND
from app.detect.plots.plot import Plot
from ward.ids import printable

_DPI = 100
_COLOURS = 32  # of the file: few, so that it is small


def write_png(plot: Plot, name: str) -> None:
    """Write the file under this name. Raises `InputError`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    count = len(plot.results)
    figure = Figure(figsize=(9.6, 0.4 + 3.6 * count), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(2 * count, 1, sharex=True, squeeze=False, height_ratios=[5, 2] * count)[:, 0]
    for i, result in enumerate(plot.results):
        if result.curve is not None:
            _draw(panels[2 * i], panels[2 * i + 1], result.curve, plot.times.is_clock)
    panels[0].set_title(printable(f"{plot.title}: {plot.detector}", 100), loc="left", fontsize=10, parse_math=False)
    with output_bytes(name) as file:
        file.write(_few_colours(figure))


def _draw(values: Any, scores: Any, curve: Curve, clock: bool) -> None:
    for pair, line, colour in ((curve.values(), values, VALUE_LINE), (curve.scores(), scores, SCORE_LINE)):
        line.plot(_at(pair[0], clock), pair[1], color=colour, linewidth=0.8)
        line.tick_params(labelsize=8)
        line.grid(color="#dddddd", linewidth=0.5)
        line.set_axisbelow(True)
        for flags, band in ((curve.warm, WARM_BAND), (curve.alert, ALERT_BAND)):
            for begin, end in curve.spans(flags):
                line.axvspan(*_at(np.array([begin, end]), clock), color=band, linewidth=1)
    scores.axhline(LIMIT, color=LIMIT_LINE, linewidth=0.8, linestyle="--")
    scores.set_ylim(0, 1)
    values.set_ylabel(printable(curve.name, 40), fontsize=8, parse_math=False)
    scores.set_ylabel("score", fontsize=8)


def _at(t: Any, clock: bool) -> Any:
    """Times as matplotlib shows them: as dates, or as the numbers that they are."""
    return (
        np.where(np.isnan(t), np.datetime64("NaT"), np.round(np.nan_to_num(t) * 1e6).astype("M8[us]")) if clock else t
    )


def _few_colours(figure: Any) -> bytes:
    """The PNG of a figure with a palette, a quarter of the size."""
    from PIL import Image

    drawn, file = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png")
    Image.open(drawn).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()
