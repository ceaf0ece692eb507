"""The active alerts with the values that the screens show beside them."""

import dataclasses

from msgspec.structs import replace

from ward.alert import Alert
from ward.limit_text import limit_text, quantity
from web.board.signal_values import is_live
from web.model.latest_values import LatestValue
from web.model.now import Now
from web.model.read_model import ConfigStatus, ReadModel


def live_alert(model: ReadModel, alert: Alert, now: Now) -> Alert:
    """The alert with the newest value of its signal: the detectors repeat an alert with its value every 10 s only.

    Unchanged where that value is not live, or of another bed or patient than the alert, where the condition is over,
    and where the text is not about one value and its limit. The text of the detector `limits` is written anew with the
    same words; it is never searched for a number.
    """
    upper = model.config_view.limits.upper(alert.labels.get("alertname", ""))
    if upper is None or not alert.active or alert.latched or alert.value is None or alert.limit is None:
        return alert
    latest = _latest(model, alert.labels)
    if latest is None or (latest.value, latest.at) == (alert.value, alert.value_at):
        return alert
    if not _shown(model, alert, latest, now):
        return alert
    signal = model.config_view.signal(alert.labels.get("metric", ""))
    before, after = (limit_text(signal, signal.label, x, alert.limit, upper=upper) for x in (alert.value, latest.value))
    summary = alert.annotations.get("summary", "")
    if not summary.endswith(before):
        return alert
    text = summary.removesuffix(before) + after
    texts = alert.annotations | {"summary": text, "value": quantity(signal, latest.value, alert.limit)}
    if "description" in texts:
        texts["description"] = texts["description"].replace(summary, text, 1)
    found = replace(alert, value=latest.value, value_at=latest.at, annotations=texts)
    return _worse(found, latest, after, upper=upper)


def live_config_status(model: ReadModel, now: Now) -> ConfigStatus:
    """The status of the config; the alerts that a waiting edit would end have their live values."""
    status = model.config_status()
    return dataclasses.replace(status, ends=tuple(live_alert(model, alert, now) for alert in status.ends))


def _latest(model: ReadModel, labels: dict[str, str]) -> LatestValue | None:
    state = model.values.get(labels.get("device_id", ""))
    return state.values.get(labels.get("metric", "")) if state else None


def _shown(model: ReadModel, alert: Alert, latest: LatestValue, now: Now) -> bool:
    """Whether the value is live and, where the alert is about a bed, both are of that bed and of its patient of now."""
    view, labels = model.config_view, alert.labels
    device, bed, first = labels.get("device_id", ""), labels.get("bed"), min(latest.at, alert.starts_at)
    if not is_live(view, device, labels.get("metric", ""), latest, now):
        return False
    return not bed or any(d.id == device and since <= first for d, since in view.places.devices(bed, now.wall))


def _worse(alert: Alert, latest: LatestValue, text: str, *, upper: bool) -> Alert:
    """The alert with this value as its worst one, where it is."""
    worst = alert.worst
    if worst is None or (latest.value <= worst if upper else latest.value >= worst):
        return alert
    return replace(alert, worst=latest.value, worst_at=latest.at, peak_text=text if alert.peak_text else "")
