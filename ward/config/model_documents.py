"""The model files that rules name, as documents."""

from collections.abc import Iterator
from pathlib import Path

from ward.config.model_file import FOLDER, MODEL, SUFFIX
from ward.config.yaml.document import Document, KeyPath, Node
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.reader import read_document
from ward.ids import is_id

# What is kept in the log of a config in force holds its models too: all of them together stay below 10 MB.
MOST_BYTES, MOST_MODELS = 50_000, 200


def file_name(model: str) -> str:
    """The name of a model's file below the config folder.

    >>> file_name("icu-heart-rate")
    'models/icu-heart-rate.json'
    """
    return f"{FOLDER}/{model}{SUFFIX}"


def is_model_file(name: str) -> bool:
    """Whether a name is that of a model's file.

    >>> is_model_file("models/icu-heart-rate.json"), is_model_file("models/../alerts.yaml")
    (True, False)
    """
    folder, _, file = name.partition("/")
    return folder == FOLDER and file.endswith(SUFFIX) and is_id(file.removesuffix(SUFFIX))


def model_files(directory: Path) -> list[str]:
    """The names of all model files of a config folder; none where there is no folder of models. Raises `OSError` for
    one that cannot be read."""
    try:
        found = sorted(f"{FOLDER}/{path.name}" for path in (directory / FOLDER).iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [name for name in found if is_model_file(name)]


def named_models(rules: Document) -> Iterator[tuple[KeyPath, str]]:
    """Where the rules of `detectors.yaml` and their overrides name a model, and which."""
    for rule, path in rules.names("rules"):
        entry = _child(rules.root, "rules", rule)
        yield from _named(entry, (*path, MODEL))
        overrides = _child(entry, "overrides")
        for i in range(len(overrides.value) if overrides is not None and isinstance(overrides.value, list) else 0):
            yield from _named(_child(overrides, i, "set"), (*path, "overrides", i, "set", MODEL))


def read_models(directory: Path, rules: Document, faults: FaultCollector) -> dict[str, Document]:
    """The files of the models that rules name, by their names; faults of all others are added to `faults`, of one that
    is not there where a rule names it."""
    found: dict[str, Document] = {}
    there = [Path(name).stem for name in _listed(directory, faults)]
    for path, model in named_models(rules):
        name = file_name(model)
        if name in found:
            continue
        if model not in there:
            words = f"there is no {(directory / FOLDER).as_posix()}/{model}{SUFFIX}{faults.guess(model, there)}"
            faults.add(rules, path, f"{words}; train it with `wardwatch models train`")
        elif len(found) == MOST_MODELS:
            faults.add(rules, path, f"rules name more than {MOST_MODELS} models: train one for several devices")
        else:
            document, problems = read_document(directory / name, (directory / name).as_posix(), MOST_BYTES)
            faults.extend(problems)
            if document is not None:
                found[name] = document
    return found


def _listed(directory: Path, faults: FaultCollector) -> list[str]:
    try:
        return model_files(directory)
    except OSError as error:
        faults.at((directory / FOLDER).as_posix(), (1, 1), f"cannot be read: {error.strerror}")
        return []


def _named(node: Node | None, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    found = _child(node, MODEL)
    if found is not None and isinstance(found.value, str):
        yield path, found.value


def _child(node: Node | None, *steps: str | int) -> Node | None:
    for step in steps:
        node = None if node is None else node.child(step)
    return node
