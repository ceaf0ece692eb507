"""The stays of the PhysioNet/CinC Challenge 2012, set a, as hourly means of six vital signs.

Only set a is read. Sets b and c are for whoever judges the score.
"""

import hashlib
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from detectors.base.columns import Floats
from detectors.scores.risk_course import VITALS
from quality.shipped import shipped_config

NAMES = {
    "HR": 0, "SysABP": 1, "NISysABP": 1, "DiasABP": 2, "NIDiasABP": 2, "SaO2": 3, "Temp": 4, "RespRate": 5,
}  # fmt: skip
HOURS = 48
# Ages above 89 are replaced by a number near 200 in such data, so that nobody is recognized by them.
OLDEST = 90.0


@dataclass(frozen=True)
class Stays:
    """Stays in the order of their numbers.

    `hourly` is (6, 48, n): the mean of each vital sign in each hour, NaN without a value; `age` in years, `died`
    whether in hospital, `saps` the SAPS-I score of the first day, NaN where not known. `sha256` is of the archive.
    """

    record: npt.NDArray[np.int64]
    hourly: Floats
    age: Floats
    died: npt.NDArray[np.bool_]
    saps: Floats
    sha256: str

    def __len__(self) -> int:
        return len(self.record)


def read_stays(folder: Path) -> Stays:
    """Read the archive of set a and its outcomes. Values outside the plausible ranges of our catalogue are left out."""
    archive = folder / "set-a.tar.gz"
    files = dict(_files(archive))
    record = np.array(sorted(files), dtype=np.int64)
    plausible = [shipped_config().catalogue[name].plausible for name in VITALS]
    means, ages = zip(*(hourly_means(files[number], plausible) for number in record.tolist()), strict=True)
    outcomes = np.genfromtxt(folder / "Outcomes-a.txt", delimiter=",", names=True)
    row = {int(number): i for i, number in enumerate(outcomes["RecordID"])}
    rows = outcomes[[row[number] for number in record.tolist()]]
    saps = rows["SAPSI"].astype(np.float64)
    return Stays(
        record, np.stack(means, axis=-1), np.array(ages), rows["Inhospital_death"] == 1,
        np.where(saps >= 0, saps, np.nan), hashlib.sha256(archive.read_bytes()).hexdigest(),
    )  # fmt: skip


def _files(archive: Path) -> Iterator[tuple[int, str]]:
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() and member.name.endswith(".txt"):
                found = tar.extractfile(member)
                assert found is not None
                yield int(Path(member.name).stem), found.read().decode()


def hourly_means(text: str, plausible: Sequence[Callable[[float], bool]]) -> tuple[Floats, float]:
    """The means of each hour (6, 48) and the age of one stay, from the text of its file.

    `plausible` says of each vital sign whether a value can be one of a living patient.
    """
    total, count, age = np.zeros((len(VITALS), HOURS)), np.zeros((len(VITALS), HOURS)), np.nan
    for line in text.splitlines()[1:]:
        time, name, value = line.split(",")
        if name == "Age" and float(value) > 0:
            age = min(float(value), OLDEST)
        elif (vital := NAMES.get(name)) is not None:
            hour, x = int(time.partition(":")[0]), float(value)
            if hour < HOURS and plausible[vital](x):
                total[vital, hour] += x
                count[vital, hour] += 1
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0), age
