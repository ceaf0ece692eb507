"""The shipped config: it loads unchanged, and is the hospital of README."""

import importlib
import pkgutil
import re
from functools import cache

import pytest

import detectors
from alerts.routing.route_tree import matching_routes
from bridge.codecs import Codec
from detectors.base.derived_signals import DERIVED_SIGNALS
from detectors.base.detector import Detector
from tests.config.config_reader import NOW, SHIPPED
from ward.clock import parse_instant
from ward.config.config import Config
from ward.config.load import check_config, load_config
from ward.finding import Kind
from ward.inventory import Place

VITALS = ("heart_rate", "systolic_bp", "diastolic_bp", "spo2", "temperature", "respiratory_rate")
CHANNELS = {f"WARDWATCH_{name}_URL": f"json://127.0.0.1:9/{name}" for name in ("MAIL", "CHAT", "SMS")}
CHANNELS["WARDWATCH_LINK_KEY"] = "k" * 32


def detectors_and_codecs() -> tuple[dict[str, type], set[str]]:
    """(detectors, codecs) of this checkout."""
    for module in pkgutil.iter_modules(detectors.__path__):
        importlib.import_module(f"detectors.{module.name}")
    params = {name: found.params for name, found in Detector.registry.items()}
    return params, {*Codec.registry, "status", "humidity_logger"}


@cache
def shipped() -> Config:
    known, codecs = detectors_and_codecs()
    return load_config(SHIPPED, known, codecs, now=NOW, environ=CHANNELS)


def test_it_loads_without_a_fault_or_a_warning() -> None:
    known, codecs = detectors_and_codecs()

    assert check_config(SHIPPED, known, codecs, now=NOW, environ=CHANNELS) == []


def test_without_addresses_it_loads_and_warns_of_channels_that_notify_nobody() -> None:
    known, codecs = detectors_and_codecs()
    faults = check_config(SHIPPED, known, codecs, now=NOW, environ={})

    assert all(fault.warning for fault in faults)
    *channels, links = (fault.message for fault in faults)
    assert links == "no key of `link_keys` is set: links in notifications open the ward screen, and do not acknowledge"
    assert [re.findall("'(.*)'", message) for message in channels] == [["mail"], ["chat"], ["sms"]]


def test_an_acknowledged_high_alert_about_a_patient_is_notified_again_after_half_an_hour_and_no_other() -> None:
    found = {
        (kind, severity): {
            options.remind_interval
            for options in matching_routes(
                shipped().alerting.route, {"kind": kind, "severity": severity, "ward": "icu"}
            )
        }
        for kind in ("physiological", "technical")
        for severity in ("high", "medium", "low")
    }

    assert found.pop(("physiological", "high")) == {1800.0}
    assert set.union(*found.values()) == {0.0}


def test_it_has_two_wards_of_ten_beds_each_with_a_monitor_and_a_patient() -> None:
    inventory = shipped().inventory
    by_ward = {ward: [bed for bed in inventory.beds.values() if bed.ward == ward] for ward in inventory.wards}

    assert {ward: len(beds) for ward, beds in by_ward.items()} == {"icu": 10, "medical": 10, "imaging": 0}
    for bed in inventory.beds:
        assert inventory.place(f"mon-{bed}", NOW).bed == bed
        assert re.fullmatch(r"P-[A-Z0-9]{5}", inventory.patient(bed, NOW))
    assert len({inventory.patient(bed, NOW) for bed in inventory.beds}) == 20
    assert inventory.label("icu-07") == "ICU bed 7"


def test_a_reading_belongs_to_the_patient_of_its_time() -> None:
    inventory = shipped().inventory
    then = [inventory.patient("icu-10", parse_instant(f"2025-{day}T10:00:00Z")) for day in ("05-26", "05-30", "06-02")]

    assert then[0] == then[2] == ""
    assert then[1] not in ("", inventory.patient("icu-10", NOW))


