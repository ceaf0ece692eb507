"""The dashboards of the shipped config, and their questions as Grafana would send them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from app.settings.config_reader import config_reader
from grafana import dashboard_files as files_of_dashboards
from grafana.alerting import files as files_of_alerting
from grafana.dashboard_files import all_dashboards
from tests.app.calling import ADDRESSES, SHIPPED
from ward.clock import ManualClock
from ward.config.config import Config

_VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)|\[\[(\w+)\]\]")


@dataclass(frozen=True)
class Question:
    """One target of one panel, or of an annotation or variable of a dashboard."""

    uid: str
    panel: str
    query: str
    kind: str = "panel"

    def __str__(self) -> str:
        return f"{self.uid}: {self.panel}"


@cache
def config() -> Config:
    """The shipped one."""
    return config_reader(SHIPPED, ADDRESSES)(ManualClock().now())


@cache
def dashboard_files() -> Mapping[str, str]:
    """What `wardwatch grafana build` writes of it, by path."""
    return files_of_dashboards.files(config())


@cache
def alerting_files() -> Mapping[str, str]:
    """What `wardwatch grafana alerts` writes of it, by path."""
    return files_of_alerting.files(config())


@cache
def dashboards() -> Mapping[str, Any]:
    """All dashboards as Grafana reads them, by uid."""
    return {page.uid: json.loads(page.json()) for page in all_dashboards(config())}


def panels(dashboard: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Its panels, without the headings."""
    return (panel for panel in dashboard["panels"] if panel["type"] != "row")


def questions() -> list[Question]:
    """Every question that any dashboard asks."""
    return [question for uid, dashboard in dashboards().items() for question in _of(uid, dashboard)]


def _of(uid: str, dashboard: Mapping[str, Any]) -> Iterator[Question]:
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield Question(uid, f"variable {variable['name']}", variable["query"], "variable")
    for annotation in dashboard["annotations"]["list"]:
        yield Question(uid, f"annotation {annotation['name']}", annotation["query"], "annotation")
    for panel in panels(dashboard):
        for target in panel.get("targets", ()):
            if "query" in target:
                yield Question(uid, f"{panel['title']} {target['refId']}", target["query"])


def rendered(query: str, chosen: Mapping[str, str], all_values: Mapping[str, str], time: str, every: str) -> str:
    """A question as Grafana 9.4 sends it: variables first, then the time filter, then variables again without a format.

    Transcribed from what its `classicQuery` and `templateSrv.replace` do. `$__all` is a variable's own `allValue`,
    which no format touches.
    """
    once = _replaced(query, chosen, all_values)
    twice = once.replace("$timeFilter", time).replace("$__interval", every)
    return _replaced(twice, chosen, all_values)


def _replaced(query: str, chosen: Mapping[str, str], all_values: Mapping[str, str]) -> str:
    def one(found: re.Match[str]) -> str:
        name, form = found[1] or found[3] or found[4], found[2]
        if name not in chosen:
            return found[0]
        if chosen[name] == "$__all":
            return all_values[name]
        return formatted(chosen[name], form)

    return _VARIABLE.sub(one, query)


def formatted(value: str, form: str | None) -> str:
    """A value in one of Grafana's formats; without one it is the bare value."""
    if form == "percentencode":
        return quote(value, safe="-_.~")
    if form == "regex":
        return re.sub(r"[\\^$*+?.()|[\]{}/]", r"\\\g<0>", value)
    return value
