"""Collects the faults of one reading of a config directory."""

import difflib
from collections.abc import Collection

from ward.config.yaml.document import Document, KeyPath, Position
from ward.config.yaml.fault import ConfigFault
from ward.ids import printable

# A guess compares with all known names: these limits bound the time for a file with many faults.
_GUESSES = 100
_NAMES = 3000


class FaultCollector:
    """Collects faults; for an unknown name it adds the most similar known one."""

    def __init__(self) -> None:
        self._found: dict[ConfigFault, None] = {}
        self._guesses = _GUESSES

    def add(self, document: Document, path: KeyPath, message: str, *, key: bool = False, warning: bool = False) -> None:
        """A fault at a path of a document; with `key` at its key, not at its value."""
        self.at(document.file, document.place(path, key), message, warning=warning)

    def at(self, file: str, place: Position, message: str, *, warning: bool = False) -> None:
        """Add a fault at a place (line, column) of a file. The message may contain text from files: it is escaped."""
        self._found[ConfigFault(file, *place, printable(message, 1000), warning)] = None

    def extend(self, faults: Collection[ConfigFault]) -> None:
        """Add all these faults."""
        self._found.update(dict.fromkeys(faults))

    def unknown(
        self, document: Document, path: KeyPath, what: str, name: str, known: Collection[str], *,
        key: bool = False, warning: bool = False,
    ) -> None:  # fmt: skip
        """Adds a fault: there is no `what` of this name."""
        words = f"there is no {what} '{printable(name, 64)}'{self.guess(name, known)}"
        self.add(document, path, words, key=key, warning=warning)

    def guess(self, name: str, known: Collection[str]) -> str:
        """`; did you mean 'ward'?`, or all names where these are few, or an empty text."""
        if self._guesses > 0 and len(known) <= _NAMES:
            self._guesses -= 1
            lower = name[:64].lower()
            near = difflib.get_close_matches(lower, {k.lower(): k for k in known}, 1, 0.6)
            near = near or sorted(k.lower() for k in known if k.lower().startswith(f"{lower}_"))
            if near:
                meant = next(k for k in known if k.lower() == near[0])
                return f"; did you mean '{printable(meant, 64)}'?"
        if 0 < len(known) <= 12:
            return f"; known here: {', '.join(printable(k, 40) for k in sorted(known))}"
        return ""

    @property
    def has_errors(self) -> bool:
        """Whether there is a fault that is not a warning."""
        return any(not fault.warning for fault in self._found)

    def has_errors_in(self, document: Document) -> bool:
        """Whether one file has a fault that is not a warning."""
        return any(not fault.warning and fault.file == document.file for fault in self._found)

    def all(self) -> list[ConfigFault]:
        """Faults and warnings, in the order of their places."""
        return sorted(self._found)
