"""Irregular intervals do no harm: pressures of the eICU demo, measured by cuffs whenever somebody pressed a button.

Between two measurements a pressure is not known, and a rule without delays holds on the last one. So its findings must
be the same on the irregular values as on the last value repeated each minute. With all shipped rules and their delays,
where this need not be so, nothing may fail, no number may be other than finite, and one reading at a time must give
what all at once give.
"""

import csv
import gzip
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice, pairwise
from pathlib import Path

from app.simulated_past.longer_periods import with_longer_periods
from quality import data
from quality.bedside import Sample, findings
from quality.data import Progress
from quality.row import Row
from quality.shipped import shipped_config
from ward.config.config import Config
from ward.config.rule import Rule
from ward.finding import Finding

PART = "Irregular intervals: eICU demo"
COLUMNS = {"noninvasivesystolic": "systolic_bp", "noninvasivediastolic": "diastolic_bp"}
MINUTE = 60.0
# The longest usual distance between two pressures of a cuff.
EVERY = 3600.0
STAYS, QUICK_STAYS = 150, 15
FEWEST = 10  # measurements of a stay
ALL = 1_000_000_000
row = partial(Row, PART)


def rows(quick: bool, progress: Progress) -> Iterator[Row]:
    """Whether findings are the same on irregular values and on repeated ones, and whether anything fails."""
    folder = data.folder("eicu_demo")
    if folder is None:
        yield from data.absent(PART, "findings that differ from those of regular values", "eicu_demo", "none")
        return
    stays = _stays(folder / "vitalAperiodic.csv.gz", QUICK_STAYS if quick else STAYS)
    gaps = sorted(b[0] - a[0] for stay in stays for a, b in pairwise(stay))
    progress(f"{len(stays)} stays, {sum(map(len, stays))} measurements")
    tenths = f"{gaps[len(gaps) // 10] / MINUTE:.0f} to {gaps[9 * len(gaps) // 10] / MINUTE:.0f} min"
    yield row(
        "stays, measurements", f"{len(stays)}, {len(gaps) + len(stays)}", "", "", None, f"8 of 10 gaps are {tenths}"
    )
    yield _repeated(stays, progress)
    yield from _shipped(stays, progress)


def without_delays(config: Config) -> Config:
    """The config with its limits of blood pressures alone, each in force and over at once."""
    return replace(config, rules=tuple(_at_once(rule) for rule in config.rules if _is_limit(rule)))


def each_minute(stay: Sequence[Sample]) -> Iterator[Sample]:
    """The last values each minute from the first measurement to the last."""
    for (t, values), (until, _) in pairwise(stay):
        for minute in range(round(t / MINUTE), round(until / MINUTE)):
            yield minute * MINUTE, values
    yield stay[-1]


def _repeated(stays: Sequence[Sequence[Sample]], progress: Progress) -> Row:
    config, count, differ = with_longer_periods(without_delays(shipped_config()), EVERY, {}), 0, 0
    for number, stay in enumerate(stays):
        irregular = [_essence(finding) for finding in findings(config, stay, "cuff", ALL)]
        regular = [_essence(finding) for finding in findings(config, list(each_minute(stay)), "cuff", ALL)]
        count += len(irregular)
        differ += len(set(irregular) ^ set(regular))
        if number % 100 == 99:
            progress(f"{number + 1} stays compared")
    what = "limits: findings that differ from those of the last value each minute"
    return row(what, f"{differ} of {count}", "none", "", differ == 0 and count > 0, "limits without their delays")


def _shipped(stays: Sequence[Sequence[Sample]], progress: Progress) -> Iterator[Row]:
    config, count, differ, not_finite = with_longer_periods(shipped_config(), EVERY, {}), 0, 0, 0
    for stay in stays:
        together, alone = (list(findings(config, stay, "cuff", size)) for size in (ALL, 1))
        count += len(together)
        differ += len(set(map(_essence, together)) ^ set(map(_essence, alone)))
        not_finite += sum(not math.isfinite(x) for f in together for x in (f.value, f.worst) if x is not None)
    progress("all shipped rules done")
    what = "all shipped rules: findings that differ one reading at a time"
    yield row(what, f"{differ} of {count}", "none", "", differ == 0 and count > 0)
    note = "the first detector that fails ends this part with its error"
    yield row("numbers of findings that are not finite", f"{not_finite}", "none", "", not_finite == 0, note)


def _essence(finding: Finding) -> tuple[object, ...]:
    return finding.rule, finding.signal, finding.transition, finding.severity, finding.onset, finding.at, finding.text


def _is_limit(rule: Rule) -> bool:
    return rule.detector == "limits" and bool(set(rule.signals) & set(COLUMNS.values()))


def _at_once(rule: Rule) -> Rule:
    return replace(rule, settings={**rule.settings, "for": "0s", "keep_firing_for": "0s"}, overrides=())


def _stays(path: Path, most: int) -> list[list[Sample]]:
    """The first stays with enough measurements, each in order of time."""
    found: dict[str, dict[float, dict[str, float]]] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            values = {name: float(line[column]) for column, name in COLUMNS.items() if line[column]}
            t = MINUTE * float(line["observationoffset"])
            if values and t >= 0:
                found.setdefault(line["patientunitstayid"], {}).setdefault(t, {}).update(values)
    enough: Iterator[list[Sample]] = (sorted(stay.items()) for _, stay in sorted(found.items()) if len(stay) >= FEWEST)
    return list(islice(enough, most))
