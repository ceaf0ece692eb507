"""Parameters of requests, parsed so that an error is one sentence. Each function raises `ApiError`."""

from ward.clock import SECOND, Micros, parse_instant
from ward.config.base_model import parse_duration
from ward.ids import is_id
from web.api.responses import ApiError, quoted
from web.model.config_view import ConfigView

_MAX_RANGE = 366 * 86400 * SECOND


def bed_of(view: ConfigView, bed: str) -> str:
    """A bed of the inventory."""
    if bed not in view.inventory.beds:
        raise ApiError(404, f"There is no bed {quoted(bed)}: GET /api/v1/beds lists them.")
    return bed


def ward_of(view: ConfigView, ward: str) -> str:
    """A ward of the inventory."""
    if ward not in view.inventory.wards:
        raise ApiError(404, f"There is no ward {quoted(ward)}: GET /api/v1/wards lists them.")
    return ward


def signal_of(view: ConfigView, signal: str) -> str:
    """A signal of the catalogue, or another valid name of a signal."""
    if signal in view.catalogue:
        return signal
    if not signal:
        raise ApiError(400, "Say which signal you want, such as signal=heart_rate: GET /api/v1/signals lists them.")
    if not is_id(signal):
        raise ApiError(400, f"{quoted(signal)} cannot name a signal: GET /api/v1/signals lists those of the catalogue.")
    return signal


def span_of(start: str, end: str, now: Micros, default: float) -> tuple[Micros, Micros]:
    """[from, to) as RFC 3339; by default the last `default` seconds up to now."""
    last = _instant("to", end) if end else now
    first = _instant("from", start) if start else last - round(default * SECOND)
    if first >= last:
        raise ApiError(400, "'from' must lie before 'to'.")
    if last - first > _MAX_RANGE:
        raise ApiError(400, "That is more than a year: ask for a shorter time.")
    return first, last


def every_of(every: str) -> float | None:
    """A bucket width in seconds, given with its unit; None (raw readings) where it is empty."""
    if not every:
        return None
    try:
        width = parse_duration(every)
    except ValueError:
        width = None
    if not isinstance(width, float) or not 0.001 <= width <= _MAX_RANGE / SECOND:
        raise ApiError(400, f"every={quoted(every)} is no bucket width: give it with its unit, such as 10s, 5m or 1h.")
    return width


def count_of(name: str, text: str, default: int, most: int) -> int:
    """A whole number from 1 to `most`."""
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise ApiError(400, f"{name}={quoted(text)} must be a whole number from 1 to {most}.")
    return int(text)


def choice_of(name: str, text: str, choices: tuple[str, ...]) -> str:
    """One of a few words, or empty for any."""
    if text and text not in choices:
        raise ApiError(400, f"{name}={quoted(text)} must be one of {', '.join(choices)}.")
    return text


def boolean_of(name: str, text: str, default: bool) -> bool:
    """true or false."""
    if not text:
        return default
    return choice_of(name, text.lower(), ("true", "false")) == "true"


def _instant(name: str, text: str) -> Micros:
    # An unescaped + in a query is decoded as a space: put back the + of the zone.
    try:
        at = parse_instant(text[:-6] + "+" + text[-5:] if text[-6:-5] == " " else text)
    except ValueError:
        raise ApiError(
            400, f"{name}={quoted(text)} must be an RFC 3339 time with a zone, such as 2026-11-21T15:00:00Z."
        ) from None
    return at
