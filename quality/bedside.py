"""Recorded values of one monitor through the engine, with the shipped rules."""

from collections.abc import Iterator, Mapping, Sequence

from detectors.engine.engine import Engine
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.finding import Finding
from ward.reading import Reading

MONITOR = "bedside_monitor"
START: Micros = 1_700_000_000 * SECOND
# Seconds since the beginning, and the values then.
Sample = tuple[float, Mapping[str, float]]


def findings(config: Config, samples: Sequence[Sample], device: str, at_once: int) -> Iterator[Finding]:
    """The findings of all rules on samples in order of time, `at_once` of them in one call. Values outside the
    plausible ranges are marked so, as the bridge does.

    Raises the error of a detector that failed.
    """
    engine = Engine(config)
    engine.add_expected([device], START)
    found = [_reading(config, device, sample) for sample in samples]
    for first in range(0, len(found), at_once):
        result = engine.evaluate(found[first : first + at_once])
        for failure in result.failures.values():
            raise failure
        yield from result.findings


def seconds(at: Micros) -> float:
    """Seconds since the beginning."""
    return (at - START) / SECOND


def _reading(config: Config, device: str, sample: Sample) -> Reading:
    t, values = sample
    at = START + round(t * SECOND)
    implausible = {name: x for name, x in values.items() if not config.catalogue[name].plausible(x)}
    return Reading(
        device=device, ward="", at=at, received_at=at, device_kind=MONITOR, implausible=implausible,
        values={name: x for name, x in values.items() if name not in implausible},
    )  # fmt: skip
