"""Silences that would keep people from hearing of any patient of a ward."""

from collections.abc import Iterator, Mapping

from ward.clock import SECOND, Micros, format_span
from ward.config.config import Config
from ward.finding import Kind, Severity
from ward.ids import printable
from ward.silence import Silence
from web.api import refusals
from web.api.responses import ApiError

SHORT = 15 * 60 * SECOND  # without a confirmation
LONGEST = 12 * 3600 * SECOND  # with one


def check_width(silence: Silence, config: Config, now: Micros) -> None:
    """Raises `ApiError` (409) for a silence of a whole ward that is long and not confirmed, or too long for that.

    It is confirmed by a text in its comment that names the wards: so every client can do it, and it is on record.
    """
    lasts = silence.ends_at - silence.starts_at
    if lasts <= SHORT or not (wards := muted_wards(silence, config, now)):
        return
    confirmation = f"mutes {', '.join(wards)}"
    if lasts <= LONGEST and confirmation in silence.comment:
        return
    named, write = printable(", ".join(wards), 400), printable(confirmation, 400)
    short, longest = format_span(SHORT / SECOND), format_span(LONGEST / SECOND)
    raise ApiError(409, refusals.WIDE_SILENCE(wards=named, short=short, longest=longest, confirmation=write))


def muted_wards(silence: Silence, config: Config, now: Micros) -> list[str]:
    """The wards of which it would mute every HIGH priority alert about patients that the rules can raise."""
    left: dict[str, bool] = {}
    for labels in _patient_alerts(config, now):
        ward = labels["ward"]
        if left.setdefault(ward, True):
            left[ward] = silence.mutes(labels)
    return sorted(ward for ward, all_muted in left.items() if all_muted)


def _patient_alerts(config: Config, now: Micros) -> Iterator[Mapping[str, str]]:
    """The labels of each such alert: of each rule about patients, for each device of each bed."""
    rules = [rule for rule in config.rules if rule.kind is Kind.PHYSIOLOGICAL]
    for device in config.inventory.devices:
        place = config.inventory.place(device, now)
        if not place.ward:
            continue
        where = {
            "severity": str(Severity.HIGH), "kind": str(Kind.PHYSIOLOGICAL), "ward": place.ward, "bed": place.bed,
            "device_id": device, "patient_id": place.patient,
        }  # fmt: skip
        for rule in rules:
            if rule.where.matches(device, place):
                metric = rule.alert_signals[0] if len(rule.alert_signals) == 1 else ""
                yield {"alertname": rule.name, "metric": metric, **where}
