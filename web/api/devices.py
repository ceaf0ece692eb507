"""Devices: those of the inventory, and those nobody configured."""

from collections.abc import Iterator

from fastapi import APIRouter, Query, Response

from ward.clock import Micros, format_instant
from ward.ids import is_id
from web.api.bounded_call import BoundedCall
from web.api.history import MOST_LAST, History
from web.api.params import count_of, every_of, signal_of, span_of, truth_of
from web.api.responses import ERRORS, Refusal, answer, quoted
from web.dependencies import Dependencies
from web.model.instant import Instant
from web.model.read_model import ReadModel
from web.presentation.alert_schema import instant
from web.presentation.signal_schema import value_schemas
from web.schemas import DeviceSchema, DevicesSchema, LastsSchema, ReadingsSchema

_MOST = 5000


def make_devices(deps: Dependencies, store: BoundedCall) -> APIRouter:
    """The routes under `/api/v1/devices`."""
    router = APIRouter(prefix="/api/v1", tags=["devices"], responses=ERRORS)
    history = History(deps.store, deps.clock)

    @router.get("/devices", response_model=DevicesSchema)
    async def devices(
        ward: str = Query("", description="one ward"),
        unassigned: str = Query("", description="true: only those at no place; false: only the others"),
        limit: str = Query("", description="how many at most"),
    ) -> Response:
        """All devices by id, those that never came up too."""
        model, now, most = deps.model, Instant.of(deps.clock), count_of("limit", limit, 500, _MOST)
        only = truth_of("unassigned", unassigned, False) if unassigned else None
        with model.lock:
            ids = [i for i in _ids(model) if only is None or model.config_view.places.assigned(i, now.at) is not only]
            ids = [i for i in ids if not ward or _ward(model, i, now.at) == ward]
            found = [_device(model, i, now) for i in ids[:most]]
        return answer({"at": format_instant(now.at), "total": len(ids), "devices": found})

    @router.get("/devices/{device}", response_model=DeviceSchema)
    async def one_device(device: str) -> Response:
        """One device."""
        with deps.model.lock:
            return answer(_device(deps.model, _known(deps.model, device), Instant.of(deps.clock)))

    @router.get("/devices/{device}/readings", response_model=ReadingsSchema | LastsSchema)
    async def readings(
        device: str,
        signal: str = Query("", description="which signal; with `last` it may be left out, meaning all"),
        start: str = Query("", alias="from", description="RFC 3339; by default an hour before `to`"),
        end: str = Query("", alias="to", description="RFC 3339; by default now"),
        every: str = Query("", description="bucket width such as 10s, 5m, 1h; raw readings without it"),
        last: str = Query("", description="instead of a time: so many of the newest readings"),
    ) -> Response:
        """The history of a device: a curve of one signal, or its last readings."""
        config_view = deps.model.config_view
        where = {"device": _known(deps.model, device)}
        if last:
            count = count_of("last", last, 20, MOST_LAST)
            held = deps.model.values.get(device)
            names = (
                [signal_of(config_view, signal)]
                if signal
                else sorted(held.values if held else (), key=config_view.order)
            )
            found = await store.ask(lambda: history.last(config_view, where, names, count))
            return answer({"at": format_instant(deps.clock.now()), "readings": found})
        name, width = signal_of(config_view, signal), every_of(every)
        first, until = span_of(start, end, deps.clock.now(), 3600.0)
        return answer(await store.ask(lambda: history.readings(config_view, where, name, first, until, width)))

    return router


def _ids(model: ReadModel) -> Iterator[str]:
    known = model.config_view.inventory.devices
    yield from sorted({*known, *(held.device for held in model.values)})


def _known(model: ReadModel, device: str) -> str:
    if not is_id(device) or (device not in model.config_view.inventory.devices and model.values.get(device) is None):
        raise Refusal(404, f"There is no device {quoted(device)}: GET /api/v1/devices lists them.")
    return device


def _ward(model: ReadModel, device: str, now: Micros) -> str:
    held = model.values.get(device)
    return model.config_view.inventory.place(device, now, held.ward if held else "").ward


def _device(model: ReadModel, device: str, now: Instant) -> DeviceSchema:
    held, config_view = model.values.get(device), model.config_view
    place = config_view.inventory.place(device, now.at, held.ward if held else "", held.device_kind if held else "")
    return {
        "id": device,
        "known": place.known,
        "device_kind": place.device_kind,
        "ward": place.ward,
        "bed": place.bed,
        "patient": place.patient,
        "attached": place.attached or (held.attached if held else ""),
        "heard": instant(held.heard or None if held else None),
        "values": list(value_schemas(config_view, device, held, 0, now)),
    }
