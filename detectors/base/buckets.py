"""A window of time as buckets: the newest value's, and the eleven before it, aligned to the epoch.

The columns of the state are `bucket`, the number of the newest one; `now`, its sums; `ring`, those of the eleven before
by their number modulo 12; `before`, their sum with times counted from the begin of the newest; `first`, the first value
of all, which counts as 0 in the sums; `since`, from when on the window has values; `oldest`, the mean of the oldest
bucket before that has values, and `oldest_at`, the mean of the times of these.
"""

from typing import Any

import numpy as np

from detectors.base.columns import Floats, Ints
from detectors.base.window_sums import SUMS, mean, mean_time, shifted, sums_of

BUCKETS = 12
_BACK = np.arange(BUCKETS - 1.0, 0.0, -1.0)[:, None]


def next_bucket(state: Any, rows: Ints, bucket: Floats, x: Floats, t: Floats, width: Floats) -> None:
    """Put the bucket that ended into the ring, drop those that are too old, and add up the others."""
    ring = state.ring.reshape(-1, BUCKETS, SUMS)
    slots = np.arange(len(ring))[state.slots][rows]
    last, now = state.bucket[rows], state.now[:, rows]
    continues = (bucket > last) & (bucket - last < BUCKETS)
    ring[slots[~continues]] = 0.0
    place = np.where(continues, last, bucket).astype(np.intp) % BUCKETS
    ring[slots, place] = np.where(continues, now, 0.0).T
    begins = bucket - _BACK  # the eleven buckets before, the oldest first: shape (11, rows)
    at = begins.astype(np.intp) % BUCKETS
    empty = continues & (begins > last)  # no value came in that bucket: its place has an older bucket
    ring[np.broadcast_to(slots, at.shape)[empty], at[empty]] = 0.0
    kept = ring[slots, at]
    has_values = kept[..., 0] > 0
    each, oldest = np.arange(len(rows)), has_values.argmax(axis=0)
    since = np.where(has_values.any(axis=0), np.maximum(state.since[rows], begins[oldest, each] * width), t)
    before = _added_up(kept.transpose(2, 0, 1), width)
    ring[slots, bucket.astype(np.intp) % BUCKETS] = 0.0
    first = np.where(np.isnan(state.first[rows]), x, state.first[rows])
    for name, values in (
        ("bucket", bucket), ("now", 0.0), ("before", before), ("since", since), ("first", first),
        ("oldest", first + mean(kept[oldest, each].T)),
        ("oldest_at", begins[oldest, each] * width + mean_time(kept[oldest, each].T)),
    ):  # fmt: skip
        column = getattr(state, name)
        column[..., rows] = values
        setattr(state, name, column)


def follow(state: Any, rows: Any, x: Floats, t: Floats, width: Floats) -> tuple[Floats, Floats]:
    """Set the columns of `state` after each value (rows, n), where `rows` are the same after the first value.

    Returns the sums of the window without and with each value, (6, rows, n).
    """
    state.first = rows.first[:, None]
    state.now, state.before = np.empty((SUMS, *x.shape)), np.empty((SUMS, *x.shape))
    for name in ("bucket", "since", "oldest", "oldest_at"):
        setattr(state, name, np.empty(x.shape))
    past, sums = np.empty((SUMS, *x.shape)), np.empty((SUMS, *x.shape))
    for seconds in sorted(set(width[:, 0].tolist())):
        some = np.flatnonzero(width[:, 0] == seconds)
        past[:, some], sums[:, some] = _follow(state, rows, some, x[some], t, seconds)
    return past, sums


def _follow(state: Any, rows: Any, some: Ints, x: Floats, t: Floats, width: float) -> tuple[Floats, Floats]:
    """`follow` for some rows with buckets of one width: each moves to the next bucket with the same values."""
    bucket = np.floor(t / width)
    moved = np.flatnonzero(bucket[1:] != bucket[:-1]) + 1
    begins = np.concatenate(([0], moved))
    newest = sums_of(x - rows.first[some, None], t - bucket * width)
    now = newest.copy()
    now[..., 0], now[..., moved] = rows.now[:, some], 0.0 + newest[..., moved]
    _accumulate(now, begins)
    ring = state.ring.reshape(-1, BUCKETS, SUMS)
    slots = np.asarray(rows.slots)[some]
    earlier = bucket[0] - _BACK[:, 0]
    kept = ring[slots[:, None], earlier.astype(np.intp) % BUCKETS].transpose(2, 1, 0)
    # All buckets that have been, and for each move the eleven before it: (6, 11, moves, rows).
    numbers = np.concatenate((earlier, bucket[begins]))
    of_buckets = np.concatenate((kept, now[..., np.append(moved, len(t)) - 1].transpose(0, 2, 1)), axis=1)
    wanted = bucket[moved] - _BACK
    places = np.searchsorted(numbers, wanted)
    kept = np.where((numbers[places] == wanted)[..., None], of_buckets[:, places], 0.0)
    has_values = kept[0] > 0
    each, moves, oldest = np.arange(len(some)), np.arange(len(moved))[:, None], has_values.argmax(axis=0)
    since = np.where(has_values.any(axis=0), wanted[oldest, moves] * width, t[moved][:, None])
    since = np.maximum.accumulate(np.concatenate((rows.since[some][None], since)), axis=0)
    chosen = kept[:, oldest, moves, each]
    oldest_mean = np.concatenate((rows.oldest[some][None], rows.first[some] + mean(chosen)))
    oldest_at = np.concatenate((rows.oldest_at[some][None], wanted[oldest, moves] * width + mean_time(chosen)))
    before = np.concatenate((rows.before[:, None, some], _added_up(kept, width)), axis=1)
    run = np.cumsum(np.bincount(moved, minlength=len(t)))
    state.bucket[some], state.since[some] = bucket, since[run].T
    state.oldest[some], state.oldest_at[some] = oldest_mean[run].T, oldest_at[run].T
    state.now[:, some], state.before[:, some] = now, (before := before[:, run].transpose(0, 2, 1))
    if len(moved):
        ring[slots] = 0.0
        ring[slots[:, None], wanted[:, -1].astype(np.intp) % BUCKETS] = kept[:, :, -1].transpose(2, 1, 0)
    past = before.copy()
    past[..., 1:] += now[..., :-1]
    past[..., moved] = before[..., moved] + 0.0
    return past, past + newest


def _accumulate(values: Floats, begins: Ints) -> None:
    """Sum up along the last axis from each begin on, in place, one after the other as they come."""
    lengths = np.diff(begins, append=values.shape[-1])
    if lengths.max() > len(begins):
        for begin, length in zip(begins.tolist(), lengths.tolist(), strict=True):
            part = values[..., begin : begin + length]
            np.cumsum(part, axis=-1, out=part)
        return
    for i in range(1, int(lengths.max())):
        places = begins[lengths > i] + i
        values[..., places] += values[..., places - 1]


def _added_up(buckets: Floats, width: Floats | float) -> Floats:
    """The sum of eleven buckets (6, 11, …), with times counted from the begin of the one after them."""
    back = _BACK.reshape(-1, *(1,) * (buckets.ndim - 2))
    moved, total = shifted(buckets, -back * width), np.zeros((SUMS, *buckets.shape[2:]))
    for i in range(BUCKETS - 1):  # one by one: np.sum adds in another order when there is one row
        total += moved[:, i]
    return total
