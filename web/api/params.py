"""Parameters of requests, parsed so that an error is one sentence. Each function raises `ApiError`."""

from ward.clock import SECOND, Micros, parse_instant
from ward.config.base_model import parse_duration
from ward.ids import is_id
from web.api import refusals
from web.api.responses import ApiError, quoted
from web.model.config_view import ConfigView

_MAX_RANGE = 366 * 86400 * SECOND


def bed_of(view: ConfigView, bed: str) -> str:
    """A bed of the inventory."""
    if bed not in view.inventory.beds:
        raise ApiError(404, refusals.NO_BED(id=quoted(bed)))
    return bed


def ward_of(view: ConfigView, ward: str) -> str:
    """A ward of the inventory."""
    if ward not in view.inventory.wards:
        raise ApiError(404, refusals.NO_WARD(id=quoted(ward)))
    return ward


def signal_of(view: ConfigView, signal: str) -> str:
    """A signal of the catalogue, or another valid name of a signal."""
    if signal in view.catalogue:
        return signal
    if not signal:
        raise ApiError(400, refusals.WHICH_SIGNAL())
    if not is_id(signal):
        raise ApiError(400, refusals.NO_SIGNAL(id=quoted(signal)))
    return signal


def span_of(start: str, end: str, now: Micros, default: float) -> tuple[Micros, Micros]:
    """[from, to) as RFC 3339; by default the last `default` seconds up to now."""
    last = _instant("to", end) if end else now
    first = _instant("from", start) if start else last - round(default * SECOND)
    if first >= last:
        raise ApiError(400, refusals.FROM_AFTER_TO())
    if last - first > _MAX_RANGE:
        raise ApiError(400, refusals.OVER_A_YEAR())
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
        raise ApiError(400, refusals.NO_WIDTH(text=quoted(every)))
    return width


def count_of(name: str, text: str, default: int, most: int) -> int:
    """A whole number from 1 to `most`."""
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise ApiError(400, refusals.NO_COUNT(name=name, text=quoted(text), most=most))
    return int(text)


def choice_of(name: str, text: str, choices: tuple[str, ...]) -> str:
    """One of a few words, or empty for any."""
    if text and text not in choices:
        raise ApiError(400, refusals.NO_CHOICE(name=name, text=quoted(text), choices=", ".join(choices)))
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
        raise ApiError(400, refusals.NO_TIME(name=name, text=quoted(text))) from None
    return at
