"""Writes model files: whole, or not at all."""

import json
from pathlib import Path
from typing import Any

from app.console.output_file import output_file
from ward.errors import InputError


def model_text(content: dict[str, Any]) -> str:
    """The content of a model as JSON, a line for each key and each window."""
    lines = []
    for key, value in content.items():
        if key == "windows":
            lines.append('"windows": [\n' + ",\n".join(f"  {json.dumps(window)}" for window in value) + "\n ]")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n " + ",\n ".join(lines) + "\n}\n"


def write_model(file: Path, content: dict[str, Any]) -> None:
    """Write a model, and make its folder. Raises `InputError`; then the model before is still there."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{file.parent}: cannot be made: {error.strerror}") from error
    with output_file(str(file)) as out:
        out.write(model_text(content))
