"""The ward that all benchmarks share: six vital signs, each watched by limits, a rolling scatter and a CUSUM."""

from collections.abc import Sequence

from pydantic import SecretStr

from detectors.base.registry import detector_params
from ward.config.alerting import Alerting, Channel, Receiver, Route
from ward.config.codec_rule import CodecRule
from ward.config.config import Config
from ward.config.rule import Rule
from ward.finding import Kind
from ward.inventory import Assignment, Bed, Device, DeviceKind, Inventory, Ward
from ward.signals import Catalogue, Signal

# Mean and standard deviation of a healthy patient.
VITALS = {
    "heart_rate": (74.0, 4.0), "systolic_bp": (120.0, 5.0), "diastolic_bp": (75.0, 5.0), "spo2": (97.0, 0.6),
    "temperature": (36.8, 0.05), "respiratory_rate": (15.0, 2.0),
}  # fmt: skip
PERIOD = 2.5
WARD = "icu"


def make_rule(name: str, detector: str, *signals: str, **settings: object) -> Rule:
    return Rule(name, detector, signals, Kind.PHYSIOLOGICAL, detector_params()[detector], settings)


def make_config(*rules: Rule, inventory: Inventory | None = None, root: str = "ward") -> Config:
    """These rules, and one channel that is notified at once."""
    signals = {
        n: Signal(name=n, label=n, unit="1", display="", low=0, high=300, measurement="vitals", every=PERIOD)
        for n in VITALS
    }
    alerting = Alerting(
        channels=(Channel(name="bench", urls=(SecretStr("json://127.0.0.1:9"),)),),
        receivers=(Receiver(name="bench", channels=("bench",)),),
        route=Route(receiver="bench", group_by=("ward", "bed")),
    )
    codecs = (CodecRule(f"{root}/+/+/readings", "native"),)
    return Config("bench", Catalogue(signals), inventory or Inventory(), rules, alerting, codecs, root)


def full_config(devices: int = 0, root: str = "ward") -> Config:
    """Limits on both sides, a rolling scatter and a CUSUM for each of six signals; `devices` have a bed each."""
    found: list[Rule] = []
    for name, (mean, sd) in VITALS.items():
        found += [
            make_rule(
                f"{name}-high", "limits", name, side="high", low=mean + 8 * sd, high=mean + 12 * sd, hysteresis=sd
            ),
            make_rule(f"{name}-low", "limits", name, side="low", low=mean - 8 * sd, high=mean - 12 * sd, hysteresis=sd),
            make_rule(f"{name}-noise", "rolling", name, measure="sd", window="5m", limit=5 * sd),
            make_rule(f"{name}-shift", "cusum", name, calibrate_values=100, limit=50),
        ]
    return make_config(*found, inventory=beds(names(devices)), root=root)


def names(devices: int) -> list[str]:
    return [f"dev-{i}" for i in range(devices)]


def beds(devices: Sequence[str]) -> Inventory:
    """One ward in which each device has a bed of its own."""
    kind = DeviceKind(name="monitor", label="Monitor", signals=dict.fromkeys(VITALS, PERIOD))
    return Inventory(
        wards=[Ward(id=WARD, name="Intensive care")],
        beds=[Bed(id=f"bed-{name}", ward=WARD, label=f"bed {name}") for name in devices],
        device_kinds=[kind],
        devices=[
            Device(id=n, device_kind=kind.name, assignments=(Assignment(ward=WARD, bed=f"bed-{n}"),)) for n in devices
        ],
    )
