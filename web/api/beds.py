"""Beds, wards and signals: latest values and history."""

from fastapi import APIRouter, Query, Response

from ward.clock import SECOND
from web.api.bounded_call import BoundedCall
from web.api.history import MAX_LAST, History
from web.api.params import bed_of, count_of, every_of, signal_of, span_of, ward_of
from web.api.responses import ERRORS, answer
from web.dependencies import Dependencies
from web.model.sparklines import LENGTH
from web.presentation.days import days, trends
from web.presentation.instants import rfc3339
from web.presentation.progress import progress_schema
from web.presentation.signals import signal_schema
from web.schemas import (
    BedProgressSchema,
    BedSchema,
    BedsSchema,
    BoardSchema,
    CurveSchema,
    DaysSchema,
    LatestReadingsSchema,
    SignalSchema,
    SparklinesSchema,
    StatusSchema,
    WardsSchema,
)

_HOUR = 3600.0
_DAY = 86_400 * SECOND
_WEEK = 8 * _DAY
_MAX_DAYS, _MAX_TRENDS = 100, 2000
_MAX_POINTS = 150  # of a sparkline: more are not visible at its size


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
        """Everything that the ward page shows. The page asks once a second."""
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

    @router.get("/beds/{bed}/progress", response_model=BedProgressSchema)
    async def bed_progress(bed: str) -> Response:
        """The rules that cannot judge a bed yet, as they are warming up or have not enough data."""
        return answer(progress_schema(deps.model, bed_of(deps.model.config_view, bed), deps.clock.now()))


def _lists(router: APIRouter, deps: Dependencies) -> None:
    @router.get("/wards", response_model=WardsSchema)
    async def wards() -> Response:
        """All wards, with their numbers of active and of unacknowledged alerts."""
        return answer({"at": rfc3339(deps.clock.now()), "wards": deps.board.wards()})

    @router.get("/signals", response_model=list[SignalSchema])
    async def signals() -> Response:
        """The catalogue of signals: labels and units."""
        view = deps.model.config_view
        return answer([signal_schema(view, name) for name in view.catalogue])

    @router.get("/sparklines", response_model=SparklinesSchema)
    async def sparklines(
        signal: str = Query("", description="a vital sign of the catalogue"),
        ward: str = Query("", description="one ward"),
    ) -> Response:
        """The last ten minutes of one signal at every bed, from memory: the small curves of the tiles."""
        view = deps.model.config_view
        if ward:
            ward_of(view, ward)
        return answer(_sparklines(deps, signal_of(view, signal), ward))


def _history(router: APIRouter, deps: Dependencies, store: BoundedCall) -> None:
    history = History(deps.store, deps.clock)

    @router.get("/beds/{bed}/readings", response_model=CurveSchema | LatestReadingsSchema)
    async def readings(
        bed: str,
        signal: str = Query("", description="the signal; with `last`, all signals of the bed if left out"),
        start: str = Query("", alias="from", description="RFC 3339; by default an hour before `to`"),
        end: str = Query("", alias="to", description="RFC 3339; by default now"),
        every: str = Query("", description="bucket width such as 10s, 5m, 1h; raw readings without it"),
        last: str = Query("", description="instead of a time range: the number of newest readings"),
    ) -> Response:
        """The history of a bed: a curve of one signal, or its last readings."""
        view = deps.model.config_view
        where = {"bed": bed_of(view, bed)}
        if last:
            count = count_of("last", last, 20, MAX_LAST)
            tile = deps.board.bed(bed)["beds"][0]
            names = [signal_of(view, signal)] if signal else [v["signal"] for v in tile["values"]]
            found = await store.call(lambda: history.last(view, where, names, count))
            return answer({"at": rfc3339(deps.clock.now()), "readings": found})
        name, width = signal_of(view, signal), every_of(every)
        first, until = span_of(start, end, deps.clock.now(), _HOUR)
        return answer(await store.call(lambda: history.readings(view, where, name, first, until, width)))


def _days(router: APIRouter, deps: Dependencies, store: BoundedCall) -> None:
    @router.get("/beds/{bed}/days", response_model=DaysSchema)
    async def bed_days(bed: str) -> Response:
        """The last eight days of a bed: mean, lowest and highest of each vital sign, and which of them drift."""
        model, now = deps.model, deps.clock.now()
        where = {"bed": bed_of(model.config_view, bed)}
        found = await store.call(lambda: deps.store.rows("days", where, now - _WEEK, now, _MAX_DAYS))
        drifting = await store.call(lambda: deps.store.rows("trends", where, now - _DAY, now, _MAX_TRENDS))
        schema: DaysSchema = {
            "at": rfc3339(now), "days": days(model.config_view, found), "trends": trends(drifting),
        }  # fmt: skip
        return answer(schema)


def _sparklines(deps: Dependencies, signal: str, ward: str) -> SparklinesSchema:
    model, now = deps.model, deps.clock.now()
    found: SparklinesSchema = {"at": rfc3339(now), "signal": signal, "sparklines": []}
    with model.lock:
        places = model.config_view.places
        for bed in model.config_view.inventory.beds.values():
            if ward and bed.ward != ward:
                continue
            for device, since in places.devices(bed.id, now):
                points = model.sparklines.get(device.id, signal, max(since, now - LENGTH))
                points = points[:: len(points) // _MAX_POINTS + 1]
                if points:
                    start = points[0][0]
                    found["sparklines"].append(
                        {
                            "bed": bed.id,
                            "start": rfc3339(start),
                            "after": [round((at - start) / SECOND, 1) for at, _ in points],
                            "value": [value for _, value in points],
                        }
                    )
                    break
    return found
