"""The generated files for the shipped config, and the queries of dashboards as Grafana sends them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from app.settings.config_reader import config_reader
from grafana import dashboard_files as dashboard_generator
from grafana.alerting import files as alerting_generator
from grafana.dashboard_files import all_dashboards
from tests.app.calling import ADDRESSES, SHIPPED
from ward.clock import ManualClock
from ward.config.config import Config

_VARIABLE = re.compile(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)|\[\[(\w+)\]\]")


@dataclass(frozen=True)
class DashboardQuery:
    """The query of one panel, annotation or variable of a dashboard."""

    uid: str
    panel: str
    influxql: str
    kind: str = "panel"

    def __str__(self) -> str:
        return f"{self.uid}: {self.panel}"


@cache
def config() -> Config:
    """The shipped config."""
    return config_reader(SHIPPED, ADDRESSES)(ManualClock().now())


@cache
def dashboard_files() -> Mapping[str, str]:
    """The files that `wardwatch grafana build` writes for it, by path."""
    return dashboard_generator.files(config())


@cache
def alerting_files() -> Mapping[str, str]:
    """The files that `wardwatch grafana alerts` writes for it, by path."""
    return alerting_generator.files(config())


@cache
def dashboards() -> Mapping[str, Any]:
    """All dashboards as Grafana reads them, by uid."""
    return {page.uid: json.loads(page.json()) for page in all_dashboards(config())}


def panels(dashboard: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The panels of a dashboard, without the headings."""
    return (panel for panel in dashboard["panels"] if panel["type"] != "row")


def all_queries() -> list[DashboardQuery]:
    """Every query of every dashboard."""
    return [query for uid, dashboard in dashboards().items() for query in _of(uid, dashboard)]


def _of(uid: str, dashboard: Mapping[str, Any]) -> Iterator[DashboardQuery]:
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield DashboardQuery(uid, f"variable {variable['name']}", variable["query"], "variable")
    for annotation in dashboard["annotations"]["list"]:
        yield DashboardQuery(uid, f"annotation {annotation['name']}", annotation["query"], "annotation")
    for panel in panels(dashboard):
        for target in panel.get("targets", ()):
            if "query" in target:
                yield DashboardQuery(uid, f"{panel['title']} {target['refId']}", target["query"])


def rendered(query: str, values: Mapping[str, str], all_values: Mapping[str, str], time: str, every: str) -> str:
    """A query as Grafana 9.4 sends it: variables first, then the time filter, then variables again without a format.

    This follows its `classicQuery` and `templateSrv.replace`. `$__all` becomes the `allValue` of the variable, which
    is not formatted.
    """
    once = _replaced(query, values, all_values)
    twice = once.replace("$timeFilter", time).replace("$__interval", every)
    return _replaced(twice, values, all_values)


def _replaced(query: str, values: Mapping[str, str], all_values: Mapping[str, str]) -> str:
    def one(found: re.Match[str]) -> str:
        name, form = found[1] or found[3] or found[4], found[2]
        if name not in values:
            return found[0]
        if values[name] == "$__all":
            return all_values[name]
        return formatted(values[name], form)

    return _VARIABLE.sub(one, query)


def formatted(value: str, form: str | None) -> str:
    """A value in one of Grafana's formats; without a format the value itself."""
    if form == "percentencode":
        return quote(value, safe="-_.~")
    if form == "regex":
        return re.sub(r"[\\^$*+?.()|[\]{}/]", r"\\\g<0>", value)
    return value
