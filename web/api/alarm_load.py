"""The alarm load, from the history of the store."""

import asyncio

from fastapi import APIRouter, Query, Response

from ward.clock import SECOND, Micros
from ward.config.config import Config
from web.api import refusals
from web.api.bounded_call import BoundedCall
from web.api.params import span_of, ward_of
from web.api.responses import ERRORS, ApiError, answer
from web.dependencies import Dependencies
from web.reports.alarm_load import WEEK, LoadSpan, alarm_load
from web.schemas import AlarmLoadSchema

PATIENCE = 60.0  # seconds: a week of thousands of beds is read window by window
_LONGEST = 31 * 86_400 * SECOND
_STEP = 300 * SECOND  # the end of a span without one: all pages of five minutes have the same
_Asked = tuple[LoadSpan, str]  # a span, and the hash of the config by which it is counted


class AlarmLoads:
    """Makes alarm loads for requests. The last one is kept, so that a page that is loaded again reads nothing, and
    requests for the same one at the same time wait for one calculation."""

    def __init__(self, deps: Dependencies, store: BoundedCall) -> None:
        self._deps = deps
        self._store = store
        self._last: tuple[_Asked, AlarmLoadSchema] | None = None
        self._running: dict[_Asked, asyncio.Task[AlarmLoadSchema]] = {}

    async def load(self, ward: str, start: str, end: str) -> AlarmLoadSchema:
        """The load of a span, by default of the last seven days. Raises `ApiError`."""
        deps, config = self._deps, self._deps.live.config
        now = deps.clock.now()
        first, last = span_of(start, end, now if end else now // _STEP * _STEP, WEEK / SECOND)
        if last - first > _LONGEST:
            raise ApiError(400, refusals.OVER_A_MONTH())
        span = LoadSpan(first, last, ward_of(deps.model.config_view, ward) if ward else "")
        asked = span, config.hash
        if self._last is not None and self._last[0] == asked:
            return self._last[1]
        if asked not in self._running:
            self._running[asked] = asyncio.create_task(self._make(asked, config, now))
            self._running[asked].add_done_callback(lambda done: self._over(asked, done))
        return await asyncio.shield(self._running[asked])  # a page that is closed ends it for no other

    async def _make(self, asked: _Asked, config: Config, now: Micros) -> AlarmLoadSchema:
        load = await self._store.call(lambda: alarm_load(self._deps.store, config, asked[0], now))
        self._last = asked, load
        return load

    def _over(self, asked: _Asked, task: asyncio.Task[AlarmLoadSchema]) -> None:
        del self._running[asked]
        if not task.cancelled():
            task.exception()  # each request has got it; where none waits any more, it is no error of the program


def make_alarm_load(loads: AlarmLoads) -> APIRouter:
    """The route `/api/v1/alarm-load`."""
    router = APIRouter(prefix="/api/v1", tags=["reports"], responses=ERRORS)

    @router.get("/alarm-load", response_model=AlarmLoadSchema)
    async def show(
        ward: str = Query("", description="one ward; left out, all"),
        start: str = Query("", alias="from", description="RFC 3339; by default a week before `to`"),
        end: str = Query("", alias="to", description="RFC 3339; by default now"),
    ) -> Response:
        """The alarms of a week by bed, rule and hour, against the budget and the week before."""
        return answer(await loads.load(ward, start, end))

    return router
