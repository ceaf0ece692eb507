"""Tapes: a series of samples written down so that it can be read aloud.

80x4 86x5 _x2 60x2        four samples of 80, five of 86, two that are missing, two of 60
80..90x11 36.5            eleven samples that rise evenly from 80 to 90, then one of 36.5
"""

import re

MOST_SAMPLES = 1_000_000

_NUMBER = r"[+-]?\d{1,15}(?:\.\d{1,15})?"
_PIECE = re.compile(
    rf"(?:(?P<gap>_)|(?P<first>{_NUMBER})(?:\.\.(?P<last>{_NUMBER}))?)(?:x(?P<times>\d{{1,9}}))?", re.ASCII
)


class TapeError(ValueError):
    """Raised when a tape cannot be read; the message shows the piece, where it stands, and what is wrong."""

    def __init__(self, piece: str, column: int, fault: str) -> None:
        shown = piece if len(piece) <= 40 else piece[:40] + "…"
        super().__init__(f"column {column}: {shown!r} {fault}")
        self.column = column


def read_tape(text: str) -> tuple[float | None, ...]:
    """The samples of a tape in order; None is a missing one.

    Raises `TapeError` for anything but pieces as above, for a tape without samples and for one of
    more than a million.
    """
    samples: list[float | None] = []
    for found in re.finditer(r"\S+", text):
        samples += _piece(found.group(), found.start() + 1, MOST_SAMPLES - len(samples))
    if not samples:
        raise TapeError(text, 1, "holds no sample; write a value and how often it comes, such as 80x4")
    return tuple(samples)


def _piece(piece: str, column: int, room: int) -> list[float | None]:
    match = _PIECE.fullmatch(piece)
    if match is None:
        raise TapeError(
            piece, column, "is no piece of a tape; write 80, 80x4, _x2 for missing ones or 80..90x11 for a ramp"
        )
    times = int(match["times"] or 1)
    if times == 0:
        raise TapeError(piece, column, "comes no times; leave it out")
    if times > room:
        raise TapeError(piece, column, f"makes the tape longer than {MOST_SAMPLES} samples")
    if match["gap"]:
        return [None] * times
    first = float(match["first"])
    if match["last"] is None:
        return [first] * times
    if times < 2:
        raise TapeError(piece, column, "is a ramp of one sample; say how many it has, such as 80..90x11")
    return _ramp(first, float(match["last"]), times)


def _ramp(first: float, last: float, times: int) -> list[float | None]:
    # Rounded, so that 36.5..36.8x4 holds 36.7 and not 36.699999999999996.
    return [round(first + (last - first) * i / (times - 1), 9) for i in range(times)]
