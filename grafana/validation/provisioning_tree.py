"""The files of the provisioning folder, parsed and checked against the schema of each."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from grafana.schema import Strict
from grafana.schema.contact_points import ContactPointsFile
from grafana.schema.dashboard_providers import ProvidersFile
from grafana.schema.data_sources import DataSourcesFile
from grafana.schema.mute_timings import MuteTimingsFile
from grafana.schema.policies import PoliciesFile
from grafana.schema.rules import Expression, Query, RulesFile
from grafana.schema.templates import TemplatesFile
from grafana.validation.problem import Problem, ProblemKind
from ward.config.yaml.libyaml import parse_yaml
from ward.ids import printable

SCHEMAS: Mapping[str, type[Strict]] = {
    "alerting/rules-*.yaml": RulesFile,
    "alerting/contact-points.yaml": ContactPointsFile,
    "alerting/policies.yaml": PoliciesFile,
    "alerting/mute-timings.yaml": MuteTimingsFile,
    "alerting/templates.yaml": TemplatesFile,
    "datasources/*.yaml": DataSourcesFile,
    "dashboards/*.yaml": ProvidersFile,
}
EXPRESSION_SOURCE = "-100"  # the uid of Grafana's own calculations
KeyPath = tuple[str | int, ...]


@dataclass
class ProvisioningTree:
    """The parsed content of each readable file, by its path; and the problems found so far."""

    files: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> "ProvisioningTree":
        tree = cls()
        for file, text in sorted(texts.items()):
            if not file.endswith(".gitkeep"):
                tree._load(file, text)
        return tree

    def entries(self, pattern: str, key: str) -> Iterator[tuple[str, KeyPath, Any]]:
        """Each entry of the list `key` in the files that match `pattern`: file, path in it, and entry."""
        for file, content in self.files.items():
            if fnmatch(file, pattern) and isinstance(content, dict):
                entries = content.get(key)
                for i, entry in enumerate(entries if isinstance(entries, list) else ()):
                    if isinstance(entry, dict):
                        yield file, (key, i), entry

    def rules(self) -> Iterator[tuple[str, KeyPath, dict[str, Any]]]:
        """Every rule of every group."""
        for file, path, group in self.entries("alerting/rules-*.yaml", "groups"):
            for i, rule in enumerate(group.get("rules") or ()):
                if isinstance(rule, dict):
                    yield file, (*path, "rules", i), rule

    def integrations(self) -> Iterator[tuple[str, KeyPath, dict[str, Any]]]:
        """Every integration of every contact point."""
        for file, path, point in self.entries("alerting/contact-points.yaml", "contactPoints"):
            for i, integration in enumerate(point.get("receivers") or ()):
                if isinstance(integration, dict):
                    yield file, (*path, "receivers", i), integration

    def data_sources(self) -> set[str]:
        """The uids of the data sources."""
        return {str(source.get("uid")) for _, _, source in self.entries("datasources/*.yaml", "datasources")}

    def add(self, file: str, path: KeyPath, kind: ProblemKind, message: str) -> None:
        self.problems.append(Problem(file, dotted(path), kind, printable(message, 400)))

    def _load(self, file: str, text: str) -> None:
        if file.endswith(".json"):
            self._parse(file, text, json.loads)
            return
        schema = next((found for pattern, found in SCHEMAS.items() if fnmatch(file, pattern)), None)
        if schema is None:
            self.add(file, (), ProblemKind.UNKNOWN_FILE, "not a provisioning file, or one without a schema here")
        elif self._parse(file, text, parse_yaml):
            self._validate_file(file, self.files[file], schema)

    def _parse(self, file: str, text: str, parser: Any) -> bool:
        try:
            self.files[file] = parser(text)
        except (yaml.YAMLError, ValueError) as error:
            self.add(file, (), ProblemKind.NOT_YAML, f"cannot be read: {error}")
            return False
        return True

    def _validate_file(self, file: str, content: Any, schema: type[Strict]) -> None:
        self._validate(file, (), content, schema)
        if schema is not RulesFile:
            return
        for rules_file, path, rule in self.rules():
            parts = rule.get("data")
            for i, part in enumerate(parts if rules_file == file and isinstance(parts, list) else ()):
                if isinstance(part, dict):
                    model = Expression if part.get("datasourceUid") == EXPRESSION_SOURCE else Query
                    self._validate(file, (*path, "data", i, "model"), part.get("model"), model)

    def _validate(self, file: str, path: KeyPath, content: Any, schema: type[Strict]) -> None:
        try:
            schema.model_validate(content)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                self.add(file, (*path, *detail["loc"]), _kind(detail), _message(detail))


def read_folder(folder: Path) -> dict[str, str]:
    """The text of all files of a provisioning folder, by their path in it."""
    found = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in found}


def dotted(path: KeyPath) -> str:
    """`groups.0.rules.2`."""
    return ".".join(str(step) for step in path)


def _kind(detail: ErrorDetails) -> ProblemKind:
    if detail["loc"] and detail["loc"][-1] in ("noDataState", "execErrState") and detail["type"] != "missing":
        return ProblemKind.MISSING_DATA_IS_OK
    kinds = {"extra_forbidden": ProblemKind.UNKNOWN_KEY, "missing": ProblemKind.MISSING_KEY}
    return kinds.get(detail["type"], ProblemKind.WRONG_VALUE)


def _message(detail: ErrorDetails) -> str:
    value = detail["input"]
    shown = f" ({value!r})" if isinstance(value, str | int | float | bool) and detail["type"] != "missing" else ""
    if detail["type"] == "extra_forbidden":
        return f"Grafana has no key {detail['loc'][-1]!r} here and would ignore it silently"
    return detail["msg"].removeprefix("Value error, ") + shown
