"""The simulated hospital: what is planted, which alert belongs to what, and a short run."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from quality import hospital
from quality.hospital import first_alerts, owner, with_plain_limits
from quality.hospital_alerts import Hospital, Raised, raised_here
from quality.hospital_plan import DAY, DRIFT, HOUR, TAIL, Episode, plan, script, untreated
from quality.shipped import shipped_config
from simulators.devices.monitors_at_beds import monitors_at_beds
from simulators.faults import fault_names
from simulators.scenarios import scenario_names
from ward.clock import ManualClock
from ward.finding import Kind

ILL = Episode("fever", False, 2, 1000.0, 2000.0, 2000.0 + TAIL)
BROKEN = Episode("probe_off", True, 2, 60_000.0, 61_000.0, 61_000.0 + TAIL)
MONITORS = monitors_at_beds(shipped_config().inventory, ManualClock().now())
LAST = untreated()
DRIFTS = Episode(DRIFT, True, 5, 0.0, 9e6, 9e6)


def raised(at: float, kind: Kind = Kind.PHYSIOLOGICAL, bed: int = 2, rule: str = "fever") -> Raised:
    return Raised(rule, kind, bed, at)


def test_every_scenario_and_fault_is_planted_and_no_two_at_one_time() -> None:
    episodes = plan(30, 20, seed=1)
    assert {e.name for e in episodes} == {*scenario_names(), *fault_names()} - {"healthy"}
    assert all(0 <= e.begin < e.end <= e.until <= 30 * DAY for e in episodes)
    for bed in range(20):
        of_bed = [e for e in episodes if e.bed == bed]
        assert all(a.until + HOUR <= b.begin for a, b in pairwise(of_bed)), bed
        assert [e.name for e in of_bed if e.name in LAST] in ([], [of_bed[-1].name])
    assert [e.bed for e in episodes if e.name == DRIFT] == [19]
    assert episodes == plan(30, 20, seed=1)
    assert episodes != plan(30, 20, seed=2)


def test_patients_who_stay_ill_are_those_whose_last_influence_is_the_strongest() -> None:
    assert set(LAST) == {"sepsis", "hidden_bleeding", "pneumonia"}


def test_a_short_run_has_no_drift_and_the_script_has_the_rest() -> None:
    episodes = plan(2, 20, seed=1)
    assert DRIFT not in {e.name for e in episodes}
    made = script(episodes, MONITORS, seed=4)
    assert made.seed == 4
    assert len(made.scenarios) + len(made.faults) == len(episodes)
    first = next(e for e in episodes if not e.fault)
    assert made.scenarios[0].at == pytest.approx(first.begin, abs=1)
    assert made.scenarios[0].bed == MONITORS[first.bed].bed


@pytest.mark.parametrize(("alert", "wanted"), [
    (raised(1500), ILL),
    (raised(2000 + TAIL - 1), ILL),
    (raised(2000 + TAIL), None),
    (raised(999), None),
    (raised(1500, bed=3), None),
    (raised(1500, Kind.TECHNICAL), None),
    (raised(60_500, Kind.TECHNICAL), BROKEN),
    (raised(60_500), None),
])  # fmt: skip
def test_an_alert_belongs_to_the_episode_of_its_bed_kind_and_time(alert: Raised, wanted: Episode | None) -> None:
    assert owner(alert, [ILL, BROKEN]) is wanted


def test_an_episode_is_found_by_its_first_alert_and_a_drift_by_its_own_rule() -> None:
    alerts = [raised(1800), raised(1300), raised(100, Kind.TECHNICAL, 5, "artefacts")]
    assert first_alerts(alerts, [ILL, BROKEN, DRIFTS]) == {ILL: 300.0, BROKEN: None, DRIFTS: None}
    alerts.append(raised(500, Kind.TECHNICAL, 5, "slow-drift"))
    assert first_alerts(alerts, [ILL, BROKEN, DRIFTS])[DRIFTS] == 500


def test_the_table_counts_what_is_false_and_what_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def alerts(planned: Hospital) -> Iterator[Raised]:
        first = next(e for e in planned.episodes if not e.fault)
        yield raised(first.begin + 30, bed=first.bed, rule="fever")
        yield from (raised(first.begin - 30, bed=first.bed, rule=rule) for rule in ("fever", "plain-low-spo2"))
        yield from (raised(first.begin - 20, bed=first.bed, rule="plain-low-spo2") for _ in range(3))

    monkeypatch.setattr(hospital, "raised", lambda planned: list(alerts(planned)))
    table = {row.what: row for row in hospital.rows(True, lambda _: None)}
    false = table["false alerts a bed a day"]
    assert (false.ours, false.published, false.met) == ("0.050", "plain limits 0.200", True)
    assert false.note.startswith("75 % fewer than plain limits; fever 1")
    assert table["episodes of patients found"].ours.startswith("1 of ")
    assert sum(row.met is False for row in table.values()) >= 10
    assert table["Slow drift"].met is None


def planned(episode: Episode, seconds: float) -> Hospital:
    return Hospital(with_plain_limits(shipped_config()), MONITORS, [episode], seconds / DAY, 30, range(len(MONITORS)))


def raised_by(episode: Episode, seconds: float) -> list[Raised]:
    """The alerts of the first half of the beds."""
    return [one for _, some in raised_here(planned(episode, seconds).part(0, 2)) for one in some]


def test_each_bed_is_in_one_part_with_its_monitor_and_what_is_no_monitor_in_all() -> None:
    whole = planned(ILL, 60)
    parts = [whole.part(number, 3) for number in range(3)]
    assert [bed for part in parts for bed in part.beds] == list(whole.beds)
    devices = [set(part.inventory().devices) for part in parts]
    monitors = {monitor.device for monitor in MONITORS}
    assert sorted(device for part in devices for device in part & monitors) == sorted(monitors)
    assert all(part - monitors == set(whole.config.inventory.devices) - monitors for part in devices)


def test_a_probe_that_comes_off_is_found_through_bridge_and_detectors() -> None:
    found = raised_by(Episode("probe_off", True, 3, 300.0, 480.0, 900.0), 600)
    assert [(one.rule, one.bed) for one in found] == [("signal-missing", 3)]
    assert 310 < found[0].at < 325


def test_a_score_of_a_patient_is_found_through_both_stages_of_detection() -> None:
    found = raised_by(Episode("hypoxic_episode", False, 3, 60.0, 240.0, 900.0), 240)
    assert [one.bed for one in found if one.rule == "news2"] == [3]
