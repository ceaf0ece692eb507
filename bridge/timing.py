"""Which instant a reading is of: the device's word where it can be believed, else the bridge's."""

from bridge.decoded_reading import DecodedReading
from bridge.device_progress import DeviceProgress
from ward.clock import SECOND, Micros
from ward.config.timing import Timing
from ward.reading import Flag


def settle(
    draft: DecodedReading, track: DeviceProgress, newer: bool, seen: Micros, timing: Timing
) -> tuple[Micros, Micros | None, int]:
    """The instant, what the device claimed where that is not it, and flags.

    A claim is believed from `timing.oldest` back (a backlog) to `timing.ahead`. A clock that goes
    back although the reading is newer was set back: believing it would make all that follows look
    late, and nobody would judge it.
    """
    claimed = draft.at
    if claimed is None:
        return seen, None, Flag.UNTIMED
    if claimed > seen + timing.ahead * SECOND:
        return _ours(track, newer, seen), claimed, Flag.CLOCK_AHEAD
    if claimed < seen - timing.oldest * SECOND:
        return _ours(track, newer, seen), claimed, Flag.CLOCK_BEHIND
    if _stepped(draft, track, newer, claimed, timing):
        return _ours(track, newer, seen), claimed, Flag.CLOCK_STEPPED
    flags = 0 if newer else Flag.OUT_OF_ORDER
    if newer:
        flags |= _skew(track, claimed, seen, timing)
        track.last_at = max(claimed, track.last_at or claimed)
    return claimed, None, flags


def _ours(track: DeviceProgress, newer: bool, seen: Micros) -> Micros:
    if newer:
        track.last_at = seen
    return seen


def _stepped(draft: DecodedReading, track: DeviceProgress, newer: bool, claimed: Micros, timing: Timing) -> bool:
    back = track.last_at is not None and claimed < track.last_at - timing.step * SECOND
    if draft.boot:
        return back and newer
    # Without numbers one old reading may be a straggler; three running are a clock that was set back.
    track.behind = track.behind + 1 if back else 0
    return track.behind > 2


def _skew(track: DeviceProgress, claimed: Micros, seen: Micros, timing: Timing) -> int:
    """A constant offset is a wrong clock; one that shrinks reading by reading is a backlog being delivered."""
    offset = seen - claimed
    passed = claimed - (track.last_at if track.last_at is not None else claimed)
    constant = abs(offset - track.offset) < passed / 2
    track.offset = offset
    if constant and abs(offset) > timing.skew * SECOND:
        return Flag.CLOCK_SKEWED
    return Flag.BACKLOG if offset > timing.backlog * SECOND else 0
