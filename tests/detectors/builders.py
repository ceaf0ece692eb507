"""Small wards for tests of detectors."""

from typing import Any

from detectors.base.registry import detector_params
from ward.clock import SECOND, Micros
from ward.config.config import Config
from ward.config.rule import Match, Override, Rule
from ward.finding import Kind
from ward.inventory import Assignment, Bed, Device, DeviceKind, Inventory, Period, Stay, Ward
from ward.reading import Reading
from ward.signals import Catalogue, Signal

# A midnight.
T0: Micros = 20_000 * 86_400 * SECOND

CATALOGUE = Catalogue(
    {
        signal.name: signal
        for signal in (
            Signal(
                name="heart_rate", label="Heart rate", unit="/min", display="/min", precision=0, measurement="vitals"
            ),
            Signal(name="spo2", label="SpO2", unit="%", display="%", precision=0, measurement="vitals"),
            Signal(
                name="temperature", label="Temperature", unit="Cel", display="°C", precision=1, measurement="vitals"
            ),
            Signal(name="respiratory_rate", label="Respiratory rate", unit="/min", display="/min", precision=0),
            Signal(name="systolic_bp", label="Systolic pressure", unit="mm[Hg]", display="mmHg", precision=0),
            Signal(name="diastolic_bp", label="Diastolic pressure", unit="mm[Hg]", display="mmHg", precision=0),
            Signal(name="age", label="Age", unit="a", display="years", precision=0, observed=True, lasting=True),
            Signal(name="oxygen", label="Oxygen", unit="L/min", display="L/min", precision=0),
            Signal(name="consciousness", label="Consciousness", unit="1", display="", precision=0),
            Signal(name="spo2_scale", label="SpO2 scale", unit="1", display="", precision=0),
            Signal(name="news2", label="NEWS2", unit="1", display="", precision=0),
            Signal(name="humidity", label="Humidity", unit="%", display="%", precision=1, low=0, high=100),
            Signal(name="battery", label="Battery", unit="%", display="%", precision=0),
            Signal(name="online", label="Online", unit="1", display="", precision=0),
            Signal(name="clock_skew", label="Clock skew", unit="s", display="s", precision=0),
            Signal(name="lost_readings", label="Lost readings", unit="1", display="", precision=0),
            Signal(name="reboots", label="Reboots", unit="1", display="", precision=0),
        )
    }
)


def rule(
    name: str, detector: str, *signals: str, kind: Kind = Kind.TECHNICAL, where: dict[str, Any] | None = None,
    overrides: list[dict[str, Any]] | None = None, **settings: Any,
) -> Rule:  # fmt: skip
    """A rule as the file has it; `for_` stands for `for`."""
    keys = {key.rstrip("_"): value for key, value in settings.items()}
    given = tuple(Override.model_validate(override) for override in overrides or ())
    return Rule(
        name,
        detector,
        signals,
        kind,
        detector_params()[detector],
        keys,
        where=Match.model_validate(where or {}),
        overrides=given,
    )


def together(detector: str) -> tuple[str, ...]:
    """The signals of a rule of a detector that evaluates several together; empty for one that does not."""
    parts = detector_params()[detector].parts
    return () if parts is None else parts or ("heart_rate", "spo2")


def high(name: str = "tachycardia", *, kind: Kind = Kind.PHYSIOLOGICAL, **settings: Any) -> Rule:
    """Heart rate above 100."""
    asked: dict[str, Any] = {"side": "high", "medium": 100} | settings
    return rule(name, "limits", "heart_rate", kind=kind, **asked)


def ward(
    *rules: Rule, devices: int = 2, signals: dict[str, float] | None = None, stays: tuple[Stay, ...] = (),
    assignments: dict[str, tuple[Assignment, ...]] | None = None, hash_: str = "c1", silent_after: float = 15.0,
) -> Config:  # fmt: skip
    """A ward `w1` with `devices` monitors `m1`, `m2` … at beds `b1`, `b2` …"""
    expected = {"heart_rate": 1.0} if signals is None else signals
    names = [f"m{i + 1}" for i in range(devices)]
    inventory = Inventory(
        wards=[Ward(id="w1", name="Ward 1"), Ward(id="w2", name="Ward 2")],
        beds=[Bed(id=f"b{i + 1}", ward="w1", label=f"Bed {i + 1}") for i in range(max(devices, 4))],
        device_kinds=[
            DeviceKind(name="monitor", label="Monitor", signals=expected, silent_after=silent_after),
            DeviceKind(name="humidity_logger", label="Humidity logger", signals={"humidity": 60.0}, silent_after=300),
        ],
        devices=[
            Device(
                id=name,
                device_kind="monitor",
                assignments=(assignments or {}).get(name) or (Assignment(ward="w1", bed=f"b{name[1:]}"),),
            )
            for name in names
        ],
        stays=stays,
    )
    return Config(hash_, CATALOGUE, inventory, rules)


def stay(patient: str, bed: str, since: float | None = None, until: float | None = None) -> Stay:
    """A patient in a bed, in seconds after T0."""
    return Stay(patient=patient, bed=bed, span=span(since, until))


def span(since: float | None = None, until: float | None = None) -> Period:
    return Period(since=None if since is None else at(since), until=None if until is None else at(until))


def at(seconds: float) -> Micros:
    return T0 + round(seconds * SECOND)


def reading(
    device: str, t: float, seen: float | None = None, implausible: tuple[str, ...] = (), **rest: Any
) -> Reading:
    """A reading at `t` seconds after T0; what is not a field of `Reading` is a value."""
    fields = {name: rest.pop(name) for name in tuple(rest) if name in Reading.__struct_fields__}
    return Reading(
        device=device, at=at(t), received_at=at(t if seen is None else seen), implausible=dict.fromkeys(implausible,
        1e3),
        values=rest, **{"ward": "w1"} | fields,
    )  # fmt: skip
