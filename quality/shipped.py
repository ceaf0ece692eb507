"""The shipped config, as `wardwatch demo` has it."""

from functools import cache
from pathlib import Path

from app.settings.config_reader import config_reader
from ward.config.config import Config

CONFIG = Path(__file__).resolve().parents[1] / "config"


@cache
def shipped_config() -> Config:
    """The config of the folder `config`, checked."""
    return config_reader(CONFIG, {})(0)
