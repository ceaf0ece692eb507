"""What a model finds in the time after its training: an estimate of its false alerts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.detect.scorer import SeriesScorer
from app.training.series_means import SeriesMeans
from detectors.base.course_vectors import UsualCourses
from detectors.learned import Learned, LearnedParams
from ward.config.model_file import ModelFile
from ward.config.rule import Decision, ResolvedRule
from ward.signals import Signal

_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What was held out: how many courses there were, how many of them were unusual, the days of devices that the means
    are of, and the alerts of each device that had some."""

    courses: int
    unusual: int
    days: float
    alerts: dict[str, int]

    @property
    def alerts_a_day(self) -> float:
        """Alerts for each day of a device."""
        return sum(self.alerts.values()) / self.days

    @property
    def bounds(self) -> tuple[float, float]:
        """The exact 95 % confidence interval of alerts a day, where alerts come independently: Garwood, F. (1936),
        Fiducial limits for the Poisson distribution, Biometrika 28."""
        from statsmodels.stats.rates import confint_poisson

        low, high = confint_poisson(sum(self.alerts.values()), self.days, method="exact-c")
        return max(0.0, float(low)), float(high)


def evaluate(
    series: Sequence[SeriesMeans], model: ModelFile, signal: Signal, share: float | None = None
) -> HeldOut | None:
    """Evaluate means that the model was not trained on, with a rule that has nothing but the model, and its `share`
    where one is given; None where no series has a course there."""
    params = LearnedParams(model=model) if share is None else LearnedParams(model=model, share=share)
    vectors = np.concatenate([one.vectors(model.lags, model.every) for one in series], axis=1)
    if not vectors.shape[1]:
        return None
    unusual = int(UsualCourses.of(model.windows).unusual(vectors).sum())
    days = sum(len(one.t) for one in series) * model.every / _DAY
    alerts = {one.name: count for one in series if (count := _alerts(one, params, signal))}
    return HeldOut(vectors.shape[1], unusual, days, alerts)


def _alerts(one: SeriesMeans, params: LearnedParams, signal: Signal) -> int:
    """How many alerts begin. The values are means already: the decision takes none."""
    decision = Decision.model_validate({**Learned.params.defaults, "every": None})
    scorer = SeriesScorer(Learned(), ResolvedRule(decision, params), signal)
    alert = scorer.evaluate(one.x[None], one.t).alert
    return int((np.diff(alert.astype(np.int8), prepend=0) > 0).sum())
