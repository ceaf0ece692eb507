"""From YAML text to nodes: YAML without tags, merge keys and equal keys, with limits for size and depth.

PyYAML's scanner and parser read the text. The nodes are composed here, from its events, because its own composer keeps
the last of two equal keys, follows aliases without limit and has no limit of depth. Scalars are read by the YAML 1.2
core schema: `no` and `08:30` are text, and so is a date.
"""

import re
from collections.abc import Iterator

import yaml

from ward.config.yaml.document import Node, Position
from ward.config.yaml.libyaml import Loader
from ward.ids import printable

MOST_VALUES = 50_000
MOST_DEPTH = 30

_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,20}|[0-9]{1,20}(\.[0-9]{0,20})?)([eE][-+]?[0-9]{1,2})?", re.ASCII)
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]", re.ASCII)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_PLAIN = {
    "mapping values are not allowed in this context": "a ': ' where none may stand: is the indentation right, "
    "or does the text need quotes?",
    "did not find expected node content": "a value is missing here, or a bracket is not closed",
    "could not find expected ':'": "a ':' is missing after the key",
    "found character that cannot start any token": "no value may begin with this character: put the text in quotes",
    "did not find expected key": "a key is expected here: is the indentation right?",
    "did not find expected '-' indicator": "a '- ' is expected here: is the indentation right?",
    "did not find expected <document start>": "this is not indented like the lines above it",
    "found unexpected end of stream": "a quote is not closed",
    "did not find expected ',' or ']'": "a ',' or a ']' is missing",
    "did not find expected ',' or '}'": "a ',' or a '}' is missing",
}


class Unreadable(Exception):
    """Raised where the rest of a file cannot be read. `place` is (line, column)."""

    def __init__(self, place: Position, message: str) -> None:
        super().__init__(message)
        self.place, self.message = place, message


class Composer:
    """Makes nodes from events. Faults after which reading continues are collected in `faults`."""

    def __init__(self, text: str) -> None:
        self.faults: list[tuple[Position, str]] = []
        self._text = text
        self._anchors: dict[str, Node | None] = {}
        self._count = 0

    def root(self) -> Node:
        """The root node. Raises `Unreadable`."""
        try:
            events = yaml.parse(self._text, Loader=Loader)
            return self._document(events)
        except yaml.MarkedYAMLError as error:
            raise self._unreadable(error) from error
        except yaml.YAMLError as error:
            raise Unreadable((1, 1), "is not YAML") from error

    def _unreadable(self, error: yaml.MarkedYAMLError) -> Unreadable:
        begun, mark = error.context_mark, error.problem_mark or error.context_mark
        message = _PLAIN.get(error.problem or "", f"is not YAML: {printable(error.problem or '')}")
        if mark is None:
            return Unreadable((1, 1), message)
        if begun is not None and begun.line != mark.line:
            message += f" (begun in line {begun.line + 1})"
        return Unreadable((min(mark.line + 1, self._text.count("\n") + 1), mark.column + 1), message)

    def _document(self, events: "Iterator[yaml.Event]") -> Node:
        next(events)
        event = next(events)
        if isinstance(event, yaml.StreamEndEvent):
            return Node((1, 1), None, {})
        root = self._node(next(events), events, 0)
        next(events)
        following = next(events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise Unreadable(_place(following), "a second document begins here: a config file holds one")
        return root

    def _node(self, event: "yaml.Event", events: "Iterator[yaml.Event]", depth: int) -> Node:
        place = _place(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor, place)
        self._bounded(place, 1, depth)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = None
        if getattr(event, "tag", None) is not None:
            tag = printable(event.tag.replace("tag:yaml.org,2002:", "!!"), 40)  # type: ignore[attr-defined]
            self.faults.append((place, f"a tag such as {tag} is not read: leave it out"))
        if isinstance(event, yaml.MappingStartEvent):
            node = self._mapping(place, events, depth)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(place, events, depth)
        else:
            assert isinstance(event, yaml.ScalarEvent)
            node = Node(place, scalar(event.value) if event.implicit[0] else event.value, {})
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _alias(self, anchor: str | None, place: Position) -> Node:
        name = anchor or ""
        if name not in self._anchors:
            raise Unreadable(place, f"*{printable(name, 40)} has no anchor &{printable(name, 40)} above it")
        node = self._anchors[name]
        if node is None:
            raise Unreadable(place, f"*{printable(name, 40)} stands inside its own anchor")
        self._bounded(place, node.size, 0)
        return node

    def _bounded(self, place: Position, values: int, depth: int) -> None:
        self._count += values
        if self._count > MOST_VALUES:
            raise Unreadable(place, f"comes to more than {MOST_VALUES} values, its aliases written out")
        if depth > MOST_DEPTH:
            raise Unreadable(place, f"is nested deeper than {MOST_DEPTH} levels")

    def _sequence(self, place: Position, events: "Iterator[yaml.Event]", depth: int) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, depth + 1))
        return Node(place, items, {}, 1 + sum(item.size for item in items))

    def _mapping(self, place: Position, events: "Iterator[yaml.Event]", depth: int) -> Node:
        values: dict[str, Node] = {}
        keys: dict[str, Position] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            where = _place(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise Unreadable(where, "a key is plain text here")
            key = event.value
            value = self._node(next(events), events, depth + 1)
            if key == "<<" and event.implicit[0]:
                self.faults.append((where, "merging with << is not read: write the keys out"))
            elif key in values:
                shown = printable(key, 40)
                self.faults.append((where, f"'{shown}' stands here twice; the first is in line {keys[key][0]}"))
            else:
                values[key], keys[key] = value, where
        return Node(place, values, keys, 1 + sum(node.size for node in values.values()))


def _place(event: "yaml.Event") -> Position:
    mark = event.start_mark
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


def scalar(text: str) -> object:
    """The value of unquoted text: None, a boolean, a number, or the text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    # 007 is text, not the number seven.
    if _FLOAT.fullmatch(text) and not _LEADING_ZERO.match(text):
        return float(text)
    return text
