"""One YAML file as plain data with the place of each value."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

KeyPath = tuple[str | int, ...]
Position = tuple[int, int]

_NOWHERE: Position = (1, 1)
_VARIABLE = re.compile(r"\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::([-?])([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place (line, column): a scalar, a list of nodes, or nodes by key.

    `keys` holds the places of the keys. `size` is the number of values in it; an alias counts as its anchor.
    """

    place: Position
    value: Any
    keys: Mapping[str, Position]
    size: int = 1

    def data(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.data() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.data() for node in self.value]
        return self.value

    def child(self, step: str | int) -> "Node | None":
        """The node under a key or at an index; None where there is none."""
        if isinstance(self.value, dict):
            return self.value.get(step) if isinstance(step, str) else None
        if isinstance(self.value, list) and isinstance(step, int) and step < len(self.value):
            found: Node = self.value[step]
            return found
        return None


def node_of(data: Any) -> Node:
    """Plain data as nodes, all at the first line. The inverse of `Node.data`."""
    if isinstance(data, dict):
        children = {str(key): node_of(child) for key, child in data.items()}
        return Node(_NOWHERE, children, dict.fromkeys(children, _NOWHERE), 1 + sum(n.size for n in children.values()))
    if isinstance(data, list):
        nodes = [node_of(child) for child in data]
        return Node(_NOWHERE, nodes, {}, 1 + sum(node.size for node in nodes))
    return Node(_NOWHERE, data, {})


@dataclass(frozen=True, slots=True)
class Document:
    """A file and its root node."""

    file: str
    root: Node

    def data(self) -> Any:
        """The whole file as plain data, without places."""
        return self.root.data()

    def place(self, path: KeyPath, key: bool = False) -> Position:
        """The place of a value, or with `key` of its key; of the nearest value around it where it is missing."""
        node = self.root
        place = node.place
        for i, step in enumerate(path):
            last = i == len(path) - 1
            found = node.child(step)
            if isinstance(step, str) and step in node.keys and (found is None or (last and key)):
                return node.keys[step]
            if found is None:
                return place
            # The place of a block of lines is that of its key.
            block = isinstance(step, str) and isinstance(found.value, dict | list)
            node, place = found, node.keys[str(step)] if block else found.place
        return place

    def names(self, *pattern: str) -> Iterator[tuple[str, KeyPath]]:
        """(key, path) of the keys below a path in which `*` stands for every key. Works for files with faults too."""
        yield from _names(self.root, pattern, ())

    def expanded(self, environ: Mapping[str, str]) -> "tuple[Document, list[tuple[Position, str]]]":
        """With `${NAME}`, `${NAME:-default}` and `${NAME:?message}` replaced, and (place, text) of missing variables.

        `$${` stands for `${`. The value of a variable is text and is never read as YAML.
        """
        missing: list[tuple[Position, str]] = []
        return Document(self.file, _expanded(self.root, environ, missing)), missing


def _names(node: Node, pattern: tuple[str, ...], path: KeyPath) -> Iterator[tuple[str, KeyPath]]:
    if not isinstance(node.value, dict):
        return
    if not pattern:
        for key in node.value:
            yield key, (*path, key)
        return
    for key, child in node.value.items():
        if pattern[0] in ("*", key):
            yield from _names(child, pattern[1:], (*path, key))


def _expanded(node: Node, environ: Mapping[str, str], missing: list[tuple[Position, str]]) -> Node:
    value = node.value
    if isinstance(value, dict):
        value = {key: _expanded(child, environ, missing) for key, child in value.items()}
    elif isinstance(value, list):
        value = [_expanded(child, environ, missing) for child in value]
    elif isinstance(value, str) and "${" in value:

        def put(match: re.Match[str]) -> str:
            name, kind, rest = match.groups()
            if name is None:
                return "${"
            found = environ.get(name, "")
            if found or kind == "-" or (kind is None and name in environ):
                return found or rest or ""
            missing.append((node.place, f"the environment variable {name} is not set" + (f": {rest}" if rest else "")))
            return ""

        value = _VARIABLE.sub(put, value)
    return Node(node.place, value, node.keys, node.size)
