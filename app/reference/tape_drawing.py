"""The first example of a detector as a small SVG: the values of its tape, and when there is an alert."""

import doctest
import inspect
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np

from app.detect.plots.drawing import ALERT_BAND, VALUE_LINE, Scale, path
from detectors.base.detector import Detector
from detectors.tapes.example import CATALOGUE, short_tape
from detectors.tapes.tape import START, Step, Tape, findings
from ward.clock import SECOND, format_span
from ward.finding import Transition

WIDTH, LEFT, RIGHT = 640, 150, 12
# The height of the panel of a signal, the room around its line, and that of the times below.
PANEL, ROOM, TIMES = 56, 8, 20
IMPLAUSIBLE = "#b04000"
_STYLE = 'font-family="sans-serif" font-size="11" fill="#444"'

# From when to when an alert is there, in seconds.
Span = tuple[float, float]


def first_tape(detector: type[Detector[Any]]) -> tuple[str, Tape]:
    """The name and the tape of the first example in the docstring of a detector.

    Raises:
        ValueError: when it has none.
    """
    taken: list[tuple[str, Tape]] = []

    def take(name: str, tape: Any, **settings: Any) -> None:
        taken.append((name, short_tape(name, tape, **settings)))

    names: dict[str, Any] = {}
    for step in doctest.DocTestParser().get_examples(inspect.getdoc(detector) or ""):
        exec(step.source, names)  # noqa: S102 - the docstring of a detector, which the tests run too
        names["example"] = take
        if taken:
            return taken[0]
    raise ValueError(f"{detector.__name__} has no example in its docstring: add one, as the other detectors have")


def drawing(detector: type[Detector[Any]]) -> str:
    """The first example of a detector as SVG: a panel for each signal, red while there is an alert."""
    name, tape = first_tape(detector)
    measured = tape.steps()
    seconds = tape.every * max(map(len, measured.values()))
    across = Scale(0.0, seconds, LEFT, WIDTH - RIGHT)
    height = PANEL * len(measured) + TIMES
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        *(_band(span, across, PANEL * len(measured)) for span in spans(name, tape, seconds)),
    ]
    for i, (signal, steps) in enumerate(measured.items()):
        lines += _panel(signal, steps, PANEL * i, across, tape.every)
    lines += _times(across, seconds, height)
    return "\n".join([*lines, "</svg>", ""])


def spans(name: str, tape: Tape, seconds: float) -> list[Span]:
    """From when to when there is an alert on a tape; the last one may last until its end."""
    found: list[Span] = []
    since: float | None = None
    for finding in findings(tape, name, CATALOGUE):
        at = (finding.at - START) / SECOND
        if finding.transition is Transition.RAISED:
            since = at
        elif finding.transition is Transition.CLEARED and since is not None:
            found.append((since, at))
            since = None
    return found if since is None else [*found, (since, seconds)]


def _band(span: Span, across: Scale, height: int) -> str:
    left, right = (float(across(at)) for at in span)
    return f'<rect x="{left:.1f}" y="0" width="{max(2.0, right - left):.1f}" height="{height}" fill="{ALERT_BAND}"/>'


def _panel(signal: str, steps: Sequence[Step], top: int, across: Scale, every: float) -> Iterator[str]:
    """The values of a signal as a line that stays at each until the next one; implausible ones as dots."""
    there = np.array([np.nan if step is None or not step[1] else step[0] for step in steps])
    low, high = float(np.nanmin(there)), float(np.nanmax(there))
    up = Scale(low, high, top + PANEL - ROOM, top + ROOM) if high > low else Scale(low - 1, low + 1, top + PANEL, top)
    t = np.arange(len(steps) + 1, dtype=np.float64) * every
    corners = [(x, y) for (begin, end), y in zip(pairwise(across(t)), up(there), strict=True) for x in (begin, end)]
    yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{top + PANEL}" y2="{top + PANEL}" stroke="#dddddd"/>'
    yield f'<path d="{path(*zip(*corners, strict=True))}" fill="none" stroke="{VALUE_LINE}" stroke-width="1.5"/>'
    for x, step in zip(across(t), steps, strict=False):
        if step is not None and not step[1]:
            yield f'<circle cx="{x:.1f}" cy="{top + ROOM}" r="2.5" fill="{IMPLAUSIBLE}"/>'
    about = CATALOGUE.get(signal)
    label, unit = (about.label, about.display) if about else (signal, "")
    yield f'<text x="6" y="{top + PANEL / 2 - 2:g}" {_STYLE}>{escape(label)}</text>'
    shown = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    yield f'<text x="6" y="{top + PANEL / 2 + 13:g}" {_STYLE}>{escape(f"{shown} {unit}".rstrip())}</text>'


def _times(across: Scale, seconds: float, height: int) -> Iterator[str]:
    for at, text, anchor in ((0.0, "0 s", "start"), (seconds, format_span(seconds), "end")):
        yield f'<text x="{float(across(at)):.1f}" y="{height - 6}" text-anchor="{anchor}" {_STYLE}>{text}</text>'
