"""The rules that cannot judge a bed yet, as the API has them."""

from ward.clock import Micros
from web.model.read_model import ReadModel
from web.presentation.instants import rfc3339
from web.schemas import BedProgressSchema, NotYetJudgedSchema


def progress_schema(model: ReadModel, bed: str, now: Micros) -> BedProgressSchema:
    """The rules without a score for a bed, in the order of the signals."""
    view = model.config_view
    labels = {rule.name: rule.label or rule.name for rule in view.config.rules}
    devices = [device.id for device, _ in view.places.devices(bed, now)]
    with model.lock:
        found = model.detector_progress.of_devices(devices, now)
    rules: list[NotYetJudgedSchema] = [
        {
            "device": one.device, "signal": one.signal, "label": view.signal(one.signal).label, "rule": one.rule,
            "rule_label": labels.get(one.rule, one.rule), "text": one.text,
        }
        for one in sorted(found, key=lambda one: (view.order(one.signal), one.rule, one.device))
    ]  # fmt: skip
    return {"at": rfc3339(now), "rules": rules}
