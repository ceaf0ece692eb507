"""The alerts of the shipped rules on two recordings of real patients from MIMIC, each with a comment.

One value a minute; the rules are those of the shipped config, with the periods of its devices made longer. The
recordings have no labels: a person has looked at the values around each alert and says what it is.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from app.simulated_past.longer_periods import with_longer_periods
from quality.bedside import findings, seconds
from quality.data import Progress
from quality.row import Row
from quality.shipped import shipped_config
from simulators import recordings
from simulators.recordings.recording import read_recording
from ward.finding import Finding, Transition

PART = "Recordings of two patients: MIMIC"
EVERY = 60.0
FILES = "*.csv"
STABLE, DYING = "s00001", "s25047"
# What each kind of alert is, by the values around it.
COMMENTS: Mapping[tuple[str, str], str] = {
    (STABLE, "bradypnoea"): "true by the values: 6 to 9 a minute for minutes, again and again, at SpO2 of 92 to 100 %; "
    "too many for what it says: a lower limit or a longer delay would suit this patient",
    (STABLE, "signal-missing"): "true: the probe is off, once for three hours and once for one; and twice after the "
    "monitor itself was away",
    (STABLE, "device-silent"): "true: the monitor gives no value at all, twice in two parts",
    (DYING, "hypotension"): "true: systolic pressure of 74 and falling to 40, the patient deteriorates",
    (DYING, "diastolic_hypotension"): "the pressure is that low, though values of 10 to 18 may be the cuff's",
    (DYING, "desaturation"): "true at 36 to 43 %, or a probe that does not read at this pressure: either needs a look",
    (DYING, "bradypnoea"): "true: 6 and 7 a minute between fast breathing",
    (DYING, "tachypnoea"): "true: 29 to 46 a minute",
    (DYING, "news2"): "true: systolic pressure of 74 with 24 breaths at minute 8, of 45 at minute 33: seven minutes "
    "before breathing and SpO2 fall; oxygen, consciousness and temperature are not in the recording",
    (DYING, "qsofa"): "true by the two parts that are known: 23.5 breaths, and a systolic pressure of 88 six minutes "
    "before; consciousness is not in the recording",
    (DYING, "shock-index"): "true at minute 10: 68 beats at a systolic pressure of 74 three minutes before; at minute "
    "35 after a pressure of 45, of which the next one, 151, says that it may be the cuff's",
    (DYING, "signal-missing"): "true: no heart rate for the last 26 minutes",
}  # fmt: skip
row = partial(Row, PART)


def rows(quick: bool, progress: Progress) -> Iterator[Row]:
    """For each recording and rule how many alerts there were, when, and what they are."""
    config = with_longer_periods(shipped_config(), EVERY, {})
    for path in sorted(Path(recordings.__path__[0]).glob(FILES)):
        recording = read_recording(path)
        name = recording.name.partition("-")[0]
        progress(f"{name}: {recording.lasts / 60:.0f} min")
        samples = [(sample.t, sample.values) for sample in recording.samples if sample.values]
        raised = [f for f in findings(config, samples, name, len(samples)) if f.transition is Transition.RAISED]
        hours = recording.lasts / 3600
        yield row(f"{name}: alerts in {hours:.1f} h", f"{len(raised)}", "", "", None, "each below")
        yield from _by_rule(name, raised)


def _by_rule(name: str, raised: Sequence[Finding]) -> Iterator[Row]:
    by_rule: dict[str, list[Finding]] = defaultdict(list)
    for finding in raised:
        by_rule[finding.rule].append(finding)
    for rule, found in sorted(by_rule.items()):
        comment = COMMENTS.get((name, rule))
        times = ", ".join(f"{seconds(finding.received_at) / 60:.0f}" for finding in found)
        what, first = f"{name}: {rule}, {len(found)} times", f"at minute {times}; the first: {found[0].text}"
        yield row(what, first, "a comment", "", comment is not None, comment or "nobody has looked at this alert")
