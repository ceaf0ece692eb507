"""Every mistake in a provisioning tree, before Grafana meets it: by schema, and by what must fit together."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from grafana.alerting.policies import KNOWN_ENDS
from grafana.alerting.rule import EVERY
from grafana.complaint import Complaint, Mistake
from grafana.tree import EXPRESSION, Tree, Where
from grafana.validate_variables import check_variables

_PART = re.compile(r"\$\{([A-Z])\}|\$([A-Z])\b")
_TEMPLATE = re.compile(r'\{\{\s*template\s+"([^"]+)"')
_DEFINE = re.compile(r'\{\{-?\s*define\s+"([^"]+)"')
_SPAN = re.compile(r"(\d+)([hms])")
_SECONDS = {"h": 3600, "m": 60, "s": 1}


def validate(files: Mapping[str, str], channels: Collection[str] = (), environ: Mapping[str, str] | None = None) -> list[Complaint]:  # noqa: E501  # fmt: skip
    """All mistakes of a tree, by file. `channels` are the variables of channels there are.

    With `environ`, a variable that is not set there is one too.
    """
    tree = Tree.of(files)
    for check in (_names, _uids, _rules, _receivers, _templates, _panels):
        check(tree)
    check_variables(tree, channels, environ)
    return sorted(set(tree.complaints))


def _names(tree: Tree) -> None:
    """What Grafana finds by its name has one of its own."""
    for pattern, key, name in (
        ("alerting/rules-*.yaml", "groups", "name"), ("alerting/contact-points.yaml", "contactPoints", "name"),
        ("alerting/mute-timings.yaml", "muteTimes", "name"), ("alerting/templates.yaml", "templates", "name"),
        ("datasources/*.yaml", "datasources", "name"),
    ):  # fmt: skip
        _unique(tree, ((f, w, e.get(name)) for f, w, e in tree.all(pattern, key)), Mistake.SAME_NAME)
    _unique(tree, ((f, w, r.get("title")) for f, w, r in tree.rules()), Mistake.SAME_NAME)


def _uids(tree: Tree) -> None:
    _unique(tree, ((f, w, e.get("uid")) for f, w, e in tree.all("datasources/*.yaml", "datasources")), Mistake.SAME_UID)
    _unique(tree, ((f, w, r.get("uid")) for f, w, r in tree.rules()), Mistake.SAME_UID)
    _unique(tree, ((f, w, i.get("uid")) for f, w, i in _integrations(tree)), Mistake.SAME_UID)
    pages = ((path, (), page.get("uid")) for path, page in tree.files.items() if path.endswith(".json"))
    _unique(tree, pages, Mistake.SAME_UID)


def _unique(tree: Tree, found: Iterator[tuple[str, Where, Any]], mistake: Mistake) -> None:
    seen: dict[Any, str] = {}
    for file, where, name in found:
        if isinstance(name, str) and name in seen:
            tree.add(file, where, mistake, f"{name!r} is in {seen[name]} already")
        elif isinstance(name, str):
            seen[name] = file


def _rules(tree: Tree) -> None:
    sources = _sources(tree) | {EXPRESSION}
    for file, where, group in tree.all("alerting/rules-*.yaml", "groups"):
        if (seconds := _seconds(group.get("interval"))) is not None and (seconds == 0 or seconds % EVERY):
            tree.add(file, (*where, "interval"), Mistake.SHORT_ROUND, f"Grafana looks every {EVERY} s, or a multiple")
    for file, where, rule in tree.rules():
        _parts(tree, file, where, rule, sources)


def _parts(tree: Tree, file: str, where: Where, rule: dict[str, Any], sources: Collection[str]) -> None:
    parts = [part for part in rule.get("data") or () if isinstance(part, dict)]
    letters = [part.get("refId") for part in parts]
    if rule.get("condition") not in letters:
        words = f"no part {rule.get('condition')!r} in {letters}"
        tree.add(file, (*where, "condition"), Mistake.UNKNOWN_CONDITION, words)
    for i, part in enumerate(parts):
        here, model = (*where, "data", i), part.get("model") or {}
        if part.get("refId") in letters[:i] or model.get("refId") != part.get("refId"):
            tree.add(file, here, Mistake.SAME_PART, f"{part.get('refId')!r} must be its own, and its model's too")
        if part.get("datasourceUid") not in sources:
            words = f"no data source has the uid {part.get('datasourceUid')!r}"
            tree.add(file, here, Mistake.UNKNOWN_SOURCE, words)
        elif part.get("datasourceUid") != EXPRESSION:
            if "$timeFilter" not in str(model.get("query")):
                tree.add(file, here, Mistake.UNBOUND_QUERY, "a query without $timeFilter reads all there ever was")
            continue
        for letter in _asked(model):
            if letter not in letters or letter == part.get("refId"):
                tree.add(file, here, Mistake.UNKNOWN_PART, f"there is no part {letter!r} to calculate with")


def _asked(model: Mapping[str, Any]) -> list[str]:
    text = str(model.get("expression"))
    return [text] if model.get("type") == "reduce" else [one or other for one, other in _PART.findall(text)]


def _receivers(tree: Tree) -> None:
    tells_ends = {
        str(point.get("name")).replace("$$", "$"): any(
            not i.get("disableResolveMessage") and i.get("type") != "prometheus-alertmanager"
            for i in point.get("receivers") or ()
            if isinstance(i, dict)
        )
        for _, _, point in tree.all("alerting/contact-points.yaml", "contactPoints")
    }
    times = {time.get("name") for _, _, time in tree.all("alerting/mute-timings.yaml", "muteTimes")}
    for file, where, root in tree.all("alerting/policies.yaml", "policies"):
        if root.get("object_matchers") or root.get("mute_time_intervals"):
            tree.add(
                file, where, Mistake.ROOT_CHOOSES, "the root takes everything: it has no matchers and is never quiet"
            )
        for here, policy, proved in _policies(where, root, False):
            name = str(policy.get("receiver")).replace("$$", "$")
            if name not in tells_ends:
                tree.add(file, here, Mistake.UNKNOWN_RECEIVER, f"no contact point is named {name!r}")
            elif tells_ends[name] and not proved:
                words = f"{name!r} is told of ends here, where Grafana takes a series it does not see for over"
                tree.add(file, here, Mistake.UNPROVED_END, words)
            for time in policy.get("mute_time_intervals") or ():
                if str(time).replace("$$", "$") not in times:
                    tree.add(file, here, Mistake.UNKNOWN_MUTE_TIME, f"no mute timing is named {time!r}")


def _policies(where: Where, policy: dict[str, Any], proved: bool) -> Iterator[tuple[Where, dict[str, Any], bool]]:
    """Each node, with whether only alerts come to it whose end Grafana can know."""
    proved = proved or KNOWN_ENDS in (policy.get("object_matchers") or ())
    yield where, policy, proved
    for i, child in enumerate(policy.get("routes") or ()):
        if isinstance(child, dict):
            yield from _policies((*where, "routes", i), child, proved)


def _templates(tree: Tree) -> None:
    bodies = [str(t.get("template")) for _, _, t in tree.all("alerting/templates.yaml", "templates")]
    defined = {name for body in bodies for name in _DEFINE.findall(body)}
    for file, where, entry in tree.all("alerting/templates.yaml", "templates"):
        _defined(tree, file, where, str(entry.get("template")), defined)
    for file, where, integration in _integrations(tree):
        _defined(tree, file, where, str(integration.get("settings")), defined)


def _defined(tree: Tree, file: str, where: Where, text: str, defined: Collection[str]) -> None:
    for name in _TEMPLATE.findall(text):
        if name not in defined:
            tree.add(file, where, Mistake.UNKNOWN_TEMPLATE, f"no template is named {name!r}")


def _panels(tree: Tree) -> None:
    """Dashboards ask data sources that are there."""
    sources = _sources(tree)

    def look(file: str, node: Any, where: Where) -> None:
        if isinstance(node, dict):
            uid = node["datasource"].get("uid") if isinstance(node.get("datasource"), dict) else None
            if isinstance(uid, str) and uid not in sources and not uid.startswith(("-", "$", "grafana")):
                tree.add(file, where, Mistake.UNKNOWN_SOURCE, f"no data source has the uid {uid!r}")
        steps: Any = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for step, child in steps:
            look(file, child, (*where, step))

    for path, page in tree.files.items():
        if path.endswith(".json"):
            look(path, page, ())


def _integrations(tree: Tree) -> Iterator[tuple[str, Where, dict[str, Any]]]:
    for file, where, point in tree.all("alerting/contact-points.yaml", "contactPoints"):
        for i, integration in enumerate(point.get("receivers") or ()):
            if isinstance(integration, dict):
                yield file, (*where, "receivers", i), integration


def _sources(tree: Tree) -> set[str]:
    return {str(source.get("uid")) for _, _, source in tree.all("datasources/*.yaml", "datasources")}


def _seconds(span: object) -> int | None:
    return sum(int(n) * _SECONDS[u] for n, u in _SPAN.findall(span)) if isinstance(span, str) else None
