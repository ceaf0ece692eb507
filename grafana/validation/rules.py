"""Alert rules: intervals that Grafana can keep, and parts that refer to parts and data sources that exist."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from grafana.alerting.rules.rule import EVALUATION_INTERVAL
from grafana.validation.problem import ProblemKind
from grafana.validation.provisioning_tree import EXPRESSION_SOURCE, KeyPath, ProvisioningTree

_REF_ID = re.compile(r"\$\{([A-Z])\}|\$([A-Z])\b")
_DURATION = re.compile(r"(\d+)([hms])")
_SECONDS = {"h": 3600, "m": 60, "s": 1}


def check_rules(tree: ProvisioningTree) -> None:
    """Every group of rules, and every part of every rule."""
    sources = tree.data_sources() | {EXPRESSION_SOURCE}
    for file, path, group in tree.entries("alerting/rules-*.yaml", "groups"):
        seconds = _seconds(group.get("interval"))
        if seconds is not None and (seconds == 0 or seconds % EVALUATION_INTERVAL):
            message = f"Grafana evaluates every {EVALUATION_INTERVAL} s, or a multiple of that"
            tree.add(file, (*path, "interval"), ProblemKind.WRONG_INTERVAL, message)
    for file, path, rule in tree.rules():
        _check_rule(tree, file, path, rule, sources)


def _check_rule(
    tree: ProvisioningTree, file: str, path: KeyPath, rule: dict[str, Any], sources: Collection[str]
) -> None:
    parts = [part for part in rule.get("data") or () if isinstance(part, dict)]
    ref_ids = [part.get("refId") for part in parts]
    if rule.get("condition") not in ref_ids:
        message = f"no part {rule.get('condition')!r} in {ref_ids}"
        tree.add(file, (*path, "condition"), ProblemKind.UNKNOWN_CONDITION, message)
    for i, part in enumerate(parts):
        here, model, ref_id = (*path, "data", i), part.get("model") or {}, part.get("refId")
        if ref_id in ref_ids[:i] or model.get("refId") != ref_id:
            message = f"{ref_id!r} must be unique in the rule, and the refId of the part's model"
            tree.add(file, here, ProblemKind.DUPLICATE_REF_ID, message)
        for kind, message in _part_problems(part.get("datasourceUid"), model, ref_id, ref_ids, sources):
            tree.add(file, here, kind, message)


def _part_problems(
    uid: object, model: Mapping[str, Any], ref_id: object, ref_ids: Sequence[object], sources: Collection[str]
) -> list[tuple[ProblemKind, str]]:
    if uid not in sources:
        return [(ProblemKind.UNKNOWN_DATA_SOURCE, f"no data source has the uid {uid!r}")]
    if uid == EXPRESSION_SOURCE:
        wrong = [used for used in _used_ref_ids(model) if used not in ref_ids or used == ref_id]
        return [(ProblemKind.UNKNOWN_REF_ID, f"no other part of the rule is {used!r}") for used in wrong]
    if "$timeFilter" not in str(model.get("query")):
        return [(ProblemKind.QUERY_WITHOUT_TIME, "a query without $timeFilter reads everything that is stored")]
    return []


def _used_ref_ids(model: Mapping[str, Any]) -> list[str]:
    text = str(model.get("expression"))
    return [text] if model.get("type") == "reduce" else [one or other for one, other in _REF_ID.findall(text)]


def _seconds(duration: object) -> int | None:
    return sum(int(n) * _SECONDS[u] for n, u in _DURATION.findall(duration)) if isinstance(duration, str) else None
