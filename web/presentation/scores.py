"""Scores of patients, as schemas of the API."""

from ward.clock import Micros
from ward.score import ScorePart
from ward.text_template import TextKind, TextTemplate
from web.board.tile import Tile
from web.model.bed_scores import ShownScore
from web.model.config_view import ConfigView
from web.model.score_history import ScoreTrend
from web.presentation.instants import rfc3339
from web.schemas import PartState, ScorePartSchema, ScoreSchema, ScoreTrendSchema

WHOLE = TextTemplate(TextKind.NOTE, "{label} {points}", label="NEWS2", points="5")
LOWER_BOUND = TextTemplate(TextKind.NOTE, "{label} ≥ {points}", label="NEWS2", points="4")
NOTHING_KNOWN = TextTemplate(TextKind.NOTE, "{label} –", label="NEWS2")
NOT_NOW = TextTemplate(TextKind.NOTE, "{score} (not evaluated now)", score="NEWS2 5")
RISING = TextTemplate(TextKind.NOTE, "{score}, rising", score="NEWS2 5")
FALLING = TextTemplate(TextKind.NOTE, "{score}, falling", score="NEWS2 5")
OVERDUE = TextTemplate(TextKind.NOTE, "{score}, observation overdue", score="NEWS2 ≥ 4")


def score_text(view: ConfigView, tile: Tile, at: Micros) -> str:
    """The first score of a bed in a few words; empty where no rule gives it one."""
    if not tile.scores:
        first = next(iter(tile.unknown_scores), None)
        return NOTHING_KNOWN(label=score_label(view, first.name, first.params.output)) if first else ""
    shown = tile.scores[0]
    score, label = shown.score, score_label(view, shown.score.rule, shown.score.name)
    bound = WHOLE if score.value is not None else LOWER_BOUND
    points = view.signal(score.name).show(score.at_least if score.value is None else score.value)
    text = bound(label=label, points=points)
    if not shown.current:
        return NOT_NOW(score=text)
    direction = shown.trend.direction if shown.trend else "steady"
    text = {"rising": RISING, "falling": FALLING}[direction](score=text) if direction != "steady" else text
    late = score.observed_until is not None and score.observed_until < at
    return OVERDUE(score=text) if late else text


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
