"""Reads config with the detectors, codecs and notification services of this checkout."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bridge.codecs import Codec
from detectors.base.registry import detector_params
from ward.clock import Micros
from ward.config.config import Config
from ward.config.files import read_documents
from ward.config.load import check_config, load_config
from ward.config.yaml.fault import ConfigFault
from ward.config.yaml.fault_collector import FaultCollector
from ward.errors import SettingsError


def config_reader(directory: Path, environ: Mapping[str, str]) -> Callable[[Micros], Config]:
    """A function that reads a config directory as of an instant; it raises `ConfigError` with every fault."""
    return lambda now: load_config(
        directory, detector_params(), set(Codec.registry), check_url, now=now, environ=environ
    )


def contents_reader(directory: Path, environ: Mapping[str, str]) -> Callable[[Mapping[str, Any], Micros], Config]:
    """A function that makes the config of a directory from contents of its files; it raises `ConfigError`."""
    return lambda contents, now: load_config(
        directory, detector_params(), set(Codec.registry), check_url, now=now, environ=environ, contents=contents
    )


def present_contents(directory: Path) -> dict[str, Any]:
    """The contents of the files of a config directory that can be read, with their faults."""
    return {name: document.data() for name, document in read_documents(directory, FaultCollector()).items()}


def config_faults(directory: Path, environ: Mapping[str, str], now: Micros) -> list[ConfigFault]:
    """Every fault and warning of a config directory."""
    return check_config(directory, detector_params(), set(Codec.registry), check_url, now=now, environ=environ)


def check_url(url: str) -> str | None:
    """What is wrong with the address of a channel, without the address itself, which is secret; else None."""
    from alerts.channels.open_channel import open_channel

    try:
        open_channel("", 1, url)
    except SettingsError as error:
        return str(error).removeprefix("channel : ").replace("URL number 1", "the address")
    return None
