"""Silence: its texts."""

from tests.detectors.builders import reading, rule, ward
from tests.detectors.engine_setup import EngineSetup


def test_a_silence_names_what_is_missing_for_how_long_and_whether_it_ever_came() -> None:
    signals = {"heart_rate": 1.0, "spo2": 1.0}
    config = ward(rule("gone", "absent"), rule("missing", "absent", "spo2"), devices=2, signals=signals)
    setup = EngineSetup(config)
    for t in range(31):
        setup.receive(reading("m1", t, heart_rate=80, spo2=97) if t < 10 else reading("m1", t, heart_rate=80))
    setup.advance(60)
    setup.receive(reading("m1", 61, heart_rate=80, spo2=97))
    setup.advance(65)
    assert {(f.rule, f.device, f.text) for f in setup.found} == {
        ("gone", "m2", "Monitor: no data yet after 15 s"), ("missing", "m1", "SpO2: no data for 16 s"),
        ("gone", "m1", "Monitor: no data for 15 s"), ("gone", "m1", "Monitor: data again after 32 s"),
        ("missing", "m1", "SpO2 signal back after 52 s"),
    }  # fmt: skip
