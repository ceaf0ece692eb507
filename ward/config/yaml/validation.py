"""Validates a document by a model: finds all faults in one run, and returns the document without faulty parts."""

import json
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ward.config.yaml.document import Document, KeyPath, Node
from ward.config.yaml.error_texts import SHAPES, keys_at, sentence
from ward.config.yaml.fault_collector import FaultCollector
from ward.ids import printable

M = TypeVar("M", bound=BaseModel)
# Each round removes something, from the leaves up: no document is that deep.
_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class ValidatedFile(Generic[M]):
    """A file as its model and as the document it was made from, both without the parts that were faulty.

    `original` is the document as it is in the file: names in it are known also where an entry has faults.
    """

    model: M
    document: Document
    original: Document


def validated(
    model: type[M], original: Document, faults: FaultCollector, *, quote: bool = True
) -> ValidatedFile[M] | None:
    """The document as `model`, without faulty parts, so that the rest can be checked too; None if nothing is left.

    `quote` is False for a document that may hold secrets: no message contains its values.
    """
    document = Document(original.file, _copied(original.root))
    pruner = _Pruner(model, document, faults, quote)
    for _ in range(_ROUNDS):
        try:
            return ValidatedFile(strict(model, document.data()), document, original)
        except ValidationError as error:
            if not pruner.prune(error.errors(include_url=False)):
                break
        except (RecursionError, OverflowError):
            break
    if not pruner.any_reported:
        faults.add(document, (), "holds a number or a pattern too large to be read")
    return None


def strict(model: type[M], data: Any) -> M:
    """`data` as a model, through JSON: its strict mode accepts a list for a tuple, but not "5" for 5.

    Raises pydantic's `ValidationError`.
    """
    return model.model_validate_json(json.dumps(data), strict=True)


def steps(problem: ErrorDetails) -> KeyPath:
    """The path of a problem. pydantic appends `[key]` where the key itself is wrong."""
    return tuple(part for part in problem["loc"] if part != "[key]")


class _Pruner:
    """Reports the faults of a document and removes them. What only follows from a removal is not reported."""

    def __init__(self, model: type[BaseModel], document: Document, faults: FaultCollector, quote: bool) -> None:
        self.any_reported = False
        self._model = model
        self._document = document
        self._faults = faults
        self._quote = quote
        self._touched: set[int] = set()

    def prune(self, problems: list[ErrorDetails]) -> bool:
        """Report and remove. Returns whether there was anything to remove."""
        for problem in problems:
            loc = steps(problem)
            if id(self._nodes(loc)[-1]) not in self._touched or problem["type"] == "extra_forbidden":
                self._report(problem, loc)
        # From the end, so that the numbers of list entries hold while entries go.
        ends = {steps(p)[:-1] if p["type"] == "missing" else steps(p): p for p in problems}
        taken = [self._take(loc, ends[loc]) for loc in sorted(ends, key=_order, reverse=True)]
        return any(taken)

    def _report(self, problem: ErrorDetails, loc: KeyPath) -> None:
        add, kind = self._faults.add, problem["type"]
        if kind in SHAPES and problem["input"] is None and loc:
            # A key without a value, such as when all entries are commented out, counts as left out.
            return
        self.any_reported = True
        if kind == "extra_forbidden":
            guess = self._faults.guess(str(loc[-1]), keys_at(self._model, loc[:-1]))
            add(self._document, loc, f"unknown key '{printable(str(loc[-1]), 64)}'{guess}", key=True)
        else:
            around = loc[:-1] if kind == "missing" else loc
            add(self._document, around, sentence(problem, loc, quote=self._quote), key="[key]" in problem["loc"])

    def _take(self, loc: KeyPath, problem: ErrorDetails) -> bool:
        nodes = self._nodes(loc)
        if len(nodes) <= len(loc) or not loc:
            return False
        harmless = problem["type"] == "extra_forbidden" or (problem["type"] in SHAPES and problem["input"] is None)
        if not harmless:
            self._touched.update(map(id, nodes[:-1]))
        del nodes[-2].value[loc[-1]]
        return True

    def _nodes(self, loc: KeyPath) -> list[Node]:
        """The nodes from the root to `loc`, as far as there are any."""
        nodes = [self._document.root]
        for step in loc:
            found = nodes[-1].child(step)
            if found is None:
                break
            nodes.append(found)
        return nodes


def _order(loc: KeyPath) -> list[tuple[int, str]]:
    return [(part, "") if isinstance(part, int) else (-1, part) for part in loc]


def _copied(node: Node) -> Node:
    """With containers of its own, and none shared between two aliases."""
    if isinstance(node.value, dict):
        return Node(node.place, {k: _copied(v) for k, v in node.value.items()}, node.keys, node.size)
    if isinstance(node.value, list):
        return Node(node.place, [_copied(v) for v in node.value], node.keys, node.size)
    return Node(node.place, node.value, node.keys, node.size)
