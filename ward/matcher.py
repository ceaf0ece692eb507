"""A matcher: one condition on a label, in Alertmanager's syntax."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar, cast

from ward.ids import printable
from ward.matcher_syntax import ParsedMatcher, read_matcher, read_matchers, write_matcher
from ward.regular_expression import check_pattern, full_match
from ward.severity_names import NAMES, SENDER_SEVERITY, SEVERITY, our_severity

Op = Literal["=", "!=", "=~", "!~"]

LONGEST = 512

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label: `severity="high"`, `ward=~"icu|hdu"`.

    A regular expression is RE2 and must match the whole value. A severity may have any name that is known for it:
    `severity="critical"` is `severity="high"`. Raises `ValueError` for a name, an expression or a value that is invalid
    or too long.
    """

    label: str
    op: Op
    value: str

    def __post_init__(self) -> None:
        for what, text in (("name", self.label), ("value", self.value)):
            if len(text) > LONGEST:
                raise ValueError(f"a matcher's {what} of {len(text)} characters; at most {LONGEST}")
            if not is_utf8(text):
                raise ValueError(f"a matcher's {what} that is not UTF-8: {printable(text)}")
        if not self.label:
            raise ValueError("a matcher without the name of a label")
        if self.op in ("=~", "!~"):
            check_pattern(self.value)
        elif self.label == SEVERITY and (ours := our_severity(self.value)):
            object.__setattr__(self, "value", ours)

    @classmethod
    def parse(cls, text: str) -> "Matcher":
        """The matcher that `text` describes. Raises `ValueError` for invalid text, with the column."""
        return cls._of(_parsed(read_matcher, text))

    @classmethod
    def parse_list(cls, text: str) -> "list[Matcher]":
        """The matchers of `{severity="high", ward=~"icu|hdu"}`; the braces may be missing. Raises `ValueError`."""
        return [cls._of(parsed) for parsed in _parsed(read_matchers, text)]

    @classmethod
    def _of(cls, parsed: ParsedMatcher) -> "Matcher":
        return cls(parsed.label, cast("Op", parsed.op), parsed.value)

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether the labels satisfy it. A missing label counts as an empty one."""
        holds = self._equals if self.op in ("=", "!=") else self._full_match
        return any(map(holds, _values(self.label, labels))) is (self.op in ("=", "=~"))

    def _equals(self, value: str) -> bool:
        return value == self.value

    def _full_match(self, value: str) -> bool:
        return full_match(self.value, value)

    def __str__(self) -> str:
        return write_matcher(self.label, self.op, self.value)


def parse_matchers(value: object) -> object:
    """A list of matchers, each given as text or as a `Matcher`. Raises `ValueError` for anything else."""
    if not isinstance(value, list | tuple):
        raise ValueError('a list of matchers, such as [severity="high"]')
    return tuple(Matcher.parse(item) if isinstance(item, str) else item for item in value)


def _parsed(read: Callable[[str], T], text: str) -> T:
    try:
        return read(text)
    except ValueError as error:
        raise ValueError(f'not a matcher such as severity="high": {printable(text)}: {error}') from error


def is_utf8(text: str) -> bool:
    """Whether a text can be written as UTF-8: it has no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _values(label: str, labels: Mapping[str, str]) -> Iterable[str]:
    """The value of a label; a severity has all its names, and the one of its sender."""
    value = labels.get(label, "")
    if label != SEVERITY:
        return (value,)
    names = NAMES.get(value, (value,))
    sender = labels.get(SENDER_SEVERITY)
    return names if sender is None else (*names, sender)
