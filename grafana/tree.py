"""The provisioning tree, read and held against its schemas."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from grafana.complaint import Complaint, Mistake
from grafana.schema import Strict
from grafana.schema.people_file import PeopleFile
from grafana.schema.policies_file import PoliciesFile
from grafana.schema.rules_file import Expression, Question, RulesFile
from grafana.schema.sources_file import ProvidersFile, SourcesFile
from grafana.schema.words_file import MuteTimesFile, TemplatesFile
from ward.config.yaml.libyaml import parse_yaml
from ward.ids import printable

SCHEMAS: Mapping[str, type[Strict]] = {
    "alerting/rules-*.yaml": RulesFile,
    "alerting/contact-points.yaml": PeopleFile,
    "alerting/policies.yaml": PoliciesFile,
    "alerting/mute-timings.yaml": MuteTimesFile,
    "alerting/templates.yaml": TemplatesFile,
    "datasources/*.yaml": SourcesFile,
    "dashboards/*.yaml": ProvidersFile,
}
EXPRESSION = "-100"
Where = tuple[str | int, ...]


@dataclass
class Tree:
    """What is in the files that could be read, by path; and what is wrong with each of them alone."""

    files: dict[str, Any] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> "Tree":
        tree = cls()
        for path, text in sorted(texts.items()):
            if not path.endswith(".gitkeep"):
                tree._take(path, text)
        return tree

    def all(self, pattern: str, key: str) -> Iterator[tuple[str, Where, Any]]:
        """Each entry of a list in the files of a pattern: file, way and entry."""
        for path, content in self.files.items():
            if fnmatch(path, pattern) and isinstance(content, dict):
                entries = content.get(key)
                for i, entry in enumerate(entries if isinstance(entries, list) else ()):
                    if isinstance(entry, dict):
                        yield path, (key, i), entry

    def add(self, file: str, where: Where, mistake: Mistake, words: str) -> None:
        self.complaints.append(Complaint(file, way(where), mistake, printable(words, 400)))

    def _take(self, path: str, text: str) -> None:
        if path.endswith(".json"):
            self._read(path, text, json.loads)
            return
        schema = next((found for pattern, found in SCHEMAS.items() if fnmatch(path, pattern)), None)
        if schema is None:
            self.add(path, (), Mistake.UNKNOWN_FILE, "no file that Grafana provisions itself from, or none we know")
        elif self._read(path, text, parse_yaml):
            self._check(path, self.files[path], schema)

    def _read(self, path: str, text: str, reader: Any) -> bool:
        try:
            self.files[path] = reader(text)
        except (yaml.YAMLError, ValueError) as error:
            self.add(path, (), Mistake.NOT_YAML, f"cannot be read: {error}")
            return False
        return True

    def _check(self, path: str, content: Any, schema: type[Strict]) -> None:
        self._hold(path, (), content, schema)
        if schema is not RulesFile:
            return
        for file, where, rule in self.rules():
            parts = rule.get("data")
            for i, part in enumerate(parts if file == path and isinstance(parts, list) else ()):
                if isinstance(part, dict):
                    kind = Expression if part.get("datasourceUid") == EXPRESSION else Question
                    self._hold(path, (*where, "data", i, "model"), part.get("model"), kind)

    def _hold(self, path: str, where: Where, content: Any, schema: type[Strict]) -> None:
        try:
            schema.model_validate(content)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                self.add(path, (*where, *detail["loc"]), _kind(detail), _words(detail))

    def rules(self) -> Iterator[tuple[str, Where, dict[str, Any]]]:
        """Every rule of every group."""
        for path, where, group in self.all("alerting/rules-*.yaml", "groups"):
            for i, rule in enumerate(group.get("rules") or ()):
                if isinstance(rule, dict):
                    yield path, (*where, "rules", i), rule


def texts(folder: Path) -> dict[str, str]:
    """All files of a provisioning folder, by their path in it."""
    found = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in found}


def way(where: Where) -> str:
    """`groups.0.rules.2`."""
    return ".".join(str(step) for step in where)


def _kind(detail: ErrorDetails) -> Mistake:
    if detail["loc"] and detail["loc"][-1] in ("noDataState", "execErrState") and detail["type"] != "missing":
        return Mistake.NEVER_OK
    kinds = {"extra_forbidden": Mistake.UNKNOWN_KEY, "missing": Mistake.MISSING_KEY}
    return kinds.get(detail["type"], Mistake.WRONG_VALUE)


def _words(detail: ErrorDetails) -> str:
    given = detail["input"]
    shown = f" ({given!r})" if isinstance(given, str | int | float | bool) and detail["type"] != "missing" else ""
    if detail["type"] == "extra_forbidden":
        return f"Grafana knows no key {detail['loc'][-1]!r} here, and would pass over it in silence"
    return detail["msg"].removeprefix("Value error, ") + shown
