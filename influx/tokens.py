"""Tokens in files that only their owner may read."""

import os
from pathlib import Path

from ward.errors import SettingsError

_OWNER_ONLY = 0o600


def read_token(file: Path) -> str | None:
    """The token in a file; None where there is none, or where other users may read it."""
    try:
        if file.stat().st_mode & 0o077:
            return None
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None


def write_token(file: Path, token: str) -> None:
    """Write a token into a file of mode 0600, atomically. Raises `SettingsError` when it cannot be written."""
    new = file.with_name(f"{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w", encoding="ascii") as out:
            out.write(f"{token}\n")
            out.flush()
            os.fsync(out.fileno())
        new.replace(file)
    except OSError as error:
        raise SettingsError(f"{file}: the token cannot be written: {error.strerror}") from error
