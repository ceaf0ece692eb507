"""Trains the shipped risk score anew: `python -m quality.train_risk` writes detectors/scores/risk_model.json."""

import json
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from detectors.scores.risk_points import AVERAGE, FEATURES, PER_DOUBLING, SHIPPED, RiskPoints
from quality import data
from quality.additive_logistic import Penalty
from quality.calibration import auroc
from quality.physionet_stays import Stays, read_stays
from quality.risk_training import FOLDS, LANDMARKS, PENALTIES, WEIGHTS, choose, folds, known_at, learn

SEED = 2012
ABOUT = "Experimental: death in hospital after intensive care, from vital signs and age. Never decide by it alone."


def main() -> int:
    """Train on all stays of set a, and write the model."""
    folder = data.folder("physionet2012")
    if folder is None:
        print(f"the data set physionet2012 is absent: set {data.SETTING}", file=sys.stderr)
        return 1
    stays = read_stays(folder)
    known, every = known_at(stays), np.arange(len(stays))
    learned = learn(known, stays, every, SEED, PENALTIES)
    unseen = choose(known, stays, every, SEED, [learned.penalty]).unseen
    by_fold = [round(auroc(unseen[rows], stays.died[rows]), 4) for _, rows in folds(stays, FOLDS, SEED)]
    text = as_json(learned.points, learned.penalty, stays, by_fold)
    SHIPPED.write_text(text, encoding="utf-8")
    print(f"{SHIPPED.name}: {len(stays)} stays, {stays.died.sum()} deaths, AUROC of the folds {by_fold}")
    return 0


def as_json(points: RiskPoints, penalty: Penalty, stays: Stays, by_fold: Sequence[float]) -> str:
    """The file of a model: its origin, its calibration, and the bands with their points, one feature a line."""
    head: dict[str, Any] = {
        "about": ABOUT,
        "data": {
            "name": "PhysioNet/CinC Challenge 2012, set a", "sha256": stays.sha256, "stays": len(stays),
            "deaths": int(stays.died.sum()),
        },
        "trained": {
            "hours": LANDMARKS, "weights": WEIGHTS, "smooth": penalty.smooth, "shrink": penalty.shrink, "seed": SEED,
            "auroc_by_fold": list(by_fold),
        },
        "points": {"average": AVERAGE, "per_doubling_of_odds": PER_DOUBLING},
        "calibration": {"intercept": round(points.intercept, 5), "slope": round(points.slope, 6)},
    }  # fmt: skip
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    features = [
        json.dumps({"name": name, "edges": edges.tolist(), "not_known": values[0], "points": values[1:].tolist()})
        for name, edges, values in zip(FEATURES, points.edges, points.points, strict=True)
    ]
    return "\n".join(["{", *lines, '  "features": [', ",\n".join(f"    {one}" for one in features), "  ]", "}", ""])


if __name__ == "__main__":
    sys.exit(main())
