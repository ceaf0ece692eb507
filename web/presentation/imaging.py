"""The imaging suite, as a schema of the API."""

import math

from ward.clock import SECOND, Micros
from ward.ids import printable
from web.model.imaging import ImagingDevice, ImagingIndex
from web.presentation.instants import rfc3339
from web.schemas import ImagingRowSchema, ImagingSchema


def imaging_schema(imaging: ImagingIndex, now: Micros) -> ImagingSchema:
    """Each imaging device with humidity and sensors, the most humid first; numbers of messages and sensors."""
    suite, updated = imaging.suite(), imaging.updated or None
    return {
        "at": rfc3339(now),
        "updated": rfc3339(updated),
        "age": None if updated is None else max(0.0, (now - updated) / SECOND),
        "messages": suite.messages,
        "sensors": suite.sensors,
        "devices": [_row(device) for device in suite.devices],
    }


def _row(device: ImagingDevice) -> ImagingRowSchema:
    return {
        "imaging_device": printable(device.name, 80),
        "humidity": None if math.isnan(device.humidity) else device.humidity,
        "messages": device.messages,
        "sensors": len(device.sensors),
        "names": [printable(name, 80) for name in device.sensors],
    }
