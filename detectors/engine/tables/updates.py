"""When the findings of open episodes are updated with the numbers of now.

An update is due 10 s after the last finding of the episode, both by the times of the values and by when the bridge
received them: the first bounds what is sent live, the second what a device's past of many hours makes when it comes at
once. Both are in the log, so a replay gives the same updates.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats
from detectors.engine.tables.decide import LevelChanges, LevelStep
from ward.clock import SECOND

UPDATE_EVERY = 10.0
# Instants of findings are whole microseconds.
_MARGIN = 1e-3


def due(t: Floats, received_at: Floats, noted: Floats) -> npt.NDArray[np.bool_]:
    """Whether an update is due at values of the times `t`; `noted` are the two times of the last finding.

    A clock that was set back is no reason to wait until it is past that finding again.
    """
    least = UPDATE_EVERY - _MARGIN
    return np.asarray((np.abs(t - noted[0]) >= least) & (np.abs(received_at - noted[1]) >= least))


def noted_after(step: LevelStep, t: Floats, received_at: Floats, noted: Floats) -> Floats:
    """The two times of the finding that a step makes, in whole microseconds. Within an episode the bridge's time never
    goes back."""
    own: Floats = np.rint(np.array([t[step.place], received_at[step.place]]) * SECOND) / SECOND
    return np.array([own[0], max(own[1], noted[1])]) if step.before else own


def due_along(
    t: Floats, received_at: Floats, noted: Floats, level: int, onset: float, changes: LevelChanges
) -> Iterator[LevelStep]:
    """The updates of one row with many values, that has the `level` before them: equals `due` for one value after the
    other, where each change and each update becomes the last finding."""
    start = 0
    for change in [*changes.steps(), LevelStep(len(t), 0, 0, 0.0, 0.0)]:
        while level and start < change.place:
            found = np.flatnonzero(due(t[start : change.place], received_at[start : change.place], noted))[:1]
            if not len(found):
                break
            update = LevelStep(start + int(found[0]), level, level, onset, onset)
            yield update
            noted, start = noted_after(update, t, received_at, noted), update.place + 1
        if change.place < len(t):
            noted = noted_after(change, t, received_at, noted)
        start, level, onset = change.place + 1, change.after, change.onset


def due_rows(
    t: Floats, received_at: Floats, noted: Floats, level: Floats, onset: Floats, changes: LevelChanges
) -> list[LevelStep]:
    """The updates of some rows with one value each; `level` and `onset` are those after it."""
    open_ = level > 0
    open_[changes.index] = False
    if not open_.any():
        return []
    found = np.flatnonzero(open_ & due(t, received_at, noted)).tolist()
    return [LevelStep(i, int(level[i]), int(level[i]), float(onset[i]), float(onset[i])) for i in found]
