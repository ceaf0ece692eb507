"""Names, uids and templates: none is given twice, and every template that is used is defined."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from grafana.validation.problem import ProblemKind
from grafana.validation.provisioning_tree import KeyPath, ProvisioningTree

_TEMPLATE = re.compile(r'\{\{\s*template\s+"([^"]+)"')
_DEFINE = re.compile(r'\{\{-?\s*define\s+"([^"]+)"')
_NAMED = (
    ("alerting/rules-*.yaml", "groups"), ("alerting/contact-points.yaml", "contactPoints"),
    ("alerting/mute-timings.yaml", "muteTimes"), ("alerting/templates.yaml", "templates"),
    ("datasources/*.yaml", "datasources"),
)  # fmt: skip


def check_names(tree: ProvisioningTree) -> None:
    """Whatever Grafana looks up by a name or a uid has one of its own."""
    for pattern, key in _NAMED:
        _unique(tree, ((f, p, e.get("name")) for f, p, e in tree.entries(pattern, key)), ProblemKind.DUPLICATE_NAME)
    _unique(tree, ((f, p, r.get("title")) for f, p, r in tree.rules()), ProblemKind.DUPLICATE_NAME)
    sources = tree.entries("datasources/*.yaml", "datasources")
    dashboards = ((file, (), page) for file, page in tree.files.items() if file.endswith(".json"))
    for found in (sources, tree.rules(), tree.integrations(), dashboards):
        _unique(tree, ((f, p, entry.get("uid")) for f, p, entry in found), ProblemKind.DUPLICATE_UID)


def check_templates(tree: ProvisioningTree) -> None:
    """Every template that a template or a contact point uses is defined."""
    bodies = [str(t.get("template")) for _, _, t in tree.entries("alerting/templates.yaml", "templates")]
    defined = {name for body in bodies for name in _DEFINE.findall(body)}
    for file, path, entry in tree.entries("alerting/templates.yaml", "templates"):
        _check_text(tree, file, path, str(entry.get("template")), defined)
    for file, path, integration in tree.integrations():
        _check_text(tree, file, path, str(integration.get("settings")), defined)


def _unique(tree: ProvisioningTree, found: Iterator[tuple[str, KeyPath, Any]], kind: ProblemKind) -> None:
    seen: dict[str, str] = {}
    for file, path, name in found:
        if isinstance(name, str) and name in seen:
            tree.add(file, path, kind, f"{name!r} is already in {seen[name]}")
        elif isinstance(name, str):
            seen[name] = file


def _check_text(tree: ProvisioningTree, file: str, path: KeyPath, text: str, defined: Collection[str]) -> None:
    for name in _TEMPLATE.findall(text):
        if name not in defined:
            tree.add(file, path, ProblemKind.UNKNOWN_TEMPLATE, f"no template is named {name!r}")
