"""Tiles, as schemas of the API."""

from web.board.tile import Tile
from web.model.now import Now
from web.model.read_model import ReadModel
from web.presentation.alerts import alert_schema
from web.presentation.instants import rfc3339
from web.presentation.scores import score_label, score_schema
from web.presentation.signals import value_schema
from web.schemas import TileSchema


def tile_schema(model: ReadModel, tile: Tile, now: Now) -> TileSchema:
    """A bed, or an unassigned device."""
    view = model.config_view
    return {
        "id": tile.id, "label": tile.label, "ward": tile.ward,
        "patient": tile.patient, "patient_since": rfc3339(tile.patient_since),
        "priority": str(tile.priority), "severity": str(tile.severity or ""),
        "data": tile.data, "data_since": rfc3339(tile.data_since),
        "evaluated": tile.evaluated.current, "evaluated_until": rfc3339(tile.evaluated.until),
        "lost": [{"signal": lost.signal, "label": lost.label, "since": rfc3339(lost.since)} for lost in tile.lost],
        "devices": list(tile.devices), "values": [value_schema(view, value) for value in tile.values],
        "scores": [score_schema(view, shown) for shown in tile.scores],
        "unknown_scores": [
            {"rule": rule.name, "name": rule.params.output, "label": score_label(view, rule.name, rule.params.output)}
            for rule in tile.unknown_scores
        ],
        "alerts": [alert_schema(model, alert, now) for alert in tile.alerts],
    }  # fmt: skip
