"""Grafana's ids of units."""

_IDS = {"%": "percent", "°C": "celsius", "s": "s", "kPa": "pressurekpa", "mmHg": "suffix:mmHg"}


def unit(display: str) -> str:
    """Grafana's id of a unit; a unit without one is shown as a suffix of the number."""
    return _IDS.get(display, f"suffix: {display}" if display else "none")
