"""The rule by which a series is evaluated: a detector by name, with parameters as a person gives them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.detect.model_param import with_model
from detectors.auto import USUAL_WARMUP
from detectors.base.detector import Detector
from detectors.base.registry import discover
from ward.config.rule import Decision, ResolvedRule, split_settings
from ward.config.yaml.error_texts import sentence
from ward.config.yaml.fault_collector import FaultCollector
from ward.config.yaml.validation import steps, strict
from ward.errors import SettingsError
from ward.ids import printable

# The most values that a baseline is learned from, where nobody says how many: more change it little.
LONGEST_BASELINE = 10_000
M = TypeVar("M", bound=BaseModel)

_WARMUP = "warmup"
_LEARNS, _BASELINE = "calibrate_values", {"target", "sd", "calibrate_values", "calibrate_for"}
# As many vectors a detector learns from, which has nothing else to learn from.
_VECTORS = "warm_up"


def find_detector(name: str) -> type[Detector[Any]]:
    """The detector of a name. Raises `SettingsError`, also for one that cannot score the values of a file."""
    known = {each: found for each, found in discover().items() if not unfit(found)}
    if name in known:
        return known[name]
    if name in discover():
        raise SettingsError(f"--detector: {name} {unfit(discover()[name])}; those that do are {', '.join(known)}")
    guess = FaultCollector().guess(name, known)
    raise SettingsError(
        f"--detector: there is no detector '{printable(name, 60)}'{guess or '; there are ' + ', '.join(known)}"
    )


def unfit(detector: type[Detector[Any]]) -> str:
    """Why a detector cannot score the values of a file; empty for one that can."""
    if detector.feed not in ("values", "vector") or detector.needs_ticks:
        return "scores no values"
    if detector.params.scopes == ("cohort",):  # its values are distances from other devices
        return "compares devices of a ward, and does not score values by themselves"
    return ""


def parse_params(texts: Sequence[str]) -> dict[str, Any]:
    """`limit=5`, `for=15s` by key: a value is JSON, or else text. Raises `SettingsError`."""
    found: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise SettingsError(f"--param: is key=value, such as limit=5, not '{printable(text, 60)}'")
        if key.strip() in found:
            raise SettingsError(f"--param: '{printable(key.strip(), 60)}' is there twice")
        found[key.strip()] = _value(value.strip())
    return found


def warm_up_rows(rows: int, share: float) -> int:
    """How many rows a share of them is. Raises `SettingsError`."""
    if not 0 <= share < 1:
        raise SettingsError(
            f"--warmup: is the share of the rows that only teach the detector, from 0 to less than 1, not {share:g}"
        )
    return int(rows * share)


def build_rule(detector: type[Detector[Any]], settings: Mapping[str, Any], warm_rows: int) -> ResolvedRule:
    """The rule of a detector with these parameters. Raises `SettingsError`, one line for each fault.

    A detector with a baseline that nobody gave learns it from the first rows, `LONGEST_BASELINE` at most; so does a
    detector of vectors. One with a warm-up of its own learns from no more values than these rows, so that it can score
    after them; without such rows it takes its own.
    """
    given = with_model(detector.params, {**detector.params.defaults, **settings})
    decision, params = split_settings(given)
    learns = _LEARNS in detector.params.model_fields and not _BASELINE & params.keys()
    if learns and not _valid(detector.params, params):
        params[_LEARNS] = max(2, min(warm_rows, LONGEST_BASELINE))
    if detector.feed == "vector" and _VECTORS in detector.params.model_fields:
        params.setdefault(_VECTORS, max(_least(detector.params, _VECTORS), min(warm_rows, LONGEST_BASELINE)))
    if _WARMUP in detector.params.model_fields and warm_rows:
        params.setdefault(_WARMUP, max(_least(detector.params, _WARMUP), min(warm_rows, USUAL_WARMUP)))
    known = [*_keys(detector.params), *_keys(Decision)]
    return ResolvedRule(_checked(Decision, decision, known), _checked(detector.params, params, known))


def _checked(model: type[M], data: dict[str, Any], known: Sequence[str]) -> M:
    try:
        return strict(model, data)
    except (ValidationError, ValueError) as error:
        if not isinstance(error, ValidationError):  # NaN is no JSON
            raise SettingsError(f"--param: {error}") from error
        lines = [f"--param: {_words(problem, known)}" for problem in error.errors(include_url=False)]
        raise SettingsError("\n".join(lines)) from error


def _least(model: type[BaseModel], name: str) -> int:
    """The least value that a parameter may have."""
    return max(int(getattr(each, "ge", 0)) for each in model.model_fields[name].metadata)


def _valid(model: type[BaseModel], data: dict[str, Any]) -> bool:
    try:
        strict(model, data)
    except ValueError:
        return False
    return True


def _words(problem: ErrorDetails, known: Sequence[str]) -> str:
    if problem["type"] != "extra_forbidden":
        return sentence(problem, steps(problem), quote=True)
    name = str(problem["loc"][-1])
    return (
        f"unknown key '{printable(name, 60)}'{FaultCollector().guess(name, known) or '; there are ' + ', '.join(known)}"
    )


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
