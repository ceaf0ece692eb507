"""The parameter `model` of `wardwatch detect`: the name of a model file is replaced with its content."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ward.config.checks.models import means_fault
from ward.config.model_documents import MOST_BYTES
from ward.config.model_file import MODEL, ModelFile
from ward.config.rule import DetectorParams
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.reader import read_document
from ward.config.yaml.validation import validated
from ward.errors import SettingsError


def with_model(params: type[DetectorParams], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a detector that has such a parameter with the content of the file. Raises `SettingsError` with
    each fault of the file, one in a line, or when the settings do not fit to it."""
    name = settings.get(MODEL)
    if MODEL not in params.model_fields or not isinstance(name, str):
        return dict(settings)
    file, faults = Path(name), FaultCollector()
    document, problems = read_document(file, name, MOST_BYTES)
    faults.extend(problems)
    found = None if document is None or faults.has_errors else validated(ModelFile, document, faults)
    if document is None or found is None or faults.has_errors:
        raise SettingsError("\n".join(map(str, faults.all())))
    if words := means_fault(found.model.model_copy(update={"name": file.stem}), settings):
        raise SettingsError(f"--param: {words}")
    return {**settings, MODEL: {**document.data(), "name": file.stem}}
