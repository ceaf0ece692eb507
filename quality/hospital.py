"""A simulated hospital: twenty beds for thirty days under the shipped rules, beside plain limits on the same readings.

Every scenario of a patient and every fault of a monitor happens many times, at beds and hours by chance. An episode is
found when a rule of its kind, about the patient or about the equipment, raises an alert while it lasts or within two
hours after it; an alert at any other time, or of the other kind, is false.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from statistics import median

from detectors.base.registry import detector_params
from quality.data import Progress
from quality.hospital_alerts import Hospital, Raised, raised
from quality.hospital_plan import DAY, DRIFT, DRIFT_BEGINS, DRIFT_TAKES, Episode, plan
from quality.row import Row
from quality.shipped import shipped_config
from simulators.devices.monitors_at_beds import monitors_at_beds
from simulators.faults import load_fault
from simulators.scenarios import load_scenario
from ward.clock import ManualClock, format_span
from ward.config.config import Config
from ward.config.rule import Rule
from ward.finding import Kind

PART = "Simulated hospital: twenty beds"
SEED = 30
DAYS, QUICK_DAYS = 30.0, 1.0
FALSE_WANTED = 0.1
PLAIN = "plain-"
# Limits that bedside monitors for adults come with; each alarm after 10 s beyond the limit, and over at once. That of
# the diastolic pressure, 90, is left out: healthy simulated patients cross it all the time.
PLAIN_LIMITS: Mapping[str, tuple[float, float]] = {
    "heart_rate": (50, 120), "systolic_bp": (90, 160), "spo2": (90, 101), "temperature": (36, 39),
    "respiratory_rate": (8, 30),
}  # fmt: skip
PLAIN_DELAY = "10s"
row = partial(Row, PART)


def rows(quick: bool, progress: Progress) -> Iterator[Row]:
    """False alerts a bed a day beside plain limits, and of each scenario and fault how many were found, and when."""
    config, days = with_plain_limits(shipped_config()), QUICK_DAYS if quick else DAYS
    monitors = monitors_at_beds(config.inventory, ManualClock().now())
    episodes = plan(days, len(monitors), SEED)
    progress(f"{len(monitors)} beds, {days:g} days, {len(episodes)} episodes, seed {SEED}")
    alerts = raised(Hospital(config, monitors, episodes, days, SEED, range(len(monitors))))
    ours = [one for one in alerts if not one.rule.startswith(PLAIN)]
    plain = [one for one in alerts if one.rule.startswith(PLAIN)]
    bed_days = days * len(monitors)
    yield from _load(ours, plain, episodes, bed_days)
    yield from _found(ours, episodes)
    if not any(episode.name == DRIFT for episode in episodes):
        least = (DRIFT_BEGINS + DRIFT_TAKES) / DAY
        yield row("Slow drift", "not planted", "", "", None, f"it takes a run of {least:.0f} days")


def with_plain_limits(config: Config) -> Config:
    """The config with a rule more for each plain limit, so that both see the same readings."""
    params = detector_params()["limits"]
    plain = [
        Rule(
            f"{PLAIN}{side}-{signal}", "limits", (signal,), Kind.PHYSIOLOGICAL, params,
            {"side": side, "medium": limit, "hysteresis": 0, "for": PLAIN_DELAY},
        )
        for signal, limits in PLAIN_LIMITS.items()
        for side, limit in zip(("low", "high"), limits, strict=True)
    ]  # fmt: skip
    return replace(config, rules=(*config.rules, *plain))


def owner(alert: Raised, episodes: Sequence[Episode]) -> Episode | None:
    """The episode that an alert belongs to: one at its bed and of its kind, at its time."""
    kind = {True: Kind.TECHNICAL, False: Kind.PHYSIOLOGICAL}
    return next(
        (e for e in episodes if e.bed == alert.bed and kind[e.fault] is alert.kind and e.begin <= alert.at < e.until),
        None,
    )


def first_alerts(alerts: Sequence[Raised], episodes: Sequence[Episode]) -> Mapping[Episode, float | None]:
    """For each episode the seconds from its begin to its first alert, None where there is none. A slow drift counts as
    found by its own rule alone, for it lasts so long that others raise alerts by chance."""
    found: dict[Episode, float | None] = dict.fromkeys(episodes)
    for alert in sorted(alerts, key=lambda one: one.at):
        episode = owner(alert, episodes)
        if episode is None or found[episode] is not None:
            continue
        if episode.name != DRIFT or alert.rule == "slow-drift":
            found[episode] = alert.at - episode.begin
    return found


def _load(
    ours: Sequence[Raised], plain: Sequence[Raised], episodes: Sequence[Episode], bed_days: float
) -> Iterator[Row]:
    false = [alert for alert in ours if owner(alert, episodes) is None]
    false_plain = [alert for alert in plain if owner(alert, episodes) is None]
    rate, rate_plain = len(false) / bed_days, len(false_plain) / bed_days
    most = ", ".join(f"{name} {count}" for name, count in Counter(one.rule for one in false).most_common(4))
    fewer = f"{100 * (1 - rate / rate_plain):.0f} % fewer than plain limits" if rate_plain else "plain limits have none"
    yield row(
        "false alerts a bed a day", f"{rate:.3f}", f"≤ {FALSE_WANTED}", f"plain limits {rate_plain:.3f}",
        rate <= FALSE_WANTED, f"{fewer}; {most}" if most else fewer,
    )  # fmt: skip
    about_patients = [alert for alert in ours if alert.kind is Kind.PHYSIOLOGICAL]
    both = len(about_patients) / bed_days, len(plain) / bed_days
    fewer = f"{100 * (1 - both[0] / both[1]):.0f} % fewer" if both[1] else ""
    yield row(
        "alerts about patients a bed a day, true and false", f"{both[0]:.2f}", "", f"plain limits {both[1]:.2f}", None,
        fewer,
    )  # fmt: skip
    patients = [episode for episode in episodes if not episode.fault]
    by_ours, by_plain = (_share(first_alerts(alerts, patients)) for alerts in (about_patients, plain))
    yield row("episodes of patients found", by_ours, "all", f"plain limits {by_plain}", None)


def _share(found: Mapping[Episode, float | None]) -> str:
    return f"{sum(delay is not None for delay in found.values())} of {len(found)}"


def _found(alerts: Sequence[Raised], episodes: Sequence[Episode]) -> Iterator[Row]:
    by_name: dict[tuple[bool, str], list[float | None]] = defaultdict(list)
    for episode, delay in first_alerts(alerts, episodes).items():
        by_name[episode.fault, episode.name].append(delay)
    for (fault, name), delays in sorted(by_name.items()):
        label = load_fault(name).label if fault else load_scenario(name).label
        known = sorted(delay for delay in delays if delay is not None)
        when = f", after {format_span(median(known))} (at most {format_span(known[-1])})" if known else ""
        yield row(label, f"{len(known)} of {len(delays)}{when}", "all", "", len(known) == len(delays))
