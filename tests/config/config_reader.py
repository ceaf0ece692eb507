"""Detectors and codecs of these tests, so that no change of a real one breaks them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from ward.config.config import Config
from ward.config.load import check_config, load_config
from ward.config.model_file import ModelFile
from ward.config.rule import DetectorParams, Scope
from ward.config.yaml.fault import ConfigFault
from ward.errors import ConfigError

HERE = Path(__file__).parent
VALID = HERE / "valid"
SHIPPED = HERE.parent.parent / "config"
NOW = 1_764_000_000_000_000  # 2025-11-24T16:00:00Z


class LimitsParams(DetectorParams):
    """Stands for the detector of thresholds.yaml."""

    defaults: ClassVar[Mapping[str, Any]] = {"clear_below": 0.0}

    side: Literal["high", "low"] = Field(description="which side")
    low: float | None = Field(None, description="limit")
    medium: float | None = Field(None, description="limit")
    high: float | None = Field(None, description="limit")
    hysteresis: float = Field(0.0, ge=0, description="how far back")


class DriftParams(DetectorParams):
    """Stands for any other detector."""

    limit: float = Field(gt=0, description="from which sum on")
    slack: float = Field(0.5, description="what is forgiven")
    on: Literal["values", "means"] = Field("values", description="what is summed")
    count: int = Field(3, description="how often")


class ChartParams(DetectorParams):
    """Stands for a score of a patient: it always reads the same signals."""

    parts: ClassVar[tuple[str, ...] | None] = ("heart_rate", "spo2")
    output: ClassVar[str] = "score"
    scopes: ClassVar[tuple[Scope, ...]] = ("bed",)

    high: int = Field(7, description="from which total on")


class ScaleParams(ChartParams):
    """Stands for a score that needs signals which a site does not have."""

    parts: ClassVar[tuple[str, ...] | None] = ("heart_rate", "oxygen", "age")


class DistanceParams(DetectorParams):
    """Stands for a detector of several signals that its rule chooses."""

    parts: ClassVar[tuple[str, ...] | None] = ()
    scopes: ClassVar[tuple[Scope, ...]] = ("device", "bed")


class CourseParams(DetectorParams):
    """Stands for a detector with a model."""

    defaults: ClassVar[Mapping[str, Any]] = {"every": "1m"}

    model: ModelFile = Field(description="the name of the model")


class PeersParams(DetectorParams):
    """Stands for a detector that compares devices."""

    defaults: ClassVar[Mapping[str, Any]] = {"every": "1h"}
    scopes: ClassVar[tuple[Scope, ...]] = ("cohort",)

    limit: float = Field(4.0, description="how far from the others")


DETECTORS: Mapping[str, type[DetectorParams]] = {
    "limits": LimitsParams, "drift": DriftParams, "chart": ChartParams, "distance": DistanceParams,
    "scale": ScaleParams, "course": CourseParams, "peers": PeersParams,
}  # fmt: skip
CODECS = ("native", "status", "humidity_logger", "ignore", "mapping", "sparkplug")


def url_problem(url: str) -> str | None:
    """Stands for apprise: only `mailto:` and `json:` are valid."""
    return None if url.startswith(("mailto://", "json://")) else "no service of that name is known"


def checked(directory: Path, environ: Mapping[str, str] | None = None, now: int = NOW) -> list[ConfigFault]:
    return check_config(directory, DETECTORS, CODECS, url_problem, now=now, environ=environ or {})


def loaded(directory: Path, environ: Mapping[str, str] | None = None, now: int = NOW) -> Config:
    return load_config(directory, DETECTORS, CODECS, url_problem, now=now, environ=environ or {})


def faults_of(directory: Path) -> list[str]:
    """The faults of a directory, without the path of the directory."""
    try:
        loaded(directory)
    except ConfigError as error:
        return [str(fault).removeprefix(f"{directory.as_posix()}/") for fault in error.faults]
    return []


def copied(base: Path, to: Path) -> Path:
    """A new directory with the files of another one."""
    to.mkdir(parents=True, exist_ok=True)
    for file in base.glob("*.yaml"):
        (to / file.name).write_bytes(file.read_bytes())
    return to
