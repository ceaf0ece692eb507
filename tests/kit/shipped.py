"""The shipped config, for tests that let a whole hospital run."""

import shutil
from pathlib import Path

SHIPPED = Path(__file__).parents[2] / "config"


def ward_only(folder: Path) -> Path:
    """A copy of the shipped config in `folder`, without settings, and without the imaging suite and its 102 loggers."""
    config = folder / "config"
    shutil.copytree(SHIPPED, config, ignore=shutil.ignore_patterns("settings.yaml"))
    ward = config / "ward.yaml"
    ward.write_text(ward.read_text(encoding="utf-8").partition("\nimaging:")[0], encoding="utf-8")
    return config
