"""Decides which edits of the config wait until a person confirms them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.config.watch_changes import changed_rules, removed_watch

# A confirmation holds for so long: for programs that see the edit later, and not for the same edit on another day.
CONFIRMATION_HOLDS = 15 * 60 * SECOND

LostRecipients = Callable[[Config, Config, Micros], Iterable[str]]


@dataclass(frozen=True, slots=True)
class WaitingEdit:
    """An edit that is not in force: the hash of its config, and why it waits.

    `removed` says what is no longer watched and who is no longer notified, a sentence each. `changed` are the pairs
    of device and rule about patients that it changes or removes: their active alerts would end.
    """

    hash: str
    removed: tuple[str, ...] = ()
    changed: frozenset[tuple[str, str]] = frozenset()

    def lines(self) -> list[str]:
        """Sentences for people, the first with what to do."""
        confirm = f"wardwatch config confirm {self.hash}"
        if self.removed:
            first = f"edit {self.hash} takes watch over patients away and waits for a confirmation: {confirm}"
            return [first, *self.removed]
        rules = ", ".join(sorted({rule for _, rule in self.changed}))
        return [
            f"edit {self.hash} changes rules about patients and waits until none of them has an active alert, or for a "
            f"confirmation: {confirm}",
            f"changed: {rules}",
        ]


class EditGuard:
    """Compares an edited config with the one in force. Any thread may call the methods.

    An edit that takes watch over a patient away waits for a person. One that changes rules about patients waits until
    the program `alerts` confirms that none of their alerts is active, or for a person. `lost` returns who would no
    longer be notified, a sentence each.
    """

    def __init__(self, lost: LostRecipients) -> None:
        self._lost = lost
        self._confirmed: dict[str, Micros] = {}
        self._ends_no_alert: dict[str, Micros] = {}

    def confirm(self, hash_: str, at: Micros, *, automatic: bool = False) -> None:
        """A person has confirmed the config with this hash; or `automatic`, the program `alerts`.

        What `alerts` confirms ends no alert. In a program whose config in force is another one, the same edit may take
        watch away: there it still waits for a person.
        """
        (self._ends_no_alert if automatic else self._confirmed)[hash_] = at

    def check(self, old: Config, new: Config, now: Micros) -> WaitingEdit | None:
        """Why the config `new` waits; None when it may be in force at once."""
        if old.hash == new.hash or _holds(self._confirmed.get(new.hash), now):
            return None
        removed = (*removed_watch(old, new, now), *self._lost(old, new, now))
        if not removed and _holds(self._ends_no_alert.get(new.hash), now):
            return None
        changed = changed_rules(old, new, now)
        return WaitingEdit(new.hash, removed, changed) if removed or changed else None


def _holds(confirmed: Micros | None, now: Micros) -> bool:
    return confirmed is not None and abs(now - confirmed) <= CONFIRMATION_HOLDS
