"""Scores of patients, as schemas of the API."""

from ward.score import ScorePart
from web.model.bed_scores import ShownScore
from web.model.config_view import ConfigView
from web.model.score_history import ScoreTrend
from web.presentation.instants import rfc3339
from web.schemas import PartState, ScorePartSchema, ScoreSchema, ScoreTrendSchema


def score_schema(view: ConfigView, shown: ShownScore) -> ScoreSchema:
    """A score with its parts, each with the instant of its value: a page computes the ages."""
    score = shown.score
    return {
        "rule": score.rule, "name": score.name, "label": score_label(view, score.rule, score.name),
        "at": rfc3339(score.at), "current": shown.current, "value": score.value, "at_least": score.at_least,
        "highest": score.highest, "severity": score.severity, "text": score.text, "response": score.response,
        "observed_until": rfc3339(score.observed_until), "trend": _trend(shown.trend),
        "parts": [_part(view, part) for part in score.parts],
    }  # fmt: skip


def score_label(view: ConfigView, rule: str, name: str) -> str:
    """What a score is called: as the catalogue calls its signal, else as the config calls its rule."""
    known = view.catalogue.get(name)
    return known.label if known else view.rules.get(rule) or name


def _part(view: ConfigView, part: ScorePart) -> ScorePartSchema:
    signal, known = view.signal(part.signal), part.signal in view.catalogue
    label = signal.label if known else part.signal.replace("_", " ").capitalize()
    text = "" if part.value is None else signal.in_words(part.value) if known else f"{part.value:.4g}"
    state: PartState = "never" if part.value is None else "old" if part.too_old else "known"
    return {
        "signal": part.signal, "label": label, "value": part.value, "text": text,
        "at": rfc3339(part.at), "points": part.points, "state": state,
        "observed": signal.observed,
    }  # fmt: skip


def _trend(trend: ScoreTrend | None) -> ScoreTrendSchema | None:
    if trend is None:
        return None
    return {"since": rfc3339(trend.since), "before": trend.before, "direction": trend.direction}
