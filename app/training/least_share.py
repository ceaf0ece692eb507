"""Chooses the `share` of a rule by the false alerts that a person will bear."""

from collections.abc import Sequence

from app.training.held_out import evaluate
from app.training.series_means import SeriesMeans
from ward.clock import SECOND
from ward.config.model_file import ModelFile
from ward.errors import InputError
from ward.signals import Signal

# From the rule's default on: with a smaller share a single outlier, which is in nine courses of 30, could raise.
SHARES = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def least_share(series: Sequence[SeriesMeans], model: ModelFile, signal: Signal, most: float) -> float:
    """The smallest share with which at most so many alerts a device a day begin in the windows that the model was
    learned from, each evaluated by all others. Raises `InputError` where there are more with every share."""
    for share in SHARES:
        rate = _alerts_a_day(series, model, signal, share)
        if rate <= most:
            return share
    raise InputError(
        f"there are {rate:.2g} alerts a device a day in the windows themselves, even where all of the last courses "
        f"must be unusual, and {most:g} is the most that was asked for: its past is not healthy, or changes too much "
        "for a model"
    )


def _alerts_a_day(series: Sequence[SeriesMeans], model: ModelFile, signal: Signal, share: float) -> float:
    """Alerts a day: those of each window, by a model of the others."""
    alerts, days = 0, 0.0
    for window in model.windows:
        others = model.without(window)
        inside = [one.between(window.from_ / SECOND, window.until / SECOND) for one in series]
        found = evaluate(inside, others, signal, share)
        if found is not None:
            alerts += sum(found.alerts.values())
            days += found.days
    return alerts / days
