"""The files of a config directory, and what each is for."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ward.config.model_documents import is_model_file, read_models
from ward.config.yaml.document import Document, node_of
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.reader import read_document
from ward.ids import printable

# File → (its purpose, whether it is required). A missing file is more likely lost than not wanted: where its settings
# are not wanted, the file holds {}.
CONFIG_FILES = {
    "ward.yaml": ("wards, beds, devices and patients", True),
    "signals.yaml": ("the catalogue of signals", True),
    "thresholds.yaml": ("limits of signals, and exceptions from them", False),
    "detectors.yaml": ("rules of all other detectors", False),
    "alerts.yaml": ("who is notified, and how", True),
    "bridge.yaml": ("which MQTT topics are read", True),
}
# Read by other parts of the programs, not part of the config.
_OTHERS = ("settings.yaml", "signatures.yaml")
_RULES = ("thresholds.yaml", "detectors.yaml")


def read_documents(directory: Path, faults: FaultCollector) -> dict[str, Document]:
    """The readable files of a directory by name, also the models that its rules name. Faults of all other files are
    added to `faults`."""
    shown = {name: (directory / name).as_posix() for name in CONFIG_FILES}
    try:
        there = sorted(path.name for path in directory.iterdir())
    except OSError as error:
        faults.at(directory.as_posix(), (1, 1), f"is not a directory that can be read: {error.strerror}")
        return {}
    if not set(there) & set(CONFIG_FILES):
        faults.at(directory.as_posix(), (1, 1), f"holds no config: there should be {', '.join(CONFIG_FILES)}")
        return {}
    found: dict[str, Document] = {}
    for name, (purpose, required) in CONFIG_FILES.items():
        if name not in there:
            if required:
                faults.at(shown[name], (1, 1), f"is missing: it holds {purpose}")
            continue
        document, problems = read_document(directory / name, shown[name])
        faults.extend(problems)
        if document is not None and document.root.value is None:
            faults.at(shown[name], (1, 1), f"is empty: it holds {purpose}; if nothing is wanted, write {{}}")
        elif document is not None:
            found[name] = document
    if not set(there) & set(_RULES):
        words = f"neither {' nor '.join(_RULES)} is there: no signal would be monitored"
        faults.at(directory.as_posix(), (1, 1), words)
    _unknown_files(directory, there, faults)
    if "detectors.yaml" in found:
        found.update(read_models(directory, found["detectors.yaml"], faults))
    return found


def documents_of(directory: Path, contents: Mapping[str, Any]) -> dict[str, Document]:
    """The documents with these contents by file name: without places, all of them are at the first line."""
    found = {name: contents[name] for name in CONFIG_FILES if name in contents}
    found.update({name: content for name, content in contents.items() if is_model_file(name)})
    return {name: Document((directory / name).as_posix(), node_of(content)) for name, content in found.items()}


def _unknown_files(directory: Path, there: Iterable[str], faults: FaultCollector) -> None:
    """A misspelt file name is a fault: its settings would not be in force."""
    for name in there:
        if name.endswith((".yaml", ".yml")) and name not in CONFIG_FILES and name not in _OTHERS:
            stems = {known.partition(".")[0]: known for known in (*CONFIG_FILES, *_OTHERS)}
            near = difflib.get_close_matches(name.rpartition(".")[0][:64], stems, 1, 0.75)
            words = "is not a file that is read" + (f"; did you mean {stems[near[0]]}?" if near else "")
            faults.at((directory / printable(name, 100)).as_posix(), (1, 1), words, warning=not near)
