"""The sign `$` in a provisioning tree: variables that are known and set, and nothing that would be taken for one."""

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatch
from typing import Any

from grafana.alerting.variables import KNOWN, named
from grafana.complaint import Mistake
from grafana.tree import Tree, Where

# Where Grafana takes texts as they are, by file: the way to them ends so.
_AS_IT_IS = ("alerting/templates.yaml", "alerting/mute-timings.yaml")
_OF_RULES = ("annotations", "model")
_SECRET_KEYS = ("password", "token", "secret")


def check_variables(tree: Tree, channels: Collection[str], environ: Mapping[str, str] | None) -> None:
    """With `environ`, variables must be set in it."""
    known = KNOWN | frozenset(channels)
    told: set[str] = set()
    for file, content in tree.files.items():
        if file.endswith(".json"):
            continue
        for where, text in _texts(content):
            if _taken_as_it_is(file, where):
                _no_dollar(tree, file, where, text)
                continue
            for name in named(text):
                if name not in known:
                    tree.add(file, where, Mistake.UNKNOWN_VARIABLE, f"{name} is no variable of ours: write $$ for a $")
                elif environ is not None and not environ.get(name) and name not in told:
                    told.add(name)
                    words = f"{name} is not set: Grafana would put nothing in its place"
                    tree.add(file, where, Mistake.UNSET_VARIABLE, words)
            _no_secret(tree, file, where, text)


def _texts(node: Any, where: Where = ()) -> Iterator[tuple[Where, str]]:
    if isinstance(node, str):
        yield where, node
    steps: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, child in steps:
        yield from _texts(child, (*where, step))


def _taken_as_it_is(file: str, where: Where) -> bool:
    return file in _AS_IT_IS or (fnmatch(file, "alerting/rules-*.yaml") and any(step in _OF_RULES for step in where))


def _no_dollar(tree: Tree, file: str, where: Where, text: str) -> None:
    """Versions differ in what they replace here, so there is nothing to replace; a query's is InfluxQL's."""
    if "$" in text and "model" not in where:
        tree.add(file, where, Mistake.DOLLAR, "some versions of Grafana look for variables here: do without $")


def _no_secret(tree: Tree, file: str, where: Where, text: str) -> None:
    secret = "secureJsonData" in where or any(str(where[-1]).lower().endswith(key) for key in _SECRET_KEYS)
    if where and secret and text and not any(named(text)):
        tree.add(file, where, Mistake.SECRET, "a secret belongs in the environment, not in a file that is checked in")
