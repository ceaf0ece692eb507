"""The files that a ward of containers is made of, as they are checked in."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from ward.config.yaml.libyaml import parse_yaml

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
_VARIABLE = re.compile(r"(?<!\$)\$\{(\w+):-((?:[^{}]|\{[^}]*\})*)\}")


def defaults() -> dict[str, str]:
    """The variables of the compose file, each with its default."""
    return dict(_VARIABLE.findall(COMPOSE))


def example() -> dict[str, str]:
    """The variables of .env.example with their values."""
    lines = [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


@cache
def composed() -> dict[str, Any]:
    """The compose file with all defaults."""
    found: dict[str, Any] = parse_yaml(_VARIABLE.sub(lambda m: m[2], COMPOSE).replace("$$", "$"))
    return found


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = composed()["services"]
    return found


def ours() -> dict[str, dict[str, Any]]:
    """The services that are programs of ours."""
    return {name: entry for name, entry in services().items() if entry["image"].startswith("wardwatch:")}


def mounts(service: str) -> dict[str, str]:
    """Where each volume or folder is found inside, with `:ro` after those that cannot be written."""
    found = {}
    for volume in services()[service].get("volumes", ()):
        if isinstance(volume, dict):
            found[volume["source"]] = volume["target"] + (":ro" if volume.get("read_only") else "")
        else:
            name, _, target = volume.partition(":")
            found[name] = target
    return found
