"""All problems of a provisioning tree: each file against its schema, and every reference from one file to another."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from grafana.validation.names import check_names, check_templates
from grafana.validation.policies import check_policies
from grafana.validation.problem import Problem, ProblemKind
from grafana.validation.provisioning_tree import KeyPath, ProvisioningTree
from grafana.validation.rules import check_rules
from grafana.validation.variables import check_variables


def validate(
    files: Mapping[str, str], channels: Collection[str] = (), environ: Mapping[str, str] | None = None
) -> list[Problem]:
    """The problems of a tree, sorted by file. `channels` are the variables with the addresses of channels.

    With `environ`, a variable that is not set in it is a problem too.
    """
    tree = ProvisioningTree.of(files)
    for check in (check_names, check_rules, check_policies, check_templates, _check_dashboards):
        check(tree)
    check_variables(tree, channels, environ)
    return sorted(set(tree.problems))


def _check_dashboards(tree: ProvisioningTree) -> None:
    """Dashboards name only data sources that exist."""
    sources = tree.data_sources()
    for file, dashboard in tree.files.items():
        if file.endswith(".json"):
            for path, uid in _data_source_uids(dashboard):
                if uid not in sources and not uid.startswith(("-", "$", "grafana")):
                    tree.add(file, path, ProblemKind.UNKNOWN_DATA_SOURCE, f"no data source has the uid {uid!r}")


def _data_source_uids(dashboard: Any) -> Iterator[tuple[KeyPath, str]]:
    """The path of each object with a data source, and the uid of that."""
    waiting: list[tuple[KeyPath, Any]] = [((), dashboard)]
    while waiting:
        path, node = waiting.pop()
        source = node.get("datasource") if isinstance(node, dict) else None
        uid = source.get("uid") if isinstance(source, dict) else None
        if isinstance(uid, str):
            yield path, uid
        steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        waiting += [((*path, step), child) for step, child in steps if isinstance(child, dict | list)]
