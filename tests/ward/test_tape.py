"""The notation of tapes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ward.tape import TapeError, read_tape


def test_a_tape_is_read_as_it_is_said() -> None:
    assert read_tape("80x4 86x5 _x2 60x2") == (80,) * 4 + (86,) * 5 + (None,) * 2 + (60,) * 2
    assert read_tape("  -1.5\n_ 7 ") == (-1.5, None, 7.0)


def test_a_ramp_holds_both_its_ends_and_rises_evenly() -> None:
    assert read_tape("80..90x11") == tuple(float(v) for v in range(80, 91))
    assert read_tape("36.8..36.5x4") == (36.8, 36.7, 36.6, 36.5)
    assert read_tape("5..5x3") == (5.0, 5.0, 5.0)


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", 1, "holds no sample"),
        ("   ", 1, "holds no sample"),
        ("80x4 86y5", 6, "'86y5' is no piece"),
        ("80xx4", 1, "no piece"),
        ("80 x4", 4, "no piece"),
        ("nan", 1, "no piece"),
        ("1e9", 1, "no piece"),
        ("80..", 1, "no piece"),
        ("_.._x3", 1, "no piece"),
        ("70x2 80x0", 6, "comes no times"),
        ("80..90", 1, "ramp of one sample"),
        ("80..90x1", 1, "ramp of one sample"),
        ("1x999999 1x2", 10, "longer than 1000000 samples"),
        ("٣x2", 1, "no piece"),
    ],
)
def test_a_faulty_tape_is_refused_with_place_and_remedy(text: str, column: int, said: str) -> None:
    with pytest.raises(TapeError, match="column") as caught:
        read_tape(text)
    assert caught.value.column == column
    assert said in str(caught.value)


def test_an_endless_piece_is_shown_shortened() -> None:
    with pytest.raises(TapeError) as caught:
        read_tape("z" * 10_000)
    assert len(str(caught.value)) < 250


_PIECES = st.tuples(st.none() | st.integers(-999, 999), st.integers(1, 50))


@given(st.lists(_PIECES, min_size=1, max_size=20))
def test_what_is_written_is_what_is_read(pieces: list[tuple[int | None, int]]) -> None:
    text = " ".join(f"{'_' if value is None else value}x{times}" for value, times in pieces)
    assert read_tape(text) == tuple(value for value, times in pieces for _ in range(times))


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    try:
        column = 1 if read_tape(text) else 0
    except TapeError as error:
        column = error.column
    assert 1 <= column <= len(text) + 1
