"""The rows of one detector: their slots, and their parameters and state as columns."""

from typing import Any

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Columns, Floats, Ints
from detectors.base.detector import Detector
from detectors.base.evidence import Parts, SeriesInfo
from detectors.engine.tables.column_table import ColumnTable
from detectors.engine.tables.decide import DECISION
from detectors.engine.tables.row_params import RowParams
from detectors.engine.tables.rule_row import RuleRow
from ward.clock import SECOND
from ward.config.rule import ResolvedRule, Rule
from ward.finding import Finding
from ward.ids import digest


class RuleRows:
    """Rows in slots, their state and parameters in columns.

    `state` are the columns of the detector's state, `window` those of its rules' windows, where they have `every:`, so
    that the detector gets means: `windowed` says whether it does. `device_numbers` and
    `series_numbers` are those of each slot, `pending_or_firing` whether it has an episode, or a
    threshold is reached and `for` has not passed yet. `noted` (2, slots) is the time of each row's last finding, by the
    device's clock and by the bridge's, in seconds.
    """

    def __init__(self, detector: Detector[Any], state: Columns, window: Columns) -> None:
        self.detector = detector
        self.windowed = bool(window)
        self.noted: Floats = np.empty((2, 0))
        self.rows: list[RuleRow | None] = []
        self.device_numbers: Ints = np.empty(0, dtype=np.intp)
        self.series_numbers: Ints = np.empty(0, dtype=np.intp)
        self.pending_or_firing: npt.NDArray[np.bool_] = np.empty(0, dtype=np.bool_)
        self._decision = ColumnTable(DECISION)
        self._window = ColumnTable(window)
        self._state = ColumnTable(state)
        self._params = RowParams(detector)
        self._free: list[int] = []
        self._digests: dict[int, tuple[ResolvedRule, str]] = {}

    def digest(self, resolved: ResolvedRule, rule: Rule) -> str:
        """A digest of all that state depends on: the layout of its columns, and what the rule asks."""
        known = self._digests.get(id(resolved))
        if known is None or known[0] is not resolved:
            columns = [sorted(table.columns.items()) for table in self._saved]
            found = digest(self.detector.name, columns, rule.kind, resolved.text, *self._digested(rule))
            known = self._digests[id(resolved)] = (resolved, found)
        return known[1]

    def add(self, row: RuleRow, series: SeriesInfo | Parts) -> int:
        """Add a row with its start values. Returns its slot."""
        slot = self._free.pop() if self._free else len(self.rows)
        if slot == len(self.rows):
            self.rows.append(None)
            self._grow()
        self.rows[slot] = row
        self._params.set(slot, row.resolved, series)
        self.device_numbers[slot], self.series_numbers[slot] = row.device_number, row.series_number
        self._index(slot, row)
        return slot

    def update_rule(self, slot: int, rule: Rule, resolved: ResolvedRule, series: SeriesInfo | Parts) -> None:
        """Give a row a rule of the same digest; its state stays."""
        row = self.row(slot)
        row.rule, row.resolved = rule, resolved
        self._params.set(slot, resolved, series)

    def remove(self, slot: int) -> None:
        """Remove a row and its state."""
        self._remove_from_index(slot, self.row(slot))
        self.reset(slot)
        self.rows[slot] = None
        self._free.append(slot)

    def row(self, slot: int) -> RuleRow:
        """The row in a slot that is in use."""
        row = self.rows[slot]
        assert row is not None
        return row

    def end_episode(self, slot: int) -> None:
        """End the episode of a row, if it has one; the state of the detector stays."""
        self._decision.reset(slot)
        self.pending_or_firing[slot] = False
        self.note_finding(slot, None)

    def note_finding(self, slot: int, finding: Finding | None) -> None:
        """Set the newest finding of a row's episode; None without an episode."""
        self.row(slot).last_finding = finding
        if finding is not None:
            self.noted[:, slot] = finding.at / SECOND, finding.received_at / SECOND

    def reset(self, slot: int) -> None:
        """Set a row to its start values."""
        self.end_episode(slot)
        self._state.reset(slot)
        self._window.reset(slot)

    def continue_episode(self, slot: int, last: Finding, onset: float) -> None:
        """Give a row an episode that was raised before its state was lost."""
        rank = last.severity.rank
        over = [onset if i < rank else np.nan for i in range(3)]
        self._decision.set_row(slot, {"level": float(rank), "over": over, "under": [np.nan] * 3, "onset": onset})
        self.pending_or_firing[slot] = True
        self.note_finding(slot, last)

    def dump(self, slots: Ints) -> Floats:
        """Rows as a matrix, for a checkpoint."""
        return np.concatenate([table.dump(slots) for table in self._saved], axis=1)

    def load(self, slot: int, data: bytes) -> None:
        """Set a row to one of such a matrix, as bytes.

        Raises:
            ValueError: when it has another number of values.
        """
        numbers = np.frombuffer(data, dtype="<f8")
        if len(numbers) != sum(table.width for table in self._saved):
            raise ValueError(f"{len(numbers)} numbers for a row of {self.detector.name}")
        at = 0
        for table in self._saved:
            table.load(slot, numbers[at : at + table.width])
            at += table.width
        self._set_pending_or_firing(np.array([slot]))

    def curves(self, slots: Ints) -> dict[str, Floats] | None:
        """The curves that some rows have for dashboards, by name."""
        shown = self.detector.curves(self._state.take(slots), self._params.detector(slots))
        return None if shown is None else dict(shown)

    def progress(self, slots: Ints, now: float) -> list[str]:
        """How far each of some rows is from a score at `now` in seconds, in words; empty for one that has a score, and
        no words at all for a detector that scores at once."""
        t = np.full(len(slots), now)
        with np.errstate(all="ignore"):
            found = self.detector.progress(self._state.take(slots), t, self._params.detector(slots))
        return [] if found is None else found.texts()

    def _index(self, slot: int, row: RuleRow) -> None:
        """Values of its series are for the row in this slot."""
        raise NotImplementedError

    def _remove_from_index(self, slot: int, row: RuleRow) -> None:
        raise NotImplementedError

    def _digested(self, rule: Rule) -> tuple[Any, ...]:
        """What else the state of a row depends on."""
        return ()

    @property
    def _saved(self) -> tuple[ColumnTable, ...]:
        return self._decision, self._window, self._state

    def _set_pending_or_firing(self, slots: Ints) -> None:
        decision = self._decision.take(slots)
        self.pending_or_firing[slots] = (decision.level > 0) | ~np.isnan(decision.onset)

    def _grow(self) -> None:
        """Make room for all rows, and for as many again."""
        have = len(self.device_numbers)
        if len(self.rows) <= have:
            return
        capacity = max(64, 2 * have)
        self._params.grow(capacity)
        for table in self._saved:
            table.grow(capacity)
        self.noted = np.concatenate((self.noted, np.zeros((2, capacity - have))), axis=1)
        for name in ("device_numbers", "series_numbers", "pending_or_firing"):
            array = getattr(self, name)
            setattr(self, name, np.concatenate((array, np.zeros(capacity - have, dtype=array.dtype))))
