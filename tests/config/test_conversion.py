"""Units are converted as in the sources, in both directions, and only within a dimension."""

import pytest

from ward.config.mapping.unit_conversion import _DIMENSIONS, CODES, LinearConversion, unit_conversion
from ward.config.units import UNITS

UNITS_OF_ONE = {unit: i for i, dimension in enumerate(_DIMENSIONS) for unit in dimension}


@pytest.mark.parametrize(
    ("value", "given", "wanted", "is_"),
    [
        (98.6, "[degF]", "Cel", 37.0),
        (-40, "[degF]", "Cel", -40.0),
        (0, "K", "Cel", -273.15),
        (37, "Cel", "[degF]", 98.6),
        (1, "kPa", "mm[Hg]", 7.500615758),
        (760, "mm[Hg]", "hPa", 1013.250144),
        (1, "bar", "mbar", 1000.0),
        (10, "cm[H2O]", "mbar", 9.80665),
        (0.97, "1", "%", 97.0),
        (20000, "[ppm]", "%", 2.0),
        (1.2, "Hz", "/min", 72.0),
        (120, "/h", "/min", 2.0),
        (1.5, "min", "s", 90.0),
        (1, "m3/h", "L/min", 16.66666667),
        (100, "mL/h", "mL/min", 1.666666667),
        (13.5, "g/dL", "mg/dL", 13500.0),
        (3300, "mV", "V", 3.3),
        (1, "d", "h", 24.0),
        (250, "g", "kg", 0.25),
        (12, "mm", "cm", 1.2),
        (500, "mL", "L", 0.5),
        (1500, "mA", "A", 1.5),
    ],
)
def test_units_are_converted_as_in_the_sources(value: float, given: str, wanted: str, is_: float) -> None:
    assert unit_conversion(given, wanted).apply(value) == is_


@pytest.mark.parametrize("given", UNITS_OF_ONE)
def test_a_conversion_and_its_inverse_give_the_same_number(given: str) -> None:
    for wanted, dimension in UNITS_OF_ONE.items():
        if dimension == UNITS_OF_ONE[given]:
            there, back = unit_conversion(given, wanted), unit_conversion(wanted, given)
            x = there.slope * 36.7 + there.shift
            assert back.slope * x + back.shift == pytest.approx(36.7, rel=1e-9)


def test_units_of_another_dimension_and_between_amount_and_mass_are_refused() -> None:
    for given, wanted in (("kPa", "Cel"), ("mmol/L", "mg/dL"), ("/min", "min"), ("dB", "%")):
        with pytest.raises(ValueError, match="cannot become"):
            unit_conversion(given, wanted)


def test_without_a_conversion_a_number_is_unchanged() -> None:
    assert unit_conversion("Cel", "Cel") == LinearConversion()
    assert LinearConversion().apply(36.123456789012) == 36.123456789012


def test_every_unit_and_every_other_spelling_has_a_ucum_code() -> None:
    assert set(UNITS_OF_ONE) <= set(UNITS)
    assert set(CODES.values()) <= set(UNITS)
    assert all(CODES[code] == code for code in UNITS)
