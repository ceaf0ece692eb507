"""Scores of patients, as schemas of the API."""

from web.model.bed_scores import ShownScore
from web.model.config_view import ConfigView
from web.presentation.instants import rfc3339
from web.schemas import ScoreSchema


def score_schema(view: ConfigView, shown: ShownScore) -> ScoreSchema:
    """A score with its parts, each with the instant of its value: a page computes the ages."""
    score = shown.score
    return {
        "rule": score.rule, "name": score.name, "label": view.signal(score.name).label,
        "at": rfc3339(score.at), "current": shown.current, "value": score.value, "at_least": score.at_least,
        "highest": score.highest, "severity": score.severity, "text": score.text, "response": score.response,
        "observed_until": rfc3339(score.observed_until),
        "parts": [
            {
                "signal": part.signal, "label": view.signal(part.signal).label, "value": part.value,
                "at": rfc3339(part.at), "points": part.points,
            }
            for part in score.parts
        ],
    }  # fmt: skip
