"""Loads the settings, and reports what is wrong with them."""

import difflib
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

from app.settings.settings import PREFIX, Settings
from ward.config.yaml.document import Document
from ward.config.yaml.error_texts import sentence
from ward.config.yaml.reader import read_document
from ward.errors import SettingsError
from ward.ids import printable

FILE = "settings.yaml"


def load_settings(
    flags: Mapping[str, Any] | None = None, file: Path | None = None, not_yet: Collection[str] = ()
) -> Settings:
    """Settings from flags, the environment, a file and the defaults, in this order.

    `flags` are the flags of the command, by the names of the settings. Without `file`, WARDWATCH_SETTINGS names it,
    or it is settings.yaml in the config folder, if there is one. The files of the secrets `not_yet` may be missing: the
    command makes them. Raises `SettingsError` with all that is wrong, each with its source; the value of a secret is
    never in the message.
    """
    flags_given = {name: value for name, value in (flags or {}).items() if value is not None}
    document = _document(flags_given, file)
    from_file = {} if document is None else document.data()
    secrets = _secret_files(not_yet)

    class Sourced(Settings):
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource, dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:  # fmt: skip
            del dotenv_settings, file_secret_settings
            files = (InitSettingsSource(settings_cls, secrets), InitSettingsSource(settings_cls, from_file))
            return init_settings, env_settings, *files

    try:
        # An instance of Settings itself, so that its repr has that name.
        return Settings.model_construct(**dict(Sourced(**flags_given)))
    except ValidationError as error:
        problems = error.errors(include_url=False)
        texts = [_sourced(p, flags_given, document) for p in problems if p["type"] != "default_factory_not_called"]
        raise SettingsError("\n".join(texts)) from None


def misspelled_variables(environ: Mapping[str, str]) -> list[str]:
    """Variables that look like settings but are not, each with the nearest name."""
    known = {variable_name(name) for name in Settings.model_fields} | {f"{PREFIX}SETTINGS"}
    known |= {f"{name}_FILE" for name in map(variable_name, _secrets())}
    found: list[str] = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.9)
            if near:
                found.append(f"{printable(name, 64)} is not a setting; did you mean {near[0]}?")
    return found


def config_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that config may name as `${NAME}`: the environment, and for WARDWATCH_… also the content of files.

    An address of a channel is a secret, and containers provide secrets as files: `WARDWATCH_MAIL_URL_FILE`.
    Raises `SettingsError` for a file that cannot be read, and where a name is set in both ways.
    """
    known = dict(environ)
    settings = {variable_name(name) for name in Settings.model_fields}
    for name, file in environ.items():
        what = name.removesuffix("_FILE")
        if what == name or not file or not name.startswith(PREFIX) or what in settings:
            continue
        if environ.get(what):
            raise SettingsError(f"{what} and {name} are both set: set only one of them")
        known[what] = _content(name, file)
    return known


def variable_name(name: str) -> str:
    """A setting's name in the environment."""
    return f"{PREFIX}{name.upper()}"


def _secrets() -> list[str]:
    return [name for name, field in Settings.model_fields.items() if field.annotation is SecretStr]


def _secret_files(not_yet: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in _secrets():
        file = os.environ.get(f"{variable_name(name)}_FILE")
        if not file or (name in not_yet and not Path(file).exists()):
            continue
        if os.environ.get(variable_name(name)):
            raise SettingsError(
                f"{variable_name(name)} and {variable_name(name)}_FILE are both set: set only one of them"
            )
        found[name] = _content(f"{variable_name(name)}_FILE", file)
    return found


def _content(setting: str, file: str) -> str:
    """The content of a secret's file, without the line break at its end."""
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise SettingsError(f"{setting}: cannot read {printable(file)}: {_reason(error)}") from error


def _document(flags_given: Mapping[str, Any], file: Path | None) -> Document | None:
    """The settings file, if any. Raises `SettingsError` when a named one does not exist, or the file is not YAML."""
    named = file or os.environ.get(f"{PREFIX}SETTINGS")
    folder = (
        flags_given.get("config") or os.environ.get(variable_name("config")) or Settings.model_fields["config"].default
    )
    path = Path(named) if named else Path(folder) / FILE
    if not named and not path.exists():
        return None
    document, faults = read_document(path, path.as_posix())
    if document is not None and document.root.value is None:
        return None
    if document is not None and not isinstance(document.root.value, dict):
        raise SettingsError(f"{path.as_posix()}:1:1: the file must hold lines of `key: value`")
    if document is None or faults:
        raise SettingsError("\n".join(map(str, faults)))
    return document


def _sourced(problem: ErrorDetails, flags_given: Mapping[str, Any], document: Document | None) -> str:
    """A fault with the source of the value: a flag, a variable, or a line of the file."""
    name = str(problem["loc"][0])
    text = sentence(problem, (name,), quote=name not in _secrets() and not name.endswith("_url"))
    text = text.removeprefix(f"{name}: ")
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, Settings.model_fields, 1)
        text = f"there is no setting '{printable(name, 64)}'" + (f"; did you mean '{near[0]}'?" if near else "")
    if name in flags_given:
        return f"--{printable(name, 64).replace('_', '-')}: {text}"
    if os.environ.get(variable_name(name)):
        return f"{variable_name(name)}: {text}"
    if f"{variable_name(name)}_FILE" in os.environ:
        return f"{variable_name(name)}_FILE: {text}"
    if document is not None:
        line, col = document.place((name,), key=problem["type"] == "extra_forbidden")
        return f"{document.file}:{line}:{col}: {text}"
    return text


def _reason(error: Exception) -> str:
    return error.strerror or "input error" if isinstance(error, OSError) else "it is not UTF-8"
