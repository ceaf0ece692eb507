"""The units of signals: UCUM codes, and their texts."""

# UCUM (https://ucum.org) code → the text that is shown, unless signals.yaml has another.
UNITS = {
    "1": "", "%": "%", "/min": "/min", "/s": "/s", "/h": "/h", "{count}": "",
    "mm[Hg]": "mmHg", "kPa": "kPa", "Pa": "Pa", "hPa": "hPa", "bar": "bar", "mbar": "mbar", "cm[H2O]": "cmH₂O",
    "Cel": "°C", "K": "K", "[degF]": "°F",
    "s": "s", "ms": "ms", "min": "min", "h": "h", "d": "d", "a": "years",
    "L/min": "L/min", "mL/h": "mL/h", "mL/min": "mL/min", "mL": "mL", "L": "L", "m3/h": "m³/h",
    "mmol/L": "mmol/L", "mg/dL": "mg/dL", "g/dL": "g/dL",
    "V": "V", "mV": "mV", "A": "A", "mA": "mA", "W": "W", "Hz": "Hz", "dB": "dB", "lx": "lx",
    "kg": "kg", "g": "g", "m": "m", "cm": "cm", "mm": "mm", "deg": "°", "[ppm]": "ppm",
}  # fmt: skip
