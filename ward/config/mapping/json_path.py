"""Paths into the JSON of a vendor, as they are written in config.

hr                     the key `hr`
patient.vitals.hr      keys in keys
samples[0].t           an entry of a list, counted from 0; [-1] is the last
obs[code=HR].value     the one entry of a list whose `code` is HR (text, or a number)
["odd.key"].value      a key with dots, brackets or quotes in it
$.header.time          from the top of the payload, where other paths begin inside an entry of `each`
"""

import re
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ward.ids import printable

MOST_STEPS = 16
MOST_LETTERS = 300

_STEP = re.compile(
    r"""(?P<dot>\.?)(?P<key>[^.\[\]"=]+)
      | \["(?P<quoted>[^"]+)"\]
      | \[(?P<index>-?[0-9]{1,5})\]
      | \[(?P<name>[^.\[\]"=]+)=(?:"(?P<text>[^"]*)"|(?P<bare>[^\[\]"=]+))\]""",
    re.VERBOSE,
)


class _Absent:
    """Stands for a missing value; null is not missing."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()


class AmbiguousPath(ValueError):
    """Raised where a path leads to several values: a wrong guess could harm a patient."""


@dataclass(frozen=True, slots=True)
class ListEntryStep:
    """A step to the one entry of a list whose `name` is `text`."""

    name: str
    text: str

    def of(self, node: object) -> object:
        """The entry of a list, or `ABSENT`. Raises `AmbiguousPath` where there are several."""
        if not isinstance(node, list):
            return ABSENT
        found = [entry for entry in node if isinstance(entry, dict) and as_text(entry.get(self.name)) == self.text]
        if len(found) > 1:
            raise AmbiguousPath(f"[{self.name}={self.text}] is there {len(found)} times")
        return found[0] if found else ABSENT


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A parsed path. `top` is True for one that begins at the top of the payload."""

    written: str
    steps: tuple[str | int | ListEntryStep, ...]
    top: bool = False

    @classmethod
    def parse(cls, text: object) -> "JsonPath":
        """The path that `text` describes. Raises `ValueError` with the position of the first invalid character."""
        if not isinstance(text, str) or not text or len(text) > MOST_LETTERS:
            raise ValueError("a path is text such as obs[code=HR].value")
        top = text.startswith("$")
        steps, at = [], int(top)
        while at < len(text):
            found = _STEP.match(text, at)
            if found is None or not _joined(found, first=at == 0):
                words = f"'{printable(text, 80)}' is no path from character {at + 1} on"
                raise ValueError(f"{words}: a path is such as obs[code=HR].value")
            steps.append(_step(found))
            at = found.end()
        if len(steps) > MOST_STEPS:
            raise ValueError(f"a path has at most {MOST_STEPS} steps, this one {len(steps)}")
        return cls(text, tuple(steps), top)

    def find(self, node: Any) -> Any:
        """The value at the path, or `ABSENT`. Raises `AmbiguousPath`."""
        for step in self.steps:
            node = _down(node, step)
            if node is ABSENT:
                return ABSENT
        return node

    def explain_missing(self, node: Any) -> str:
        """The first step of the path that does not exist, as a sentence; empty when the whole path exists."""
        for step in self.steps:
            below = _down(node, step)
            if below is ABSENT:
                return f"there is no `{_shown(step)}`{_instead(node)}"
            node = below
        return ""

    def __str__(self) -> str:
        return self.written


def as_text(value: object) -> str:
    """A name or a finite number as text; empty for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        whole = isinstance(value, int) and -(2**63) < value < 2**64
        return str(value) if whole or (isinstance(value, float) and isfinite(value)) else ""
    return ""


def _joined(found: "re.Match[str]", *, first: bool) -> bool:
    """Keys are joined by dots, and the first has none before it; no key begins or ends with a space."""
    if found["key"] is None:
        return found["name"] is None or found["name"] == found["name"].strip()
    return bool(found["dot"]) != first and found["key"] == found["key"].strip() and found["key"].isprintable()


def _step(found: "re.Match[str]") -> str | int | ListEntryStep:
    if found["index"] is not None:
        return int(found["index"])
    if found["name"] is not None:
        return ListEntryStep(found["name"], found["bare"] if found["text"] is None else found["text"])
    return str(found["key"] or found["quoted"])


def _down(node: Any, step: str | int | ListEntryStep) -> Any:
    if isinstance(step, str):
        return node.get(step, ABSENT) if isinstance(node, dict) else ABSENT
    if isinstance(step, ListEntryStep):
        return step.of(node)
    return node[step] if isinstance(node, list) and -len(node) <= step < len(node) else ABSENT


def _shown(step: str | int | ListEntryStep) -> str:
    if isinstance(step, ListEntryStep):
        return f"[{step.name}={step.text}]"
    return f"[{step}]" if isinstance(step, int) else step


def _instead(node: Any) -> str:
    if isinstance(node, dict):
        return f", only {', '.join(printable(key, 24) for key in list(node)[:8])}" if node else ": the object is empty"
    return f" in a list of {len(node)}" if isinstance(node, list) else ""
