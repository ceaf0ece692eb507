"""Model files of tests, and a config directory with a rule that names one."""

import json
from pathlib import Path
from typing import Any

from tests.config.config_reader import VALID, copied
from ward.config.model_file import with_hash

RULE = """\
rules:
  odd_course:
    detector: course
    label: Course unusual
    kind: technical
    signals: [heart_rate]
    model: monitors
"""


def model(**changes: Any) -> dict[str, Any]:
    """A model of two windows of heart rates; `limit` is that of both."""
    limit = changes.pop("limit", 2.5)
    windows = [
        {
            "from": f"2025-11-{day}T00:00:00Z", "until": f"2025-11-{day}T06:00:00Z", "vectors": 360,
            "centre": [0.0, 0.5], "axes": [[1.5, 0.25], [-0.25, 1.5]], "limit": limit,
        }
        for day in (20, 21)
    ]  # fmt: skip
    content = {
        "format": 1, "signal": "heart_rate", "unit": "/min", "every": "60s", "lags": 2, "quantile": 0.99,
        "windows": windows, "data_hash": "0a" * 32, "trained_on": "two monitors", "trained_by": "a test",
        "trained_at": "2025-11-22T00:00:00Z",
    }  # fmt: skip
    return with_hash(content | changes)


def write(directory: Path, content: object, name: str = "monitors") -> Path:
    """A model file of a config directory: `content` as JSON, or as it is where it is text."""
    file = directory / "models" / f"{name}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return file


def add_rule(directory: Path, rule: str = RULE) -> Path:
    """Give a config directory a rule with a model."""
    (directory / "detectors.yaml").write_text(rule, encoding="utf-8")
    return directory


def with_model(directory: Path, content: object, rule: str = RULE) -> Path:
    """A config directory with a rule, and the model that it names."""
    add_rule(copied(VALID, directory), rule)
    write(directory, content)
    return directory
