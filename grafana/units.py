"""Units as Grafana writes them behind a number."""

_KNOWN = {"%": "percent", "°C": "celsius", "s": "s", "kPa": "pressurekpa", "mmHg": "suffix:mmHg"}


def unit(display: str) -> str:
    """Grafana's id of a unit that people read; what it has no id for stands behind the number as it is."""
    return _KNOWN.get(display, f"suffix: {display}" if display else "none")
