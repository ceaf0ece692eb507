"""A curve as SVG: values above, scores below."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

import numpy as np

from app.detect.curve import Curve
from app.detect.plots.axis import number_ticks, time_ticks
from app.detect.reading.times import TimeFormat
from detectors.base.columns import Floats

WIDTH, LEFT, RIGHT = 960, 70, 10
# The upper and lower edge of each panel.
VALUES, SCORES = (10, 270), (290, 390)
HEIGHT = 420
LIMIT = 0.5  # the score at the limit of a rule
VALUE_LINE, SCORE_LINE, LIMIT_LINE = "#1f5f99", "#b04000", "#888888"
WARM_BAND, ALERT_BAND = "#eeeeee", "#f6c1ba"


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers from `low` to `high` on the screen from `begin` to `end`."""

    low: float
    high: float
    begin: float
    end: float

    def __call__(self, x: Floats | float) -> Floats:
        share = (np.asarray(x) - self.low) / ((self.high - self.low) or 1.0)
        return np.asarray(self.begin + share * (self.end - self.begin))


def drawing(curve: Curve, times: TimeFormat) -> str:
    """The SVG of a curve."""
    t, x = curve.values()
    if np.isnan(x).all():
        return "<p>No value is there to be drawn.</p>"
    across = Scale(float(np.nanmin(t)), float(np.nanmax(t)), LEFT, WIDTH - RIGHT)
    up, score = _padded(x), Scale(0.0, 1.0, SCORES[1], SCORES[0])
    limit, scored = float(score(LIMIT)), curve.scores()
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(curve.name, quote=True)}">',
        *_bands(curve, across),
        *_time_axis(across, times),
        *_value_axis(up, number_ticks(up.low, up.high, 8)), *_value_axis(score, [0.0, 0.5, 1.0]),
        _line(path(across(t), up(x)), VALUE_LINE),
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{limit}" y2="{limit}" stroke="{LIMIT_LINE}" '
        'stroke-dasharray="4 3"/>',
        _line(path(across(scored[0]), score(scored[1])), SCORE_LINE),
        "</svg>",
    ]  # fmt: skip
    return "\n".join(parts)


def path(across: Sequence[float] | Floats, up: Sequence[float] | Floats) -> str:
    """A line through points, as the text of an SVG path; NaN breaks it.

    >>> path([0, 10, float("nan"), 20], [5, 6, 1, 7])
    'M0 5L10 6M20 7h0'
    """
    there = np.isfinite(across) & np.isfinite(up)
    pairs = zip(np.round(across, 1), np.round(up, 1), there, strict=True)
    points = [f"{x:g} {y:g}" if drawn else "" for x, y, drawn in pairs]
    lines = ([point for point, _ in groupby(line)] for drawn, line in groupby(points, bool) if drawn)
    return "".join(f"M{'L'.join(line)}{'h0' if len(line) == 1 else ''}" for line in lines)


def _line(points: str, colour: str) -> str:
    return f'<path d="{points}" fill="none" stroke-linecap="round" stroke="{colour}" stroke-width="1"/>'


def _padded(x: Floats) -> Scale:
    """A scale with room above and below."""
    low, high = float(np.nanmin(x)), float(np.nanmax(x))
    room = 0.05 * (high - low) or abs(high) * 0.05 or 1.0
    return Scale(low - room, high + room, VALUES[1], VALUES[0])


def _bands(curve: Curve, across: Scale) -> Iterator[str]:
    for flags, colour in ((curve.warm, WARM_BAND), (curve.alert, ALERT_BAND)):
        for begin, end in curve.spans(flags):
            left, right = float(across(begin)), float(across(end))
            yield (
                f'<rect x="{left:.1f}" y="{VALUES[0]}" width="{max(1.5, right - left):.1f}" '
                f'height="{SCORES[1] - VALUES[0]}" fill="{colour}"/>'
            )


def _time_axis(across: Scale, times: TimeFormat) -> Iterator[str]:
    ticks = time_ticks if times.is_clock else number_ticks
    at = ticks(across.low, across.high, 7)
    for x, text in zip(np.round(across(np.array(at)), 1).tolist(), times.labels(at), strict=True):
        yield f'<line x1="{x}" x2="{x}" y1="{VALUES[0]}" y2="{SCORES[1]}" stroke="#ddd"/>'
        anchor = "middle" if LEFT + 50 < x < WIDTH - 60 else "start" if x < WIDTH / 2 else "end"
        yield f'<text x="{x}" y="{SCORES[1] + 18}" text-anchor="{anchor}">{escape(text)}</text>'


def _value_axis(up: Scale, ticks: Sequence[float]) -> Iterator[str]:
    for tick in ticks:
        y = round(float(up(tick)), 1)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{tick:.6g}</text>'
