"""Beds, wards, signals: what is measured now, and what was."""

from fastapi import APIRouter, Query, Response

from ward.clock import SECOND, format_instant
from web.api.bounded_call import BoundedCall
from web.api.history import MOST_LAST, History
from web.api.params import bed_of, count_of, every_of, signal_of, span_of, ward_of
from web.api.responses import ERRORS, answer
from web.dependencies import Dependencies
from web.model.sparklines import LENGTH
from web.presentation.days import days, trends
from web.presentation.signal_schema import signal_schema
from web.schemas import (
    BedSchema,
    BedsSchema,
    BoardSchema,
    DaysSchema,
    LastsSchema,
    ReadingsSchema,
    SignalSchema,
    StatusSchema,
    TrailsSchema,
    WardsSchema,
)

_HOUR = 3600.0
_DAY = 86_400 * SECOND
_WEEK = 8 * _DAY
_MOST_DAYS, _MOST_TRENDS = 100, 2000
_POINTS = 150  # more of them are not seen in a curve as small as a tile's


def make_beds(deps: Dependencies, store: BoundedCall) -> APIRouter:
    """The routes under `/api/v1` that show beds."""
    router = APIRouter(prefix="/api/v1", tags=["beds"], responses=ERRORS)
    _now(router, deps)
    _lists(router, deps)
    _history(router, deps, store)
    _days(router, deps, store)
    return router


def _now(router: APIRouter, deps: Dependencies) -> None:
    @router.get("/status", response_model=StatusSchema)
    async def status() -> Response:
        """The head of every page: counts, config, and what is wrong with the system itself."""
        return answer(deps.board.status())

    @router.get("/board", response_model=BoardSchema)
    async def board(
        ward: str = Query("", description="one ward"), bed: str = Query("", description="one bed")
    ) -> Response:
        """Everything the ward page shows: ask once a second."""
        if bed:
            return answer(deps.board.bed(bed_of(deps.model.config_view, bed)))
        return answer(deps.board.ward(ward_of(deps.model.config_view, ward)) if ward else deps.board.all())

    @router.get("/beds", response_model=BedsSchema)
    async def beds(ward: str = Query("", description="one ward")) -> Response:
        """All beds in order of priority, with the newest value of each signal, limits and active alerts."""
        board = deps.board.ward(ward_of(deps.model.config_view, ward)) if ward else deps.board.all()
        return answer({"at": board["status"]["at"], "beds": board["beds"]})

    @router.get("/beds/{bed}", response_model=BedSchema)
    async def one_bed(bed: str) -> Response:
        """One bed."""
        board = deps.board.bed(bed_of(deps.model.config_view, bed))
        return answer({"at": board["status"]["at"], "bed": board["beds"][0]})


def _lists(router: APIRouter, deps: Dependencies) -> None:
    @router.get("/wards", response_model=WardsSchema)
    async def wards() -> Response:
        """All wards, with how many alerts are active there and how many nobody has."""
        return answer({"at": format_instant(deps.clock.now()), "wards": deps.board.wards()})

    @router.get("/signals", response_model=list[SignalSchema])
    async def signals() -> Response:
        """The catalogue: what each number means, and its unit."""
        config_view = deps.model.config_view
        return answer([signal_schema(config_view, name) for name in config_view.catalogue])

    @router.get("/trails", response_model=TrailsSchema)
    async def trails(
        signal: str = Query("", description="a vital sign of the catalogue"),
        ward: str = Query("", description="one ward"),
    ) -> Response:
        """The last ten minutes of one signal at every bed, from memory: the small curves of the tiles."""
        config_view = deps.model.config_view
        if ward:
            ward_of(config_view, ward)
        return answer(_trails(deps, signal_of(config_view, signal), ward))


def _history(router: APIRouter, deps: Dependencies, store: BoundedCall) -> None:
    history = History(deps.store, deps.clock)

    @router.get("/beds/{bed}/readings", response_model=ReadingsSchema | LastsSchema)
    async def readings(
        bed: str,
        signal: str = Query("", description="which signal; with `last` it may be left out, meaning all of the bed"),
        start: str = Query("", alias="from", description="RFC 3339; by default an hour before `to`"),
        end: str = Query("", alias="to", description="RFC 3339; by default now"),
        every: str = Query("", description="bucket width such as 10s, 5m, 1h; raw readings without it"),
        last: str = Query("", description="instead of a time: so many of the newest readings"),
    ) -> Response:
        """The history of a bed: a curve of one signal, or its last readings."""
        config_view = deps.model.config_view
        where = {"bed": bed_of(config_view, bed)}
        if last:
            count = count_of("last", last, 20, MOST_LAST)
            tile = deps.board.bed(bed)["beds"][0]
            names = [signal_of(config_view, signal)] if signal else [v["signal"] for v in tile["values"]]
            found = await store.ask(lambda: history.last(config_view, where, names, count))
            return answer({"at": format_instant(deps.clock.now()), "readings": found})
        name, width = signal_of(config_view, signal), every_of(every)
        first, until = span_of(start, end, deps.clock.now(), _HOUR)
        return answer(await store.ask(lambda: history.readings(config_view, where, name, first, until, width)))


def _days(router: APIRouter, deps: Dependencies, store: BoundedCall) -> None:
    @router.get("/beds/{bed}/days", response_model=DaysSchema)
    async def bed_days(bed: str) -> Response:
        """The last eight days of a bed: mean, lowest and highest of each vital sign, and which of them drift."""
        model, now = deps.model, deps.clock.now()
        where = {"bed": bed_of(model.config_view, bed)}
        found = await store.ask(lambda: deps.store.events("days", where, now - _WEEK, now, _MOST_DAYS))
        drifting = await store.ask(lambda: deps.store.events("trends", where, now - _DAY, now, _MOST_TRENDS))
        shape: DaysSchema = {
            "at": format_instant(now), "days": days(model.config_view, found), "trends": trends(drifting),
        }  # fmt: skip
        return answer(shape)


def _trails(deps: Dependencies, signal: str, ward: str) -> TrailsSchema:
    model, now = deps.model, deps.clock.now()
    found: TrailsSchema = {"at": format_instant(now), "signal": signal, "trails": []}
    with model.lock:
        places = model.config_view.places
        for bed in model.config_view.inventory.beds.values():
            if ward and bed.ward != ward:
                continue
            for device, since in places.devices(bed.id, now):
                points = model.trails.get(device.id, signal, max(since, now - LENGTH))
                points = points[:: len(points) // _POINTS + 1]
                if points:
                    start = points[0][0]
                    found["trails"].append(
                        {
                            "bed": bed.id,
                            "start": format_instant(start),
                            "after": [round((at - start) / SECOND, 1) for at, _ in points],
                            "value": [value for _, value in points],
                        }
                    )
                    break
    return found
