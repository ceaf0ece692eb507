"""A matcher: one condition on a label, in Alertmanager's syntax."""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

from ward.ids import printable

Op = Literal["=", "!=", "=~", "!~"]

LONGEST = 512
MOST_REPEATS = 3
MOST_CHOICES = 8

_TEXT = re.compile(
    r"\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\"\s{},=~!][^\"{},]*?))\s*"
)


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label: `severity="high"`, `ward=~"icu|hdu"`.

    A regular expression must match the whole value. Raises `ValueError` for an invalid one, for one that could take
    very long, since other systems may post them, and for a value of more than 512 characters.
    """

    label: str
    op: Op
    value: str

    def __post_init__(self) -> None:
        if len(self.value) > LONGEST:
            raise ValueError(f"a matcher's value of {len(self.value)} characters; at most {LONGEST}")
        if self.op in ("=~", "!~"):
            _compiled(self.value)

    @classmethod
    def parse(cls, text: str) -> "Matcher":
        """The matcher that `text` describes. Raises `ValueError` for invalid text."""
        found = _TEXT.fullmatch(text)
        if found is None:
            raise ValueError(f'not a matcher such as severity="high": {printable(text)}')
        label, op, quoted, bare = found.groups()
        return cls(label, cast("Op", op), bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted))

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether the labels satisfy it. A missing label counts as an empty one."""
        have = labels.get(self.label, "")
        if self.op in ("=", "!="):
            return (have == self.value) is (self.op == "=")
        return (_compiled(self.value).fullmatch(have) is not None) is (self.op == "=~")

    def __str__(self) -> str:
        escaped = self.value.replace("\\", r"\\").replace('"', r"\"")
        return f'{self.label}{self.op}"{escaped}"'


def parse_matchers(value: object) -> object:
    """A list of matchers, each given as text or as a `Matcher`. Raises `ValueError` for anything else."""
    if not isinstance(value, list | tuple):
        raise ValueError('a list of matchers, such as [severity="high"]')
    return tuple(Matcher.parse(item) if isinstance(item, str) else item for item in value)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        # Python warns that nested sets may get another meaning in future; the present meaning is used.
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            compiled = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"not a regular expression: {printable(pattern)}: {error}") from error
    _affordable(pattern)
    return compiled


_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?i?:|\(\?|[()|*+?]|\{\d*,?\d*\}|.", re.DOTALL)


def _affordable(pattern: str) -> None:
    """Python tries all combinations of repeats and alternatives before it gives up; this bounds how many there are.

    Raises `ValueError` for a repeated group that holds a repeat or an alternative, since those multiply without bound,
    and for too many in a row.
    """
    groups = [[(0, 0)]]  # for each open group, the repeats and choices in each of its alternatives
    closed = (0, 0)
    for piece in _PIECE.findall(pattern):
        before, closed = closed, (0, 0)
        repeats, choices = groups[-1][-1]
        if piece in ("(", "(?:", "(?i:"):
            groups.append([(0, 0)])
        elif piece == "(?":
            raise ValueError(f"a group that is neither plain nor (?:…): {printable(pattern)}")
        elif piece == ")":
            inside = groups.pop()
            closed = max(r for r, _ in inside), max(c for _, c in inside) + (len(inside) - 1).bit_length()
            repeats, choices = groups[-1][-1]
            groups[-1][-1] = repeats + closed[0], choices + closed[1]
        elif piece == "|":
            groups[-1].append((0, 0))
        elif piece == "?":
            groups[-1][-1] = repeats, choices + 1
        elif piece in ("*", "+") or (piece[0] == "{" and len(piece) > 1):
            if any(before):
                raise ValueError(f"a repeat of a group that holds a repeat or a choice: {printable(pattern)}")
            groups[-1][-1] = repeats + 1, choices
    if max(r for r, _ in groups[0]) > MOST_REPEATS or max(c for _, c in groups[0]) > MOST_CHOICES:
        raise ValueError(f"more than {MOST_REPEATS} repeats or {MOST_CHOICES} choices in a row: {printable(pattern)}")
