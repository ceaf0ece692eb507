"""The two stages of detection: each reads its own topic, and keeps its own state."""

from collections.abc import Callable
from dataclasses import dataclass

from detectors.beds.config_view import bed_config
from ward.config.config import Config
from ward.config.rule import Scope
from ward.topics import BED_READINGS, BED_STATE, DETECTOR_STATE, READINGS


@dataclass(frozen=True, slots=True)
class Stage:
    """What a worker evaluates: the `readings` of a topic, as a member of a consumer `group`, with the rules of a
    `scope`. Its state is in the topic `state`; `config` makes the config as its engine has it."""

    scope: Scope
    group: str
    readings: str
    state: str
    config: Callable[[Config], Config]


DEVICES = Stage("device", "detectors", READINGS, DETECTOR_STATE, lambda config: config)
BEDS = Stage("bed", "bed-detectors", BED_READINGS, BED_STATE, bed_config)
