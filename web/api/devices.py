"""Devices: registered ones of the inventory, and unregistered ones that have sent something."""

from collections.abc import Iterator

from fastapi import APIRouter, Query, Response

from ward.clock import Micros
from ward.ids import is_id
from web.api import refusals
from web.api.bounded_call import BoundedCall
from web.api.history import MAX_LAST, History
from web.api.params import boolean_of, count_of, every_of, signal_of, span_of
from web.api.responses import ERRORS, ApiError, answer, quoted
from web.board.signal_values import signal_values
from web.dependencies import Dependencies
from web.model.now import Now
from web.model.read_model import ReadModel
from web.presentation.instants import rfc3339
from web.presentation.signals import value_schema
from web.schemas import CurveSchema, DeviceSchema, DevicesSchema, LatestReadingsSchema

_MAX_DEVICES = 5000


def make_devices(deps: Dependencies, store: BoundedCall) -> APIRouter:
    """The routes under `/api/v1/devices`."""
    router = APIRouter(prefix="/api/v1", tags=["devices"], responses=ERRORS)
    history = History(deps.store, deps.clock)

    @router.get("/devices", response_model=DevicesSchema)
    async def devices(
        ward: str = Query("", description="one ward"),
        unassigned: str = Query(
            "", description="true: only those that are assigned to no place; false: only the others"
        ),
        limit: str = Query("", description="how many at most"),
    ) -> Response:
        """All devices by id, with those that have never sent anything."""
        model, now, most = deps.model, Now.of(deps.clock), count_of("limit", limit, 500, _MAX_DEVICES)
        only = boolean_of("unassigned", unassigned, False) if unassigned else None
        with model.lock:
            ids = [i for i in _ids(model) if only is None or model.config_view.places.assigned(i, now.wall) is not only]
            ids = [i for i in ids if not ward or _ward(model, i, now.wall) == ward]
            found = [_device(model, i, now) for i in ids[:most]]
        return answer({"at": rfc3339(now.wall), "total": len(ids), "devices": found})

    @router.get("/devices/{device}", response_model=DeviceSchema)
    async def one_device(device: str) -> Response:
        """One device."""
        with deps.model.lock:
            return answer(_device(deps.model, _known(deps.model, device), Now.of(deps.clock)))

    @router.get("/devices/{device}/readings", response_model=CurveSchema | LatestReadingsSchema)
    async def readings(
        device: str,
        signal: str = Query("", description="the signal; with `last`, all signals if left out"),
        start: str = Query("", alias="from", description="RFC 3339; by default an hour before `to`"),
        end: str = Query("", alias="to", description="RFC 3339; by default now"),
        every: str = Query("", description="bucket width such as 10s, 5m, 1h; raw readings without it"),
        last: str = Query("", description="instead of a time range: the number of newest readings"),
    ) -> Response:
        """The history of a device: a curve of one signal, or its last readings."""
        view = deps.model.config_view
        where = {"device": _known(deps.model, device)}
        if last:
            count = count_of("last", last, 20, MAX_LAST)
            state = deps.model.values.get(device)
            names = [signal_of(view, signal)] if signal else sorted(state.values if state else (), key=view.order)
            found = await store.call(lambda: history.last(view, where, names, count))
            return answer({"at": rfc3339(deps.clock.now()), "readings": found})
        name, width = signal_of(view, signal), every_of(every)
        first, until = span_of(start, end, deps.clock.now(), 3600.0)
        return answer(await store.call(lambda: history.readings(view, where, name, first, until, width)))

    return router


def _ids(model: ReadModel) -> Iterator[str]:
    known = model.config_view.inventory.devices
    yield from sorted({*known, *(state.device for state in model.values)})


def _known(model: ReadModel, device: str) -> str:
    if not is_id(device) or (device not in model.config_view.inventory.devices and model.values.get(device) is None):
        raise ApiError(404, refusals.NO_DEVICE(id=quoted(device)))
    return device


def _ward(model: ReadModel, device: str, now: Micros) -> str:
    state = model.values.get(device)
    return model.config_view.inventory.place(device, now, state.ward if state else "").ward


def _device(model: ReadModel, device: str, now: Now) -> DeviceSchema:
    state, view = model.values.get(device), model.config_view
    place = view.inventory.place(device, now.wall, state.ward if state else "", state.device_kind if state else "")
    return {
        "id": device,
        "registered": place.known,
        "device_kind": place.device_kind,
        "ward": place.ward,
        "bed": place.bed,
        "patient": place.patient,
        "attached": place.attached or (state.attached if state else ""),
        "last_seen": rfc3339(state.last_seen or None if state else None),
        "values": [value_schema(view, value) for value in signal_values(view, device, state, 0, now)],
    }
