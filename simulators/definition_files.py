"""Reads the YAML files of scenarios, faults and scripts."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from ward.config.yaml.libyaml import parse_yaml
from ward.errors import SettingsError
from ward.ids import printable

HERE = Path(__file__).parent
MOST_BYTES = 256 * 1024

M = TypeVar("M", bound=BaseModel)


def read_mapping(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file. Raises `SettingsError` naming the file, and the line where there is one."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SettingsError(f"{path}: larger than {MOST_BYTES} bytes; this is not such a file")
        found = parse_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise SettingsError(f"{place}: not YAML: {getattr(error, 'problem', None) or 'cannot be read'}") from error
    if not isinstance(found, dict):
        raise SettingsError(f"{path}: must hold keys and values, such as `label: Fever`")
    return found


def validated_model(path: Path, model: type[M], found: dict[str, Any]) -> M:
    """The validated model. Raises `SettingsError` with every fault, a line each."""
    try:
        return model.model_validate(found)
    except ValidationError as error:
        faults = [f"{path}: {'.'.join(map(str, e['loc']))}: {printable(e['msg'])}" for e in error.errors()]
        raise SettingsError("\n".join(faults)) from error


def definition_names(folder: str) -> list[str]:
    """The names of the YAML files in a folder here."""
    return sorted(path.stem for path in (HERE / folder).glob("*.yaml"))


def find_definition(folder: str, name: str) -> Path:
    """The file of a name. `name` may also be the path of another YAML file.

    Raises `SettingsError` with the known names for an unknown one.
    """
    path = HERE / folder / f"{name}.yaml"
    if name in definition_names(folder):
        return path
    if name.endswith((".yaml", ".yml")):
        return Path(name)
    raise SettingsError(f"{printable(name)!r} is none of the {folder}: {', '.join(definition_names(folder))}")