def test_it_has_51_imaging_devices_with_two_loggers_each() -> None:
    loggers = [device for device in shipped().inventory.devices.values() if device.device_kind == "humidity_logger"]
    machines = {device.attached for device in loggers}

    assert (len(loggers), len(machines)) == (102, 51)
    assert {machine.partition("-")[0] for machine in machines} == {"MRI", "CT", "PETCT", "SPECT", "LINAC"}
    assert all(re.fullmatch(r"0-ZZZ12345678-[0-9A-Z]{3}", device.id) for device in loggers)


@pytest.mark.parametrize("known", [True, False])
def test_every_vital_sign_of_every_device_has_limits(known: bool) -> None:
    config = shipped()
    inventory = config.inventory
    devices = (
        [d for d, device in inventory.devices.items() if device.device_kind == "bedside_monitor"] if known else ["x7"]
    )
    for device in devices:
        place = inventory.place(device, NOW, ward="w1")
        watched = {
            signal
            for rule in config.rules
            if rule.kind is Kind.PHYSIOLOGICAL and rule.resolve(device, place) is not None
            for signal in rule.signals
        }
        assert set(VITALS) <= watched


def test_every_rule_resolves_for_every_device() -> None:
    config = shipped()
    for device in config.inventory.devices:
        place = config.inventory.place(device, NOW)
        for rule in config.rules:
            assert (rule.resolve(device, place) is not None) is rule.where.matches(device, place)


def test_every_limit_has_a_source() -> None:
    assert [rule.name for rule in shipped().rules if rule.detector == "limits" and not rule.source] == []


def test_limits_of_physiology_are_waited_for_long_enough_to_spare_most_alarms() -> None:
    for rule in shipped().rules:
        resolved = rule.resolve("x7", Place(ward="w1", known=False))
        if rule.detector == "limits" and rule.kind is Kind.PHYSIOLOGICAL and resolved is not None:
            assert resolved.decision.for_ >= 10
            assert resolved.decision.keep_firing_for > 0


def test_the_overrides_are_the_athletes_and_the_copd_patients() -> None:
    config = shipped()
    reasons = {}
    for bed in config.inventory.beds:
        place = config.inventory.place(f"mon-{bed}", NOW)
        for rule in config.rules:
            resolved = rule.resolve(f"mon-{bed}", place)
            if resolved is not None and resolved.why and rule.detector == "limits":
                reasons[bed, rule.name] = resolved.why.split(":")[0]

    assert reasons == {
        ("med-05", "bradycardia"): "endurance athlete",
        ("icu-06", "desaturation"): "COPD with hypercapnia",
    }


def test_vital_signs_are_in_the_usual_order_with_their_codes() -> None:
    vitals = shipped().catalogue.vitals()

    assert tuple(signal.name for signal in vitals) == VITALS
    assert [s.loinc for s in vitals] == ["8867-4", "8480-6", "8462-4", "59408-5", "8310-5", "9279-1"]
    assert [s.display for s in vitals] == ["/min", "mmHg", "mmHg", "%", "°C", "/min"]


def test_facts_about_delivery_are_in_the_catalogue() -> None:
    facts = {*DERIVED_SIGNALS, "battery", "online"}

    assert facts <= set(shipped().catalogue)


def test_what_people_observe_has_words_for_each_value() -> None:
    catalogue = shipped().catalogue
    consciousness, oxygen, scale = (catalogue[name] for name in ("consciousness", "oxygen", "spo2_scale"))
    assert [consciousness.in_words(n) for n in range(5)] == [
        "Alert", "New confusion", "Responds to voice", "Responds to pain", "Unresponsive",
    ]  # fmt: skip
    assert (oxygen.in_words(0), oxygen.in_words(2)) == ("On air", "On oxygen, 2 L/min")
    assert [scale.in_words(n) for n in (1, 2)] == ["Scale 1 (for most patients)", "Scale 2 (target 88 to 92 %)"]
    assert "prescribed a target of 88 to 92 %" in scale.caution
    assert catalogue["heart_rate"].in_words(74.2) == "74 /min"
