"""Scores of patients in every state, for tests of layout and screenshots."""

import dataclasses
from collections.abc import Iterator
from typing import ClassVar

from msgspec.structs import replace

from tests.web.scene import HEALTHY, Scene
from ward.clock import SECOND
from ward.config.config import Config
from ward.config.rule import DetectorParams, Rule, Scope
from ward.finding import Kind
from ward.score import BedScore, ScorePart
from ward.topics import BED_SCORES
from ward.wire import BED_SCORE_WIRE

UNKNOWN = "hdu-06"  # the bed of which no score is known
STALE = "hdu-02"  # the bed whose score is not sent any more


class ScoreParams(DetectorParams):
    """Parameters of a score of a bed."""

    output: ClassVar[str] = "news2"
    scopes: ClassVar[tuple[Scope, ...]] = ("bed",)


class RiskParams(ScoreParams):
    output: ClassVar[str] = "risk"


def scored(config: Config) -> Config:
    """A config with the rules of two scores."""
    rules = [
        Rule(name, name, (), Kind.PHYSIOLOGICAL, params, {}, label=label, scope="bed")
        for name, label, params in (("news2", "NEWS2", ScoreParams), ("risk", "Risk (experimental)", RiskParams))
    ]
    return dataclasses.replace(config, rules=(*config.rules, *rules))


def news2(
    scene: Scene, bed: str, total: float, *, oxygen: float | None = 0.0, old: bool = False, due: float = 3600
) -> BedScore:
    """NEWS2 of a bed. Without oxygen it is a lower bound; with `old` consciousness is too old. `due` in seconds."""
    now = scene.clock.now()
    whole = oxygen is not None and not old
    points = [3.0, 1.0, 2.0, 0.0, total - 6 if total > 6 else 0.0, 0.0, 0.0]
    names = ("respiratory_rate", "spo2", "oxygen", "systolic_bp", "heart_rate", "consciousness", "temperature")
    values = {**HEALTHY, "oxygen": oxygen, "consciousness": 0.0}
    parts = [
        ScorePart(
            signal=name, value=values[name], at=None if values[name] is None else now - 4 * SECOND,
            points=None if values[name] is None or (old and name == "consciousness") else own,
            too_old=old and name == "consciousness",
        )
        for name, own in zip(names, points, strict=True)
    ]  # fmt: skip
    text = (
        f"NEWS2 {total:.0f}: 3 for respiratory rate"
        if whole
        else f"NEWS2 at least {total:.0f}: 3 for respiratory rate; not known: oxygen"
    )
    return BedScore(
        rule="news2", name="news2", subject="", ward=bed[:3], bed=bed, patient=_patient(scene, bed),
        at=now, value=total if whole else None, at_least=total, highest=20.0, severity="medium" if total >= 5 else "",
        text=text, response="Urgent assessment by a clinician" if total >= 5 else "Routine observations", parts=parts,
        observed_until=None if oxygen is None else now + round(due * SECOND),
    )  # fmt: skip


def risk(scene: Scene, bed: str, value: float) -> BedScore:
    """The risk score of a bed."""
    now = scene.clock.now()
    own = {"respiratory_rate": 14.2, "shock_index": -3.1, "age": 7.4, "pulse_pressure": -0.2}
    known = {"respiratory_rate": 28.0, "shock_index": 0.62, "age": 84.0, "pulse_pressure": 42.0}
    parts = [ScorePart(signal=name, value=known[name], at=now, points=points) for name, points in own.items()]
    return BedScore(
        rule="risk", name="risk", subject="", ward=bed[:3], bed=bed, patient=_patient(scene, bed),
        at=now, value=value, at_least=value, highest=100.0, parts=parts,
        text="Risk score 58 of 100 (experimental): respiratory rate 28, rising: +14; age 84: +7",
        response="Experimental: assess the patient; decide nothing by this score alone",
    )  # fmt: skip


def _patient(scene: Scene, bed: str) -> str:
    return scene.live.config.inventory.patient(bed, scene.clock.now())


def send_scores(scene: Scene) -> None:
    """Scores of all beds but one, as the detectors send them every ten seconds."""
    records = [(f"{one.bed}/{one.rule}", BED_SCORE_WIRE.encode(one)) for one in _all(scene)]
    scene.log.send(BED_SCORES, records)


def _all(scene: Scene) -> Iterator[BedScore]:
    for n, bed in enumerate(scene.live.config.inventory.beds):
        if bed == UNKNOWN:
            continue
        kind = n % 4
        whole = news2(
            scene, bed, float(14 if n == 7 else n % 8), oxygen=None if kind == 1 else 0.0, old=kind == 2,
            due=-4 if n == 7 else -2100 if kind == 3 else 3600,
        )  # fmt: skip
        before = replace(whole, at=whole.at - 3 * 3600 * SECOND, at_least=max(0.0, whole.at_least - 2))
        if bed == STALE:
            whole = replace(whole, at=whole.at - 600 * SECOND)
        yield before
        yield whole
        yield risk(scene, bed, 40.0 + n)
