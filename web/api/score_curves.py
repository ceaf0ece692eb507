"""The course of the scores of a bed, from the store."""

from fastapi import APIRouter, Query, Response

from ward.clock import Micros
from ward.ports import Store
from web.api.bounded_call import BoundedCall
from web.api.params import bed_of, every_of, span_of
from web.api.responses import ERRORS, answer
from web.dependencies import Dependencies
from web.model.config_view import ConfigView
from web.model.now import Now
from web.presentation.instants import rfc3339
from web.presentation.scores import score_label
from web.schemas import ScoreCurveSchema, ScoreCurvesSchema

_DAY = 86_400.0  # seconds


def make_score_curves(deps: Dependencies, store: BoundedCall) -> APIRouter:
    """The route of the scores of a bed over time."""
    router = APIRouter(prefix="/api/v1", tags=["beds"], responses=ERRORS)

    @router.get("/beds/{bed}/scores", response_model=ScoreCurvesSchema)
    async def scores(
        bed: str,
        start: str = Query("", alias="from", description="RFC 3339; by default 24 h before `to`"),
        end: str = Query("", alias="to", description="RFC 3339; by default now"),
        every: str = Query("", description="bucket width such as 10m; one a minute without it"),
    ) -> Response:
        """The scores of the patient in a bed over time: where parts were not known, only what it was at least."""
        view = deps.model.config_view
        bed_of(view, bed)
        width, (first, until) = every_of(every), span_of(start, end, deps.clock.now(), _DAY)
        stay = view.places.stay(bed, deps.clock.now())
        first = min(until, max(first, stay.span.since or 0)) if stay else first
        rules = _rules(deps, bed)
        found = await store.call(lambda: [_curve(deps.store, view, bed, *rule, first, until, width) for rule in rules])
        schema: ScoreCurvesSchema = {
            "at": rfc3339(deps.clock.now()), "start": rfc3339(first), "end": rfc3339(until), "every": width,
            "scores": found,
        }  # fmt: skip
        return answer(schema)

    return router


def _rules(deps: Dependencies, bed: str) -> list[tuple[str, str]]:
    """The rules with a score at a bed, and what their scores are called."""
    model, now = deps.model, Now.of(deps.clock)
    with model.lock:
        stay = model.config_view.places.stay(bed, now.wall)
        shown = model.scores.of(bed, stay.patient if stay else "", model.config_view.rules, now)
    return [(one.score.rule, one.score.name) for one in shown]


def _curve(
    store: Store, view: ConfigView, bed: str, rule: str, name: str, start: Micros, end: Micros, every: float | None
) -> ScoreCurveSchema:
    where = {"bed": bed, "rule": rule}
    least = store.query_range("scores", "at_least", where, start, end, every) if start < end else None
    whole = store.query_range("scores", "value", where, start, end, every) if start < end else None
    values = dict(zip(whole.at, whole.high, strict=True)) if whole else {}
    return {
        "rule": rule, "name": name, "label": score_label(view, rule, name),
        "at": [rfc3339(at) for at in least.at] if least else [], "at_least": list(least.high) if least else [],
        "value": [values.get(at) for at in least.at] if least else [],
    }  # fmt: skip
