"""Trains one model, and evaluates it on the time after its training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.training.held_out import HeldOut, evaluate
from app.training.least_share import least_share
from app.training.principal_components import fit_windows
from app.training.series_means import SeriesMeans, data_hash
from ward.clock import Micros, format_instant
from ward.config.model_file import FORMAT, ModelFile, with_hash
from ward.signals import Signal


@dataclass(frozen=True, slots=True)
class Asked:
    """How a model is trained: on means over `every` s, on `windows` spans of equal length, with courses of `lags`
    changes, of which the share `quantile` of each window is usual. `most` are the false alerts a device a day that a
    rule may raise, None where its share stays as it is."""

    signal: Signal
    every: float
    windows: int
    lags: int
    quantile: float
    by: str
    at: Micros
    most: float | None = None


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """The content of a model file; the edges of its spans in seconds, the last of which is held out; the share of its
    rule, None for the usual one; and what was found in what is held out, None where it has no course."""

    content: dict[str, Any]
    edges: Sequence[float]
    share: float | None
    held_out: HeldOut | None


def train(series: Sequence[SeriesMeans], start: float, end: float, asked: Asked) -> TrainedModel:
    """Train on all but the last of `windows` + 1 equal parts of [start, end), in seconds since 1970, and evaluate the
    last one. Raises `InputError` where there is too little to learn from."""
    edges = (np.round(np.linspace(start, end, asked.windows + 2) / asked.every) * asked.every).tolist()
    trained = [one.between(edges[0], edges[-2]) for one in series]
    windows = fit_windows(trained, edges[:-1], asked.lags, asked.every, asked.quantile)
    content = with_hash(
        {
            "format": FORMAT, "signal": asked.signal.name, "unit": asked.signal.unit, "every": f"{asked.every:g}s",
            "lags": asked.lags, "quantile": asked.quantile, "windows": windows, "data_hash": data_hash(trained),
            "trained_on": _described(trained), "trained_by": asked.by, "trained_at": format_instant(asked.at),
        }
    )  # fmt: skip
    model, later = ModelFile.model_validate(content), [one.between(edges[-2], edges[-1]) for one in series]
    share = None if asked.most is None else least_share(trained, model, asked.signal, asked.most)
    return TrainedModel(content, edges, share, evaluate(later, model, asked.signal, share))


def _described(series: Sequence[SeriesMeans]) -> str:
    names = [one.name for one in series if len(one.t)]
    shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    count = sum(len(one.t) for one in series)
    return f"{count} means of {len(names)} series: {shown}"[:200]
