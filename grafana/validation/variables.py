"""Variables in the provisioning files: known and set; no secret, and no `$` that Grafana might replace."""

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatch
from typing import Any

from grafana.alerting.variables import KNOWN, variables_in
from grafana.validation.problem import ProblemKind
from grafana.validation.provisioning_tree import KeyPath, ProvisioningTree

# Texts in which Grafana replaces no variables: whole files, and these keys of rules.
_LITERAL_FILES = ("alerting/templates.yaml", "alerting/mute-timings.yaml")
_LITERAL_KEYS_OF_RULES = ("annotations", "model")
_SECRET_KEYS = ("password", "token", "secret")


def check_variables(tree: ProvisioningTree, channels: Collection[str], environ: Mapping[str, str] | None) -> None:
    """`channels` are the variables with the addresses of channels. With `environ`, all variables must be set in it."""
    known = KNOWN | frozenset(channels)
    reported: set[str] = set()
    for file, content in tree.files.items():
        if file.endswith(".json"):
            continue
        for path, text in _texts(content):
            if _is_literal(file, path):
                _check_no_dollar(tree, file, path, text)
                continue
            for name in variables_in(text):
                if name not in known:
                    message = f"{name} is not a variable of Wardwatch: write $$ for a literal $"
                    tree.add(file, path, ProblemKind.UNKNOWN_VARIABLE, message)
                elif environ is not None and not environ.get(name) and name not in reported:
                    reported.add(name)
                    message = f"{name} is not set: Grafana would replace it by nothing"
                    tree.add(file, path, ProblemKind.UNSET_VARIABLE, message)
            _check_no_secret(tree, file, path, text)


def _texts(node: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(node, str):
        yield path, node
    steps: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, child in steps:
        yield from _texts(child, (*path, step))


def _is_literal(file: str, path: KeyPath) -> bool:
    in_rule = fnmatch(file, "alerting/rules-*.yaml") and any(step in _LITERAL_KEYS_OF_RULES for step in path)
    return file in _LITERAL_FILES or in_rule


def _check_no_dollar(tree: ProvisioningTree, file: str, path: KeyPath, text: str) -> None:
    """Versions of Grafana differ in whether they replace variables here, so no `$` is allowed, except in queries."""
    if "$" in text and "model" not in path:
        tree.add(file, path, ProblemKind.UNEXPECTED_DOLLAR, "some versions of Grafana replace variables here: use no $")


def _check_no_secret(tree: ProvisioningTree, file: str, path: KeyPath, text: str) -> None:
    secret = "secureJsonData" in path or any(str(path[-1]).lower().endswith(key) for key in _SECRET_KEYS)
    if path and secret and text and not any(variables_in(text)):
        message = "a secret must come from the environment, not from a file in version control"
        tree.add(file, path, ProblemKind.SECRET_IN_FILE, message)
