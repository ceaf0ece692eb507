"""What people observed of the patient in a bed, as schemas of the API."""

from collections.abc import Iterator

from ward.signals import Signal
from web.board.signal_values import signal_values
from web.model.now import Now
from web.model.observation_index import Observed
from web.model.read_model import ReadModel
from web.presentation.instants import rfc3339
from web.schemas import ObservationsSchema, ObservedSchema


def observations_schema(model: ReadModel, bed: str, now: Now) -> ObservationsSchema:
    """The newest observation of each signal of the catalogue that people observe; a device may send one, too."""
    view = model.config_view
    stay = view.places.stay(bed, now.wall)
    patient = stay.patient if stay else ""
    with model.lock:
        sent = dict(_sent(model, bed, now))
        observed = [
            _newest(signal, model.observations.of(bed, patient, signal.name), sent.get(signal.name))
            for signal in view.catalogue.values()
            if signal.observed
        ]
    return {"at": rfc3339(now.wall), "bed": bed, "patient": patient, "observations": observed}


def _sent(model: ReadModel, bed: str, now: Now) -> Iterator[tuple[str, Observed]]:
    """The newest value of each signal of the devices at a bed, by signal; its author is the device."""
    view = model.config_view
    for device, since in view.places.devices(bed, now.wall):
        for value in signal_values(view, device.id, model.values.get(device.id), since, now):
            if value.at is not None and value.value is not None:
                yield value.signal, Observed(value.at, value.value, device.id, "")


def _newest(signal: Signal, entered: Observed | None, sent: Observed | None) -> ObservedSchema:
    """The newer of what a person entered and what a device sent."""
    found = max((one for one in (entered, sent) if one is not None), key=lambda one: one.at, default=None)
    return {
        "signal": signal.name, "label": signal.label, "value": found.value if found else None,
        "text": signal.in_words(found.value) if found else "", "at": rfc3339(found.at) if found else None,
        "by": found.by if found else "", "device": found is not None and found is sent,
        "note": found.note if found else "",
    }  # fmt: skip
