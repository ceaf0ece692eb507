"""Examples in docstrings: a rule on a short tape."""

import sys
from typing import Any

from detectors.tapes.tape import Tape, findings, summary
from ward.finding import Kind
from ward.signals import Catalogue, Signal

CATALOGUE = Catalogue(
    {
        signal.name: signal
        for signal in (
            Signal(name="heart_rate", label="Heart rate", unit="/min", display="/min", precision=0, low=15, high=300),
            Signal(name="spo2", label="SpO2", unit="%", display="%", precision=0, low=30, high=100),
            Signal(name="temperature", label="Temperature", unit="Cel", display="°C", precision=1, low=25, high=45),
            Signal(name="respiratory_rate", label="Respiratory rate", unit="/min", display="/min", precision=0),
            Signal(name="systolic_bp", label="Systolic pressure", unit="mm[Hg]", display="mmHg", precision=0),
        )
    }
)


def example(
    detector: str,
    tape: str | dict[str, str],
    *,
    signal: str = "heart_rate",
    every: str = "1s",
    kind: str = Kind.TECHNICAL,
    **rule: Any,
) -> None:
    """Print the findings of a rule on a tape, or on one for each signal, each with its text. `rule` are the keys of the
    rule."""
    short = short_tape(detector, tape, signal=signal, every=every, kind=kind, **rule)
    sys.stdout.writelines(f"{summary(found)}: {found.text}\n" for found in findings(short, detector, CATALOGUE))


def short_tape(
    detector: str,
    tape: str | dict[str, str],
    *,
    signal: str = "heart_rate",
    every: str = "1s",
    kind: str = Kind.TECHNICAL,
    **rule: Any,
) -> Tape:
    """The tape of an example."""
    signals = [] if detector == "absent" else list(tape) if isinstance(tape, dict) else [signal]
    return Tape.model_validate(
        {
            "tape": tape,
            "signal": signal,
            "every": every,
            "kind": kind,
            "rule": {"signals": signals, **rule},
            "expect": (),
        }
    )
