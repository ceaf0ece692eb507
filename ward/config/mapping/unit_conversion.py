"""Linear conversions between units, exact: 98.6 °F is 37 °C.

Sources: the SI Brochure (9th edition, 2019) for °C = K − 273.15; NIST SP 811 (2008), B.8, for °F and for pressures: a
conventional millimetre of mercury is 13 595.1 kg/m³ × 9.806 65 m/s² × 1 mm = 133.322 387 415 Pa, a conventional
centimetre of water 98.0665 Pa. A percentage is a hundredth, ppm a millionth of the whole.
Amount and mass (mmol/L and mg/dL) depend on the substance, and are not converted.
"""

import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from ward.config.units import UNITS

# Units by dimension: each unit's size in the first one, and where its zero lies in that.
_DIMENSIONS: tuple[dict[str, str | tuple[str, str]], ...] = (
    {"K": "1", "Cel": ("1", "273.15"), "[degF]": ("5/9", "45967/180")},
    {"Pa": "1", "kPa": "1000", "hPa": "100", "bar": "100000", "mbar": "100", "mm[Hg]": "133.322387415",
     "cm[H2O]": "98.0665"},
    {"1": "1", "%": "1/100", "[ppm]": "1/1000000"},
    {"/s": "1", "Hz": "1", "/min": "1/60", "/h": "1/3600"},
    {"s": "1", "ms": "1/1000", "min": "60", "h": "3600", "d": "86400"},
    {"L": "1", "mL": "1/1000"},
    {"L/min": "1", "mL/min": "1/1000", "mL/h": "1/60000", "m3/h": "50/3"},
    {"g/dL": "1", "mg/dL": "1/1000"},
    {"V": "1", "mV": "1/1000"},
    {"A": "1", "mA": "1/1000"},
    {"kg": "1", "g": "1/1000"},
    {"m": "1", "cm": "1/100", "mm": "1/1000"},
)  # fmt: skip
# Other spellings. UCUM codes and the texts of units.py are accepted too.
_SPOKEN = {
    "F": "[degF]", "degF": "[degF]", "C": "Cel", "degC": "Cel", "fraction": "1", "percent": "%", "ppm": "[ppm]",
    "bpm": "/min", "1/min": "/min", "beats/min": "/min", "breaths/min": "/min", "min-1": "/min",
    "torr": "mm[Hg]", "cmH2O": "cm[H2O]", "l/min": "L/min", "ml/h": "mL/h",
    "ml/min": "mL/min", "ml": "mL", "l": "L",
    # As IEEE 11073-10101 names them, and with it OpenICE.
    "MDC_DIM_DEGC": "Cel", "MDC_DIM_FAHR": "[degF]", "MDC_DIM_PERCENT": "%", "MDC_DIM_BEAT_PER_MIN": "/min",
    "MDC_DIM_RESP_PER_MIN": "/min", "MDC_DIM_MMHG": "mm[Hg]", "MDC_DIM_KILO_PASCAL": "kPa",
    "MDC_DIM_CM_H2O": "cm[H2O]", "MDC_DIM_DIMLESS": "1",
}  # fmt: skip
CODES = {**{shown: code for code, shown in UNITS.items() if shown}, **_SPOKEN, **{code: code for code in UNITS}}
# Signs that look like a degree sign, and a minus and a dot that compatibility normalisation leaves.
_LOOKALIKES = str.maketrans({"º": "°", "˚": "°", "⁰": "°", "−": "-", "·": "."})


def unit_code(text: str) -> str | None:
    """The UCUM code of a unit as people and devices write it; None for an unknown one.

    Characters that Unicode has for compatibility count as what they stand for.

    >>> unit_code("℃"), unit_code("°F"), unit_code("㎜Hg"), unit_code("％"), unit_code("min⁻¹"), unit_code("furlong")
    ('Cel', '[degF]', 'mm[Hg]', '%', '/min', None)
    """
    plain = unicodedata.normalize("NFKC", text.translate(_LOOKALIKES)).translate(_LOOKALIKES)
    return CODES.get(text) or CODES.get("".join(plain.split()))


@dataclass(frozen=True, slots=True)
class LinearConversion:
    """y = x · slope + shift."""

    slope: float = 1.0
    shift: float = 0.0

    def apply(self, x: float) -> float:
        """The result, rounded to ten digits: 98.6 °F are 37 °C and not 36.99999999999999."""
        return x if self.slope == 1 and self.shift == 0 else float(f"{x * self.slope + self.shift:.10g}")


def unit_conversion(given: str, wanted: str, times: float = 1.0, plus: float = 0.0) -> LinearConversion:
    """The conversion of x to the unit `wanted`, where x · times + plus is in `given`; both are UCUM codes.

    Raises `ValueError` for units of different dimensions.
    """
    slope, shift = Fraction(str(times)), Fraction(str(plus))
    if given != wanted:
        both = [dimension for dimension in _DIMENSIONS if given in dimension and wanted in dimension]
        if not both:
            raise ValueError(f"{UNITS.get(given) or given} cannot become {UNITS.get(wanted) or wanted}")
        (a, a0), (b, b0) = _of(both[0][given]), _of(both[0][wanted])
        slope, shift = slope * a / b, (shift * a + a0 - b0) / b
    return LinearConversion(float(slope), float(shift))


def _of(entry: str | tuple[str, str]) -> tuple[Fraction, Fraction]:
    size, zero = (entry, "0") if isinstance(entry, str) else entry
    return Fraction(size), Fraction(zero)
