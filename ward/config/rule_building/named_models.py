"""The models that rules name: the contents of their files, checked."""

from collections.abc import Callable, Mapping
from typing import Any

from ward.config.model_documents import is_model_file
from ward.config.model_file import FOLDER, MODEL, SUFFIX, ModelFile
from ward.config.rule import DetectorParams
from ward.config.yaml.document import Document, KeyPath
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.validation import validated

Models = Mapping[str, Mapping[str, Any]]
Report = Callable[[KeyPath, str], None]
NOT_A_NAME = "is the name of a model: of its file in models/ without .json"


def read_named_models(found: Mapping[str, Document], faults: FaultCollector) -> Models:
    """The content of each model without a fault, by its name; faults of the others are added to `faults`."""
    models: dict[str, Mapping[str, Any]] = {}
    for name, document in found.items():
        if is_model_file(name) and not faults.has_errors_in(document):
            file = validated(ModelFile, document, faults)
            if file is not None and not faults.has_errors_in(document):
                model = name.removeprefix(f"{FOLDER}/").removesuffix(SUFFIX)
                models[model] = {**document.data(), "name": model}
    return models


def models_of(
    params: type[DetectorParams], settings: Mapping[KeyPath, Mapping[str, Any]], models: Models, report: Report
) -> Models | None:
    """The models that a rule names; None where one of them has faults or is not there. `settings` are those of the rule
    and of its overrides by their paths; `report` gets the place of what is no name."""
    if MODEL not in params.model_fields:
        return {}
    given = {(*path, MODEL): one[MODEL] for path, one in settings.items() if MODEL in one}
    for path, name in given.items():
        if not isinstance(name, str):
            report(path, NOT_A_NAME)
    named = {name for name in given.values() if isinstance(name, str)}
    if not named <= models.keys() or not all(isinstance(name, str) for name in given.values()):
        return None
    return {name: models[name] for name in sorted(named)}
